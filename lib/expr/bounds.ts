/**
 * Bounds: which subscripts have to be checked once arrays are bound.
 *
 * A bare index over all of its axis never fails. Everything else is a bound: labels,
 * constants, affine forms, indices with an extent from elsewhere. A bound reads
 * inputs only where that is possible, so it can be checked before anything is computed.
 */
import type { SubscriptUse } from "./elaborate.ts";
import { axisExtent } from "./extent.ts";
import type { Agreement, Extents } from "./infer-extents.ts";
import { conjoin, conjuncts } from "./nested-reduction.ts";
import { at, children, freeIndices, index, rebuild, type Expr, type Index } from "./node.ts";
import { writtenSize } from "./parts.ts";
import type { Bound, Definition } from "./program.ts";
import { fresh, instance } from "./substitute.ts";

export function bounds(
  definitions: readonly Definition[],
  subscripts: readonly SubscriptUse[],
  extents: Extents,
): readonly Bound[] {
  const inline = new Inlined(definitions);
  const found = subscripts.flatMap((use) => {
    const bound = boundOf(use, inline, extents);
    return bound === undefined ? [] : [bound];
  });
  return distinct([...found, ...extents.agreements.map(agreementBound)]);
}

function boundOf(use: SubscriptUse, inline: Inlined, extents: Extents): Bound | undefined {
  const { array, axis, place } = use;
  const extent = extents.ofAxis(array, axis);
  const subscript = withoutPositions(inline.expr(use.subscript));
  if (subscript.kind === "index" && subscript.index.extent === extent) return undefined;
  const { over, guard } = guardOf(subscript, use.guards.flatMap(conjuncts), inline);
  return { array, axis, subscript, over, guard, extent, place };
}

/** The window's own range has to be inside of the axis that fixed the index: else reads would be left out. */
function agreementBound({ variable, window, array, axis, place }: Agreement): Bound {
  const over = index(variable.name, window);
  return {
    array,
    axis,
    subscript: at(over),
    over: [over],
    guard: undefined,
    extent: axisExtent(array, axis),
    place,
  };
}

/**
 * The conditions that bear on a subscript: those on its own indices, and those that tie its
 * indices to others. `j != y[i]` is left out for y[i]: a j that differs exists but for a single class.
 */
function guardOf(
  subscript: Expr,
  conditions: readonly Expr[],
  inline: Inlined,
): { over: readonly Index[]; guard: Expr | undefined } {
  const over = new Set(freeIndices(subscript));
  const waiting = new Set(conditions.map((c) => inline.expr(c)).filter((c) => inline.isOfInputs(c)));
  const kept: Expr[] = [];
  let grown: boolean;
  do {
    grown = false;
    for (const c of waiting) {
      const free = freeIndices(c);
      const own = free.every((i) => over.has(i));
      const tied = free.some((i) => over.has(i)) && isOfIntegers(c) && !excludesOneValue(c);
      if (!own && !tied) continue;
      waiting.delete(c);
      kept.push(c);
      for (const i of free) over.add(i);
      grown = true;
    }
  } while (grown);
  return { over: [...over], guard: conjoin(kept) };
}

const excludesOneValue = (c: Expr): boolean => c.kind === "apply" && c.op === "ne";

const isOfIntegers = (c: Expr): boolean =>
  (c.type === "bool" || c.type === "int") && children(c).every(isOfIntegers);

/** The position of an extremum is data, but always in the range of its index: any value of that stands for it. */
function withoutPositions(e: Expr): Expr {
  const taken = new Set(freeIndices(e).map((i) => i.name));
  const go = (e: Expr): Expr => {
    if (e.kind !== "reduce" || (e.op !== "argmax" && e.op !== "argmin")) return rebuild(e, go);
    const position = fresh(e.over.name, e.over.extent, taken);
    taken.add(position.name);
    return at(position);
  };
  return go(e);
}

/** How large a definition may be to be put in, counted as it would be written; else its read stays. */
const largestInlined = 500;

/** Definitions of integers and conditions, put in where they are read. */
class Inlined {
  readonly #definitions = new Map<string, Definition>();
  readonly #bodies = new Map<string, Expr>();

  constructor(definitions: readonly Definition[]) {
    for (const d of definitions) {
      this.#definitions.set(d.name, d);
      if (d.body.type === "real") continue;
      // In this order no body waits for another, however long the chain.
      const body = this.expr(d.body);
      if (writtenSize(body) <= largestInlined) this.#bodies.set(d.name, body);
    }
  }

  expr(e: Expr): Expr {
    const rebuilt = rebuild(e, (child) => this.expr(child));
    if (rebuilt.kind !== "read") return rebuilt;
    const body = this.#bodies.get(rebuilt.name);
    if (body === undefined) return rebuilt;
    const indices = this.#definitions.get(rebuilt.name)!.indices;
    return instance({ indices, body }, rebuilt.at);
  }

  /** Whether `e` reads no definitions; and no reals under a binder, which would cost more than a look. */
  isOfInputs(e: Expr): boolean {
    if (e.kind === "read" && this.#definitions.has(e.name)) return false;
    if (e.kind === "reduce" && !isOfIntegers(e)) return false;
    return children(e).every((child) => this.isOfInputs(child));
  }
}

/** Each bound once; one that holds always makes the same one under a guard needless. */
function distinct(all: readonly Bound[]): readonly Bound[] {
  const always = new Set(all.filter((b) => b.guard === undefined).map(subject));
  const seen = new Set<string>();
  return all.filter((b) => {
    if (b.guard !== undefined && always.has(subject(b))) return false;
    const key = `${subject(b)} ${b.guard?.id}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

const subject = (b: Bound): string => `${b.array} ${b.axis} ${b.subscript.id}`;
