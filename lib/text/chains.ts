/** Comparisons that pass a value on: 0 <= r and r < 3 is written 0 <= r < 3. */
import type { Expr, Node } from "../expr/node.ts";
import type { Op } from "../expr/ops.ts";
import { comparisons, type Comparison } from "../expr/syntax.ts";

const directions: Partial<Record<Op, "up" | "down">> = { lt: "up", le: "up", gt: "down", ge: "down" };

/** Whether each comparison passes its right side on to the next, in one direction: 0 <= r and r < 3. */
export const isChain = (links: readonly Expr[]): boolean =>
  links.every((right, n) => n === 0 || passesOn(links[n - 1]!, right));

/** The same in any direction: a != b and b < c. */
export const isLinked = (links: readonly Expr[]): boolean =>
  links.every((right, n) => n === 0 || shares(links[n - 1]!, right));

/** The conditions in order, those that pass a value on to the next together. */
export function chains(conditions: readonly Expr[]): readonly (readonly Expr[])[] {
  const groups: Expr[][] = [];
  for (const condition of conditions) {
    const group = groups.at(-1);
    if (group !== undefined && passesOn(group.at(-1)!, condition)) group.push(condition);
    else groups.push([condition]);
  }
  return groups;
}

const passesOn = (left: Expr, right: Expr): boolean =>
  shares(left, right) && direction(left) !== undefined && direction(left) === direction(right);

const shares = (left: Expr, right: Expr): boolean =>
  isComparison(left) && isComparison(right) && left.args[1] === right.args[0];

/** The comparison that an operation is; undefined for any other. */
export const comparisonOf = (op: Op): Comparison | undefined => comparisons.find((c) => c === op);

const isComparison = (e: Expr): e is Node<"apply"> => e.kind === "apply" && comparisonOf(e.op) !== undefined;

const direction = (e: Expr): "up" | "down" | undefined => (e.kind === "apply" ? directions[e.op] : undefined);
