/** The difference of two softpluses that are nearly equal. */
import { apply, num, where, type Expr } from "../expr/node.ts";
import { argument, isApply } from "./pattern.ts";
import { cancelled } from "./polynomial.ts";
import type { Row } from "./row.ts";
import { call, isSum, signedTerms, sumOf, type Signed } from "./terms.ts";

/**
 * softplus(a) − softplus(b) is log((1 + exp a)/(1 + exp b)), which by what a and b differ in is near 0 with them;
 * what they have in common cancels in a − b before it is rounded.
 */
function apart(e: Expr): Expr | undefined {
  if (!isSum(e)) return undefined;
  const terms = signedTerms(e);
  const plus = terms.find((t) => t.sign === 1 && isApply(t.of, "softplus"));
  const minus = terms.find((t) => t.sign === -1 && isApply(t.of, "softplus"));
  if (
    plus === undefined ||
    minus === undefined ||
    !isApply(plus.of, "softplus") ||
    !isApply(minus.of, "softplus")
  )
    return undefined;
  const [a, b] = [argument(plus.of), argument(minus.of)];
  const difference = sumOf(cancelled([...signedTerms(a), ...signedTerms(b, -1)]));
  // As a sum that is exact, the plain form is not looked at again.
  const near = call("log1p", apply("mul", call("expm1", difference), call("sigmoid", b)));
  const value = where(
    apply("lt", call("abs", difference), num(1)),
    near,
    apply("exactsum", plus.of, apply("neg", minus.of), num(0, "real")),
  );
  const rest: readonly Signed[] = terms.filter((t) => t !== plus && t !== minus);
  return sumOf([{ sign: 1, of: value }, ...rest]);
}

// prettier-ignore
export const softplusDifferenceRows: readonly Row[] = [
  { name: "softplus less another", from: "softplus(a) - softplus(b)", to: "abs(a - b) < 1 ? log1p(expm1(a - b) * sigmoid(b)) : softplus(a) - softplus(b)", holds: "everywhere",
    counterexample: { text: "softplus(x + z) - softplus(x)", at: { x: 1.5, z: 1e-9 } },
    has: "softplus",
    whole: true,
    rewrite: apart },
];
