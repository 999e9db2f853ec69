/**
 * softplus(u) where it is nearly exp(u): its log, and what sigmoid(u) is over it, also where both underflow.
 *
 * With e = exp(u) below 2^-40, softplus(u) is e - e^2/2 and sigmoid(u) is e - e^2 to the digits of a double.
 */
import { apply, num, where, type Expr } from "../expr/node.ts";
import { argument, isApply, one } from "./pattern.ts";
import { powersOf, expression, quotient } from "./powers.ts";

const halfExp = (u: Expr): Expr => apply("div", apply("exp", u), num(2));
const isSlight = (u: Expr): Expr => apply("lt", u, num(-30));

/** log(softplus(u)). */
export function logOfSoftplus(e: Expr): Expr | undefined {
  if (!isApply(e, "log") || !isApply(argument(e), "softplus")) return undefined;
  const u = argument(argument(e) as typeof e);
  return where(isSlight(u), apply("sub", u, halfExp(u)), e);
}

/** sigmoid(u)/softplus(u)^n times others. */
export function sigmoidOverSoftplus(above: Expr, below: Expr, sigmoid: Expr): Expr | undefined {
  if (!isApply(sigmoid, "sigmoid")) return undefined;
  const u = argument(sigmoid);
  const softplus = apply("softplus", u);
  const powers = powersOf(below);
  if ((powers.get(softplus) ?? 0) < 1) return undefined;
  const share = where(isSlight(u), apply("sub", one, halfExp(u)), apply("div", sigmoid, softplus));
  const left = quotient(powers, new Map([[softplus, 1]]));
  const times = apply("mul", above, share);
  return left.size === 0 ? times : apply("div", times, expression(left));
}
