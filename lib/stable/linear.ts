/** Whether an expression is linear in an array, and what it is with the array's elements replaced. */
import { children, rebuild, type Expr, type Node } from "../expr/node.ts";

type Read = Node<"read">;

/** Picks the reads that count as elements of the array. */
export type Picks = (r: Read) => boolean;

export const has = (e: Expr, picks: Picks): boolean =>
  (e.kind === "read" && picks(e)) || children(e).some((child) => has(child, picks));

/** Sums of elements with coefficients that do not depend on any. */
export function isLinear(e: Expr, picks: Picks): boolean {
  const linear = (x: Expr): boolean => isLinear(x, picks);
  const free = (x: Expr): boolean => !has(x, picks);
  if (e.kind === "read") return picks(e);
  if (e.kind === "reduce")
    return e.op === "sum" && linear(e.body) && (e.guard === undefined || free(e.guard));
  if (e.kind === "where") return free(e.guard) && [e.then, e.else].every((x) => linear(x) || isZero(x));
  if (e.kind !== "apply") return false;
  switch (e.op) {
    case "add":
    case "sub":
    case "neg":
      return e.args.every(linear);
    case "mul":
      return e.args.filter((x) => !free(x)).length === 1 && e.args.every((x) => free(x) || linear(x));
    case "div":
      return linear(e.args[0]!) && free(e.args[1]!);
    default:
      return false;
  }
}

const isZero = (e: Expr): boolean => e.kind === "num" && e.value === 0;

/** Each element replaced. */
export function replaced(e: Expr, picks: Picks, by: (r: Read) => Expr): Expr {
  const go = (x: Expr): Expr => (x.kind === "read" && picks(x) ? by(x) : rebuild(x, go));
  return go(e);
}
