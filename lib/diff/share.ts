/**
 * Shared expressions get a name of their own: the normalized exponential p, and every
 * reduction that more than one definition needs.
 */
import { namesRead } from "../expr/names-read.ts";
import { children, freeIndices, occursFree, type Expr, type Index, type Node } from "../expr/node.ts";
import { partsOf, once } from "../expr/parts.ts";
import type { Definition } from "../expr/program.ts";
import { summands, termOf } from "../simplify/term.ts";
import { unify, type Inside } from "../simplify/unify.ts";
import { claim } from "./names.ts";
import type { Adjoint } from "./reverse.ts";

/** What a reduction is called when it is named. */
// prettier-ignore
const reductionNames = {
  sum: "total", prod: "product", max: "largest", min: "smallest", logsumexp: "lse", argmax: "best", argmin: "least",
} as const;

export interface SharingRules {
  /** Names in use; the one given out is added. */
  readonly taken: Set<string>;
  /** The user's indices, whose names are shown. */
  readonly like: readonly Index[];
  readonly inside: Inside;
  /** Whether an expression may be computed for all values of its indices. */
  readonly computable: (e: Expr) => boolean;
}

/** Gives the next expression to name in some definitions, as a definition; undefined when nothing is left. */
export function sharing(rules: SharingRules): (definitions: readonly Definition[]) => Adjoint | undefined {
  const parts = shareable(rules);
  return (definitions) => {
    const body = probability(definitions, parts) ?? sharedReduction(definitions, rules.inside, parts);
    if (!body) return undefined;
    const indices = freeIndices(body);
    return {
      name: claim(nameFor(body), rules.taken),
      indices,
      body,
      shown: userIndices(indices, rules.like),
    };
  };
}

/** What could be named in the body of a definition, found once for each body. */
interface Shareable {
  readonly probability: (body: Expr) => Expr | undefined;
  readonly reductions: (body: Expr) => readonly Expr[];
}

function shareable({ computable }: SharingRules): Shareable {
  const may = (e: Expr, body: Expr): boolean => e !== body && computable(e);
  return {
    probability: once((body) => find(body, (e) => isProbability(e) && may(e, body))),
    reductions: once((body) => wholeReductions(body).filter((e) => may(e, body))),
  };
}

/** For each index one of the user's that has the same extent, each once; itself where there is none. */
function userIndices(indices: readonly Index[], like: readonly Index[]): readonly Index[] {
  const left = [...like];
  return indices.map((i) => {
    const n = left.findIndex((own) => own.extent === i.extent);
    return n < 0 ? i : left.splice(n, 1)[0]!;
  });
}

function nameFor(body: Expr): string {
  if (body.kind !== "reduce") return "p";
  return body.op === "sum" && body.body.kind === "num" ? "tally" : reductionNames[body.op];
}

/** e^(f − logsumexp f), which is positive and sums to 1. */
function probability(definitions: readonly Definition[], parts: Shareable): Expr | undefined {
  for (const d of definitions) {
    const found = parts.probability(d.body);
    if (found) return found;
  }
  return undefined;
}

function isProbability(e: Expr): boolean {
  if (e.kind !== "apply" || e.op !== "exp") return false;
  return summands(e.args[0]!).some((t) => {
    const { coefficient, factors } = termOf(t);
    const lse = factors[0];
    if (
      coefficient.n !== -1 ||
      coefficient.d !== 1 ||
      factors.length !== 1 ||
      lse?.kind !== "reduce" ||
      lse.op !== "logsumexp"
    )
      return false;
    const rest = summands(e.args[0]!).filter((u) => u !== t);
    const pattern = summands(lse.body);
    // The exponent is one of the terms that the logsumexp ranges over.
    return rest.length === pattern.length && unifiesAt(lse, rest);
  });
}

function unifiesAt(lse: Node<"reduce">, rest: readonly Expr[]): boolean {
  const [p, e] = [lse.body, rest.length === 1 ? rest[0]! : undefined];
  if (e !== undefined) return unify(p, e, [lse.over], anywhere) !== undefined;
  const varying = summands(p).filter((t) => occursFree(lse.over, t));
  return varying.every((t) => rest.some((r) => unify(t, r, [lse.over], anywhere) !== undefined));
}

/** Where nothing is read at the subscript, it may be any. */
const anywhere: Inside = () => true;

/** A reduction that stands in two definitions, or twice at different subscripts. */
function sharedReduction(
  definitions: readonly Definition[],
  inside: Inside,
  parts: Shareable,
): Expr | undefined {
  const seen = new Seen();
  for (const d of definitions)
    for (const e of parts.reductions(d.body)) {
      const again = seen.first(e, (other) => other.in !== d && sameUpToIndices(other.body, e, inside));
      if (again) return again.body;
      seen.add(e, d);
    }
  return undefined;
}

interface Sighting {
  readonly body: Expr;
  readonly in: Definition;
  readonly order: number;
}

/**
 * Reductions seen so far, each under one name that it reads, the one with the fewest others under it.
 * What it is up to indices reads all its names, and is looked for under these.
 */
class Seen {
  readonly #byName = new Map<string, Sighting[]>();
  #count = 0;

  add(body: Expr, definition: Definition): void {
    const held = (name: string): number => this.#byName.get(name)?.length ?? 0;
    const names = [...namesRead(body)];
    const key =
      names.length === 0 ? "" : names.reduce((best, name) => (held(name) < held(best) ? name : best));
    const sighting = { body, in: definition, order: this.#count++ };
    const others = this.#byName.get(key);
    if (others) others.push(sighting);
    else this.#byName.set(key, [sighting]);
  }

  /** The first one seen that `is` holds for, among those that `e` may be. */
  first(e: Expr, is: (other: Sighting) => boolean): Sighting | undefined {
    let first: Sighting | undefined;
    for (const name of ["", ...namesRead(e)]) {
      const found = this.#byName.get(name)?.find(is);
      if (found && (!first || found.order < first.order)) first = found;
    }
    return first;
  }
}

const sameUpToIndices = (a: Expr, b: Expr, inside: Inside): boolean =>
  a.kind === b.kind &&
  freeIndices(a).length === freeIndices(b).length &&
  unify(a, b, freeIndices(a), inside) !== undefined;

const find = (e: Expr, is: (e: Expr) => boolean): Expr | undefined => [...partsOf(e)].find(is);

/** All reductions, but those that only continue another one of their kind: nests are named whole. */
function wholeReductions(e: Expr): readonly Expr[] {
  const out = new Set<Expr>();
  const seen = new Set<Expr>();
  const visit = (e: Expr, parent: Expr | undefined): void => {
    if (e.kind === "reduce" && !(parent?.kind === "reduce" && parent.op === e.op)) out.add(e);
    if (seen.has(e)) return;
    seen.add(e);
    for (const child of children(e)) visit(child, e);
  };
  visit(e, undefined);
  return [...out];
}
