/** Binders of several indices, as reductions inside each other. */
import { apply, children, freeIndices, num, reduce, size, type Expr, type Index } from "./node.ts";
import type { Reduction } from "./ops.ts";

/**
 * `op` over all of `over`, the first outermost. Each part of the guard stands at the
 * outermost reduction that binds all its indices.
 */
export function nestedReduction(
  op: Reduction,
  over: readonly Index[],
  guard: Expr | undefined,
  body: Expr,
): Expr {
  const levels = guardLevels(over, guard);
  return over.reduceRight((inner, index, level) => reduce(op, index, conjoin(levels[level]!), inner), body);
}

/** The number of terms that a binder's guard lets through. */
export function termCount(over: readonly Index[], guard: Expr | undefined): Expr {
  if (guard !== undefined) return nestedReduction("sum", over, guard, num(1));
  const sizes = over.map((i) => size(i.extent));
  return sizes.length === 1 ? sizes[0]! : apply("mul", ...sizes);
}

/** The conditions that a guard requires all of. */
export const conjuncts = (guard: Expr): readonly Expr[] =>
  guard.kind === "apply" && guard.op === "and" ? guard.args.flatMap(conjuncts) : [guard];

/** All of the conditions; undefined when there are none. */
export const conjoin = (conditions: readonly Expr[]): Expr | undefined =>
  conditions.length > 1 ? apply("and", ...conditions) : conditions[0];

function guardLevels(over: readonly Index[], guard: Expr | undefined): Expr[][] {
  const levels: Expr[][] = over.map(() => []);
  let reached = 0;
  for (const condition of guard === undefined ? [] : conjuncts(guard)) {
    const needed = Math.max(0, ...freeIndices(condition).map((i) => over.indexOf(i)));
    // An earlier condition may be what keeps the reads of this one inside: then it does not overtake.
    const level = readsPartly(condition) ? Math.max(needed, reached) : needed;
    levels[level]!.push(condition);
    reached = Math.max(reached, level);
  }
  return levels;
}

/** Whether some read is not certain to be inside for every value of its indices. */
const readsPartly = (e: Expr): boolean =>
  (e.kind === "read" && e.at.some((subscript) => subscript.kind !== "index")) ||
  children(e).some(readsPartly);
