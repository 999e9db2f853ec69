/**
 * The error function and its complement.
 *
 * Near 0, erf(x) = x (2/√π + x² P(x²)); elsewhere erfc(x) = exp(−x²) (5/4 + Q(t)) / (1 + 2x), t = (x − c) / (x + c).
 * What remains of either is a sum with 1 or 2, made with twofold numbers. x² comes in two parts, as exp
 * would magnify its rounding.
 */
import { exceeds, isNegative, upperHalf, withSignOf } from "./bits.ts";
import { coefficients } from "./coefficients.ts";
import { expAnywhere, twofoldExp } from "./exponential.ts";
import type { Format, Lanes } from "./lanes.ts";
import { polynomial } from "./polynomial.ts";
import { fastTwoSum, negated, twofoldProduct, twofoldQuotient, type Twofold } from "./twofold.ts";

/** Above, erf is 1. */
const saturated = { double: 6, single: 4 } satisfies Record<Format["name"], number>;
/** Below, erfc is a normal number, and its last place is one. */
const normal = { double: 26, single: 9 } satisfies Record<Format["name"], number>;
/** Above, erfc is 0. */
const vanished = { double: 28, single: 10.5 } satisfies Record<Format["name"], number>;

export function erf<F, I, M>(lanes: Lanes<F, I, M>, x: F): F {
  const { constant, add, mul, abs, lt, select, format } = lanes;
  const size = atMost(lanes, abs(x), saturated[format.name]);
  // Where twofold numbers would be subnormal, erf is a straight line: that of a larger number.
  const larger = 2 ** (2 * format.precision);
  const tiny = lt(size, constant(format.normal * larger));
  const near = nearZero(lanes, select(tiny, mul(size, constant(larger)), size));
  const far = minusFrom(lanes, 1, erfcOf(lanes, size));
  const { head, tail } = choose(lanes, exceeds(lanes, size, 0.5), far, near);
  const sum = add(head, tail);
  return withSignOf(lanes, x, select(tiny, mul(sum, constant(1 / larger)), sum));
}

export function erfc<F, I, M>(lanes: Lanes<F, I, M>, x: F): F {
  const { add, abs, format } = lanes;
  const size = atMost(lanes, abs(x), normal[format.name]);
  const negative = isNegative(lanes, x);
  const near = nearZero(lanes, size);
  const far = erfcOf(lanes, size);
  const nearValue = minusFrom(lanes, 1, choose(lanes, negative, negated(lanes, near), near));
  const farValue = choose(lanes, negative, minusFrom(lanes, 2, far), far);
  const { head, tail } = choose(lanes, exceeds(lanes, size, 0.5), farValue, nearValue);
  const small = lanes.lt(lanes.constant(normal[format.name]), x);
  return lanes.rare(small, add(head, tail), () => {
    const { exponent, rest, factor } = erfcParts(lanes, atMost(lanes, x, vanished[format.name]));
    return expAnywhere(lanes, exponent, rest, factor);
  });
}

/** The least of x and the limit; NaN stays. */
const atMost = <F, I, M>({ constant, lt, select }: Lanes<F, I, M>, x: F, limit: number): F =>
  select(lt(constant(limit), x), constant(limit), x);

/** erf(x) for 0 ≤ x ≤ 1/2. */
function nearZero<F, I, M>(lanes: Lanes<F, I, M>, x: F): Twofold<F> {
  const { constant, add, mul, format } = lanes;
  const { perRootPi2, erf } = coefficients[format.name];
  const z = mul(x, x);
  const factor = { head: constant(perRootPi2[0]), tail: constant(perRootPi2[1]) };
  const line = twofoldProduct(lanes, factor, { head: x, tail: constant(0) });
  const curved = mul(mul(x, z), polynomial(lanes, erf, z));
  return fastTwoSum(lanes, line.head, add(line.tail, curved));
}

/** erfc(x) where 1/2 ≤ x and it is normal. */
function erfcOf<F, I, M>(lanes: Lanes<F, I, M>, x: F): Twofold<F> {
  const { exponent, rest, factor } = erfcParts(lanes, x);
  return twofoldProduct(lanes, twofoldExp(lanes, exponent, rest), factor);
}

/** erfc(x) = exp(exponent + rest) · factor for x ≥ 1/2. */
function erfcParts<F, I, M>(lanes: Lanes<F, I, M>, x: F): { exponent: F; rest: F; factor: Twofold<F> } {
  const { constant, add, sub, mul, div, neg, format } = lanes;
  const { erfc, erfcCenter } = coefficients[format.name];
  const upper = upperHalf(lanes, x);
  const square = fastTwoSum(lanes, mul(upper, upper), mul(sub(x, upper), add(x, upper)));
  const center = constant(erfcCenter);
  const t = div(sub(x, center), add(x, center));
  const above = fastTwoSum(lanes, constant(1.25), polynomial(lanes, erfc, t));
  const below = fastTwoSum(lanes, add(x, x), constant(1));
  return { exponent: neg(square.head), rest: neg(square.tail), factor: twofoldQuotient(lanes, above, below) };
}

/** n − x for 0 ≤ |x| ≤ n. */
function minusFrom<F, I, M>(lanes: Lanes<F, I, M>, n: number, x: Twofold<F>): Twofold<F> {
  const { head, tail } = fastTwoSum(lanes, lanes.constant(n), lanes.neg(x.head));
  return { head, tail: lanes.sub(tail, x.tail) };
}

const choose = <F, I, M>({ select }: Lanes<F, I, M>, p: M, yes: Twofold<F>, no: Twofold<F>): Twofold<F> => ({
  head: select(p, yes.head, no.head),
  tail: select(p, yes.tail, no.tail),
});
