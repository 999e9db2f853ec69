/**
 * A distance less a value that it is nearly equal to: the difference inside of it must not have been rounded.
 *
 *   abs(x - t) - e           x > t ? x - t - e with one rounding : t - x - e with one rounding
 *   b - (x - t)^2*exp(-v)    by expm1 and the distance less b where both are near
 */
import { apply, num, where, type Expr } from "../expr/node.ts";
import { argument, isApply, pair, isReal } from "./pattern.ts";
import { isLeaf, isSum, opposite, signed, signedTerms, type Signed } from "./terms.ts";
import type { Row } from "./row.ts";

/** The two terms of a difference of values as they stand. */
function apart(e: Expr): readonly Signed[] | undefined {
  if (!isSum(e)) return undefined;
  const terms = signedTerms(e);
  return terms.length === 2 && terms.every((t) => isLeaf(t.of)) && terms.some((t) => isReal(t.of))
    ? terms
    : undefined;
}

const exact = (terms: readonly Signed[]): Expr => apply("exactsum", ...terms.map(signed));

/** |x - t| - e with one rounding. */
function exactly(a: Expr, e: Expr): Expr | undefined {
  if (!isApply(a, "abs") || !isLeaf(e)) return undefined;
  const terms = apart(argument(a));
  if (!terms) return undefined;
  const less: Signed = { sign: -1, of: e };
  const isAbove = apply("gt", argument(a), num(0));
  return where(isAbove, exact([...terms, less]), exact([...opposite(terms), less]));
}

/** |x - t| - e where both are nearly equal; else as it is written. */
function distanceLess(a: Expr, e: Expr): Expr | undefined {
  const near = exactly(a, e);
  const plain = apply("sub", a, e);
  const isNear = apply("lt", apply("mul", num(4), apply("abs", plain)), apply("abs", e));
  return near && where(isNear, near, plain);
}

/** (x - t)^2 - 1 or |x - t| - b, as good as the inputs are, where both are nearly equal. */
export function offset(distance: Expr, b: Expr): Expr | undefined {
  if (isApply(distance, "abs")) return exactly(distance, b);
  if (!isApply(distance, "pow") || b.kind !== "num" || b.value !== 1) return undefined;
  const size = apply("abs", argument(distance));
  const less = exactly(size, b);
  return less && apply("mul", less, apply("add", size, b));
}

// prettier-ignore
export const distanceRows: readonly Row[] = [
  { name: "distance less a value", from: "abs(x - t) - e", to: "4*abs(abs(x - t) - e) < abs(e) ? x > t ? x - t - e : t - x - e, with one rounding : abs(x - t) - e", holds: "everywhere",
    counterexample: { text: "abs(x - t) - e", at: { x: 1e-20, t: 1, e: 1 } },
    has: "abs",
    rewrite: (e) => pair(e, distanceLess) },
];
