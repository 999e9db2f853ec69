/**
 * x to the power y, as exp(y log x) with log x and its product with y to half as many bits again as the format has:
 * exp magnifies the error of its argument by the size of that. Special values as in JavaScript: x⁰ is 1 also for
 * NaN, (±1)^±∞ is NaN.
 */
import { exceeds, isNegative } from "./bits.ts";
import { expAnywhere, expUsually, unusual } from "./exponential.ts";
import type { Lanes } from "./lanes.ts";
import { preciseLog } from "./logarithm.ts";
import { twofoldProduct, type Twofold } from "./twofold.ts";

export function pow<F, I, M>(lanes: Lanes<F, I, M>, x: F, y: F): F {
  const { format, constant, le, either, both, not } = lanes;
  const zero = constant(0);
  const exponent = times(lanes, y, preciseLog(lanes, x, zero));
  const normal = both(le(constant(format.normal), x), le(x, constant(format.largest)));
  const special = either(not(normal), unusual(lanes, exponent.head));
  return lanes.rare(special, expUsually(lanes, exponent.head, exponent.tail), () => powAnywhere(lanes, x, y));
}

const times = <F, I, M>(lanes: Lanes<F, I, M>, y: F, log: Twofold<F>): Twofold<F> =>
  twofoldProduct(lanes, { head: y, tail: lanes.constant(0) }, log);

function powAnywhere<F, I, M>(lanes: Lanes<F, I, M>, x: F, y: F): F {
  const { format, constant, abs, neg, mul, eq, lt, le, both, not, select } = lanes;
  const [zero, size] = [constant(0), abs(x)];
  const value = powOfSize(lanes, size, y);
  const odd = both(isWhole(lanes, y), not(isWhole(lanes, mul(y, constant(0.5)))));
  const signed = select(both(odd, isNegative(lanes, x)), neg(value), value);
  const undefinedPower = both(both(lt(x, zero), le(size, constant(format.largest))), not(isWhole(lanes, y)));
  const defined = select(undefinedPower, constant(NaN), signed);
  return select(eq(y, zero), constant(1), defined);
}

/** The power of a number without a sign: 0, subnormal, normal, ∞ or NaN. */
function powOfSize<F, I, M>(lanes: Lanes<F, I, M>, x: F, y: F): F {
  const { format, constant, mul, eq, lt, select } = lanes;
  const [zero, infinity] = [constant(0), constant(Infinity)];
  const subnormal = lt(x, constant(format.normal));
  const enlarged = select(subnormal, mul(x, constant(2 ** format.precision)), x);
  const log = preciseLog(lanes, enlarged, select(subnormal, constant(-format.precision), zero));
  const { head, tail } = times(lanes, y, log);
  // Where there are infinities, so are there in the plain product, and nothing is lost that counts.
  const ends = select(eq(x, zero), constant(-Infinity), select(lt(x, infinity), log.head, x));
  const plain = mul(y, ends);
  const large = exceeds(lanes, plain, 2 ** 12);
  return expAnywhere(lanes, select(large, plain, head), select(large, zero, tail));
}

/** Whether y is an integer, or infinite: numbers of this size are all integers. */
function isWhole<F, I, M>({ format, constant, abs, add, sub, eq, le, either }: Lanes<F, I, M>, y: F): M {
  const size = abs(y);
  const unit = constant(2 ** (format.precision - 1));
  return either(le(unit, size), eq(sub(add(size, unit), unit), size));
}
