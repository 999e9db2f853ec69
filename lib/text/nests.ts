/** Which reductions that stand inside each other are written as one binder: `sum(i, d, …)`. */
import { conjoin, conjuncts, nestedReduction, termCount } from "../expr/nested-reduction.ts";
import { children, occursFree, type Expr, type Index, type Node } from "../expr/node.ts";
import { comparisonOf, isChain } from "./chains.ts";

/** Reductions of one kind that stand directly inside each other, outermost first. */
export type Nest = readonly Node<"reduce">[];

function nest(e: Node<"reduce">): Nest {
  const all = [e];
  if (e.op === "argmax" || e.op === "argmin") return all;
  for (let next = e.body; next.kind === "reduce" && next.op === e.op; next = next.body) all.push(next);
  return all;
}

/** Those of the nest that read well as one binder: `sum(i, d, …)`, but `sum(i, sum(j != y[i], …))`. */
export function together(e: Node<"reduce">): Nest {
  const all = nest(e);
  const apart = all.findIndex((inner, n) => n > 0 && !readsWell(all[n - 1]!, inner));
  let length = apart < 0 ? all.length : apart;
  while (length > 1 && !readsBack(all.slice(0, length))) length--;
  return all.slice(0, length);
}

const readsWell = (outer: Node<"reduce">, inner: Node<"reduce">): boolean =>
  inner.guard === undefined
    ? outer.guard === undefined
    : tellsIndex(inner)
      ? tellsIndex(outer)
      : outer.guard === undefined;

/** Whether one binder with all the guards of the nest means the same: each goes back to its own reduction. */
const readsBack = (nest: Nest): boolean =>
  nestedReduction(nest[0]!.op, indices(nest), guardOf(nest), nest.at(-1)!.body) === nest[0];

const indices = (nest: Nest): readonly Index[] => nest.map((e) => e.over);

const guardOf = (nest: Nest): Expr | undefined =>
  conjoin(nest.flatMap(({ guard }) => (guard === undefined ? [] : conjuncts(guard))));

/** The sums that a quotient averages: those whose number of terms is its denominator. */
export function averaged({ args: [total, terms] }: Node<"apply">): Nest | undefined {
  if (total?.kind !== "reduce" || total.op !== "sum") return undefined;
  const sums = nest(total);
  return sums
    .map((_, n) => sums.slice(0, n + 1))
    .find((some) => termCount(indices(some), guardOf(some)) === terms && readsBack(some));
}

/** Whether a guard shows by itself which index it bounds: `j != y[i]`, `0 <= r < 3`. */
export function tellsIndex({ over, guard }: Node<"reduce">): boolean {
  if (guard?.kind !== "apply") return false;
  const links = guard.op === "and" && isChain(guard.args) ? guard.args : [guard];
  const operands = links.flatMap((link) =>
    link.kind === "apply" && comparisonOf(link.op) !== undefined ? link.args : [link],
  );
  const first = operands.find((o) => o.kind !== "num" || o.value < 0);
  return first?.kind === "index" && first.index === over;
}

/** Whether an index is used in a subscript. */
export const subscripts = (i: Index, e: Expr): boolean =>
  e.kind === "read"
    ? e.at.some((s) => occursFree(i, s))
    : occursFree(i, e) && children(e).some((c) => subscripts(i, c));
