/**
 * Which indices a text would leave without an extent.
 *
 * Most extents follow from the arrays that an index subscripts. Gradients may read less than the
 * loss did, and simplification takes out guards that always hold: what is left then needs a bound,
 * `dz[i < extent(z, 0)] = …`, `sum(r < 3, …)`, to be read back as it was meant.
 */
import { extentKey, type Extent } from "../expr/extent.ts";
import { conjuncts } from "../expr/nested-reduction.ts";
import { children, type Expr, type Index, type Node } from "../expr/node.ts";
import type { Definition } from "../expr/program.ts";
import type { AxisOf } from "./written-size.ts";

export interface Untold {
  /** The indices on left-hand sides, by the definition. */
  readonly left: ReadonlyMap<Definition, ReadonlySet<Index>>;
  readonly reductions: ReadonlySet<Node<"reduce">>;
}

/** The extents of an input's axes, where they are known. */
export type Shapes = ReadonlyMap<string, readonly Extent[]>;

/** `axisOf` tells the axes that the text may name. */
export function untold(
  definitions: readonly Definition[],
  shapes: Shapes,
  axisOf: AxisOf = () => undefined,
): Untold {
  const search = new Search(definitions, shapes, axisOf);
  const left = new Map(definitions.map((d) => [d, new Set<Index>()]));
  const reductions = new Set<Node<"reduce">>();
  for (const binder of search.untold()) {
    if (binder.by.kind === "reduce") reductions.add(binder.by);
    else left.get(binder.by.definition)!.add(binder.index);
  }
  return { left, reductions };
}

/** The reductions of one expression, whose free indices are told around it. */
export const untoldIn = (e: Expr): ReadonlySet<Node<"reduce">> =>
  untold([{ name: "", indices: [], body: e }], new Map()).reductions;

type By = Node<"reduce"> | { readonly kind: "left"; readonly definition: Definition };

/** An index at the place that binds it. */
interface Binder {
  readonly by: By;
  readonly index: Index;
  told: boolean;
  /** Those with the same extent if this has it: axes of definitions and what subscripts them. */
  readonly tied: Binder[];
}

type Scope = ReadonlyMap<Index, Binder>;

/** How many nodes are looked at: as many as are written. */
const mostNodes = 10_000;

class Search {
  readonly #shapes: Shapes;
  readonly #axisOf: AxisOf;
  readonly #binders: Binder[] = [];
  readonly #axes = new Map<string, readonly Binder[]>();
  readonly #reductions = new Map<Node<"reduce">, Binder>();
  readonly #seen = new Map<Scope, Set<Expr>>();
  #left = mostNodes;

  constructor(definitions: readonly Definition[], shapes: Shapes, axisOf: AxisOf) {
    this.#shapes = shapes;
    this.#axisOf = axisOf;
    for (const d of definitions) {
      const axes = d.indices.map((index) => this.#bind({ kind: "left", definition: d }, index));
      this.#visit(d.body, new Map(axes.map((binder) => [binder.index, binder])));
      this.#axes.set(d.name, axes);
    }
  }

  /** Those that need a bound: the first that nothing tells, then the first that this does not tell either. */
  *untold(): Generator<Binder> {
    for (const binder of this.#binders) if (binder.told) spread(binder);
    for (const binder of this.#binders) {
      if (binder.told) continue;
      yield binder;
      binder.told = true;
      spread(binder);
    }
  }

  #bind(by: By, index: Index): Binder {
    const told = !isWritable(index.extent, this.#axisOf) || (by.kind === "reduce" && guardTells(by));
    const binder: Binder = { by, index, told, tied: [] };
    this.#binders.push(binder);
    return binder;
  }

  #visit(e: Expr, scope: Scope): void {
    let seen = this.#seen.get(scope);
    if (seen === undefined) this.#seen.set(scope, (seen = new Set()));
    if (seen.has(e) || this.#left-- <= 0) return;
    seen.add(e);
    if (e.kind === "read") e.at.forEach((s, axis) => this.#subscript(e.name, axis, s, scope));
    if (e.kind === "apply" && e.type === "bool") compare(e, scope);
    const inner = e.kind === "reduce" ? this.#within(e, scope) : scope;
    for (const child of children(e)) this.#visit(child, inner);
  }

  #within(e: Node<"reduce">, scope: Scope): Scope {
    let binder = this.#reductions.get(e);
    if (binder === undefined) this.#reductions.set(e, (binder = this.#bind(e, e.over)));
    return new Map([...scope, [e.over, binder]]);
  }

  #subscript(array: string, axis: number, subscript: Expr, scope: Scope): void {
    if (subscript.kind !== "index") {
      // Affine reads make windows.
      for (const i of subscript.free) if (i.extent.kind === "window" && !isSlid(i.extent)) tell(scope.get(i));
      return;
    }
    const binder = scope.get(subscript.index);
    if (binder === undefined) return;
    const defined = this.#axes.get(array);
    if (defined === undefined) {
      if (this.#hasExtent(array, axis, subscript.index.extent)) binder.told = true;
    } else if (defined[axis]!.index.extent === binder.index.extent) {
      binder.tied.push(defined[axis]!);
      defined[axis]!.tied.push(binder);
    }
  }

  /** Where shapes are not known, whatever subscripts an array bare is told by it. */
  #hasExtent(array: string, axis: number, extent: Extent): boolean {
    const known = this.#shapes.get(array)?.[axis];
    return known === undefined || known === extent;
  }
}

function tell(binder: Binder | undefined): void {
  if (binder !== undefined) binder.told = true;
}

function spread(from: Binder): void {
  const waiting = [from];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
    for (const other of next.tied)
      if (!other.told) {
        other.told = true;
        waiting.push(other);
      }
}

/** `s <= t`: an index may take its range from the one that it is compared with. */
function compare({ args: [a, b] }: Node<"apply">, scope: Scope): void {
  if (a?.kind !== "index" || b?.kind !== "index" || a.index.extent !== b.index.extent) return;
  const [left, right] = [scope.get(a.index), scope.get(b.index)];
  if (left === undefined) tell(right);
  else if (right === undefined) tell(left);
  else {
    left.tied.push(right);
    right.tied.push(left);
  }
}

/** A stride makes a quotient of the size, which the language has no word for, unless an axis has it. */
const isWritable = (extent: Extent, axisOf: AxisOf): boolean =>
  extent.kind !== "window" ||
  (isSlid(extent) && extent.fits.every((f) => axisOf(f.inside) !== undefined)) ||
  (extent.fits.every((f) => f.step === 1 && f.slackSizes === undefined && isWritable(f.inside, axisOf)) &&
    extent.fits.length === 1);

/** Whether it is that of a sum of indices as far as these reach, as `stridedExtent` has it: no read says so. */
const isSlid = (extent: Extent): boolean =>
  extent.kind === "window" &&
  extent.fits.some((f) => f.others.some(({ step, extent: of }) => step < 0 && of === f.inside));

/** Whether the guard itself says it: `r < 3`, `i <= K`. */
function guardTells({ over, guard }: Node<"reduce">): boolean {
  if (guard === undefined) return false;
  return conjuncts(guard).some((c) => {
    if (c.kind !== "apply") return false;
    const [a, b] = c.args;
    const isOwn = (e: Expr | undefined): boolean => e?.kind === "index" && e.index === over;
    if (c.op === "lt" && isOwn(a)) return isSize(b!, over.extent, 0);
    if (c.op === "le" && isOwn(a)) return isSize(b!, over.extent, 1);
    if (c.op === "gt" && isOwn(b)) return isSize(a!, over.extent, 0);
    return c.op === "ge" && isOwn(b) && isSize(a!, over.extent, 1);
  });
}

/** Whether `e + more` is the extent. */
function isSize(e: Expr, extent: Extent, more: number): boolean {
  switch (extent.kind) {
    case "fixed":
      return e.kind === "num" && e.value + more === extent.value;
    case "scalar":
      return e.kind === "read" && e.name === extent.name && extent.plus === more;
    default:
      return e.kind === "size" && extentKey(e.extent) === extentKey(extent) && more === 0;
  }
}
