/** Functions of one exponential: the logistic function, its integral, and the hyperbolic tangent. */
import { minusSize, withSignOf } from "./bits.ts";
import { expAnywhere, twofoldExp, twofoldExpm1, unusual } from "./exponential.ts";
import type { Lanes } from "./lanes.ts";
import { twofoldLog1p } from "./logarithm.ts";
import { fastTwoSum, negated, quotient, type Twofold } from "./twofold.ts";

/** 1 / (1 + e⁻ˣ), as 1 / (1 + e) or e / (1 + e) with e = exp(−|x|). */
export function sigmoid<F, I, M>(lanes: Lanes<F, I, M>, x: F): F {
  const { constant, select, lt } = lanes;
  const [zero, one] = [constant(0), constant(1)];
  const e = twofoldExp(lanes, minusSize(lanes, x));
  const negative = lt(x, zero);
  const above = { head: select(negative, e.head, one), tail: select(negative, e.tail, zero) };
  const value = quotient(lanes, above, plus(lanes, 1, e));
  return lanes.rare(unusual(lanes, x), value, () => select(lt(zero, x), one, expAnywhere(lanes, x)));
}

/** log(1 + eˣ), as max(x, 0) + log(1 + exp(−|x|)). */
export function softplus<F, I, M>(lanes: Lanes<F, I, M>, x: F): F {
  const { constant, select, lt } = lanes;
  const zero = constant(0);
  const positive = lt(zero, x);
  const e = twofoldExp(lanes, minusSize(lanes, x));
  const value = twofoldLog1p(lanes, e, select(positive, x, zero)).head;
  return lanes.rare(unusual(lanes, x), value, () => select(positive, x, expAnywhere(lanes, x)));
}

/** tanh |x| = −t / (2 + t) with t = exp(−2|x|) − 1. */
export function tanh<F, I, M>(lanes: Lanes<F, I, M>, x: F): F {
  const { constant, select, abs, lt, mul } = lanes;
  // It is 1 to the last place long before.
  const most = constant(40);
  const size = abs(x);
  const t = twofoldExpm1(lanes, mul(constant(-2), select(lt(most, size), most, size)));
  return withSignOf(lanes, x, quotient(lanes, negated(lanes, t), plus(lanes, 2, t)));
}

/** n + x, where |x| ≤ n. */
function plus<F, I, M>(lanes: Lanes<F, I, M>, n: number, x: Twofold<F>): Twofold<F> {
  const { head, tail } = fastTwoSum(lanes, lanes.constant(n), x.head);
  return { head, tail: lanes.add(tail, x.tail) };
}
