/** Places that conditions leave out, and terms that are 0 there anyway. */
import { evaluateAt } from "../eval.ts";
import { anywhere } from "../expr/parts.ts";
import { at, occursFree, type Expr, type Index } from "../expr/node.ts";
import { double } from "../number/double.ts";

/** The value that a condition says an index does not have: t of `i != t` and of `not (i == t)`; t does not depend on i. */
export function excluded(condition: Expr, i: Index): readonly Expr[] {
  if (condition.kind !== "apply") return [];
  return condition.op === "not"
    ? condition.args.flatMap((c) => required(c, i))
    : compared(condition, i, "ne");
}

/** The value that a condition says an index has: t of `i == t`. */
export const required = (condition: Expr, i: Index): readonly Expr[] => compared(condition, i, "eq");

function compared(condition: Expr, i: Index, op: "eq" | "ne"): readonly Expr[] {
  if (condition.kind !== "apply" || condition.op !== op) return [];
  const [a, b] = condition.args as [Expr, Expr];
  const other = a === at(i) ? b : b === at(i) ? a : undefined;
  return other === undefined || other.type !== "int" || occursFree(i, other) ? [] : [other];
}

/** Whether an expression is the number 0 whatever the inputs are. */
export function isZero(e: Expr): boolean {
  if (anywhere(e, (part) => part.kind === "read" || part.kind === "index" || part.kind === "size"))
    return false;
  return evaluateAt(e, new Map(), { field: double, sizes: noSizes, tables: new Map() }) === 0;
}

const noSizes = { axis: () => 0, scalar: () => 0 };
