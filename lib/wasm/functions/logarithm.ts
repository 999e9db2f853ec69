/**
 * Logarithms of x and of 1 + x.
 *
 * x = 2ᵏ m with √½ ≤ m < √2, f = m − 1, and log x = k ln 2 + f − f²/2 + s (f²/2 + s² P(s²)), s = f / (2 + f)
 * (from 2 artanh s = log(1 + f)). The first three terms are added without error: only what follows is rounded twice.
 */
import { withSignOf } from "./bits.ts";
import { coefficients, type Split } from "./coefficients.ts";
import type { Lanes } from "./lanes.ts";
import { polynomial } from "./polynomial.ts";
import { fastTwoSum, halfSquare, twofoldProduct, twofoldQuotient, twoSum, type Twofold } from "./twofold.ts";

/** log(2ⁿ x), to about a quarter more bits than the format has, for a normal x > 0 and an integer n. */
export function preciseLog<F, I, M>(lanes: Lanes<F, I, M>, x: F, n: F): Twofold<F> {
  const { constant, add, sub, mul, format } = lanes;
  const { logTwofold, twoThirds, ln2High, ln2Low } = coefficients[format.name];
  const { exponent, m } = parts(lanes, x);
  const k = add(exponent, n);
  const f = sub(m, constant(1));
  const [zero, three] = [constant(0), constant(3)];
  const s = twofoldQuotient(lanes, { head: f, tail: zero }, fastTwoSum(lanes, constant(2), f));
  // 3 artanh s = s (3 + s² + s⁴ P(s²)); the square of the head is exact.
  const square = { head: mul(s.head, s.head), tail: mul(s.tail, add(add(s.head, s.head), s.tail)) };
  const z = add(square.head, square.tail);
  const curved = mul(mul(z, z), polynomial(lanes, logTwofold, z));
  const sum = fastTwoSum(lanes, three, square.head);
  const factor = { head: sum.head, tail: add(sum.tail, add(square.tail, curved)) };
  const scaled = twofoldProduct(
    lanes,
    { head: constant(twoThirds[0]), tail: constant(twoThirds[1]) },
    factor,
  );
  const log = twofoldProduct(lanes, s, scaled);
  const whole = fastTwoSum(lanes, mul(k, constant(ln2High)), log.head);
  return fastTwoSum(lanes, whole.head, add(whole.tail, add(mul(k, constant(ln2Low)), log.tail)));
}

/** log(2ⁿ x) + rest for a normal x > 0, an integer n and a small rest, each 0 where it is not given. */
export function twofoldLog<F, I, M>(lanes: Lanes<F, I, M>, x: F, n?: F, rest?: F): Twofold<F> {
  const { exponent, m } = parts(lanes, x);
  const k = n === undefined ? exponent : lanes.add(exponent, n);
  return reducedLog(lanes, k, lanes.sub(m, lanes.constant(1)), rest);
}

/** offset + log(1 + x) for x > −1 and offset ≥ 0; the tail of x is small beside 1 + x. */
export function twofoldLog1p<F, I, M>(lanes: Lanes<F, I, M>, x: Twofold<F>, offset?: F): Twofold<F> {
  const { constant, add, sub, div, eq, select } = lanes;
  const sum = twoSum(lanes, constant(1), x.head);
  const { exponent, m } = parts(lanes, sum.head);
  // Where k is 0, f is x itself: then it does not matter what the sum lost.
  const whole = eq(exponent, constant(0));
  const f = select(whole, x.head, sub(m, constant(1)));
  const rest = select(whole, x.tail, add(sum.tail, x.tail));
  return reducedLog(lanes, exponent, f, div(rest, sum.head), offset);
}

/** offset + k ln 2 + log(1 + f) + rest, √½ ≤ 1 + f < √2; no two of the first three terms cancel. */
function reducedLog<F, I, M>(lanes: Lanes<F, I, M>, k: F, f: F, rest?: F, offset?: F): Twofold<F> {
  const { constant, add, sub, mul, div, neg, format } = lanes;
  const { log, ln2High, ln2Low } = coefficients[format.name];
  const s = div(f, add(constant(2), f));
  const z = mul(s, s);
  const square = halfSquare(lanes, f);
  const curved = mul(s, add(add(square.head, square.tail), mul(z, polynomial(lanes, log, z))));
  const inner = fastTwoSum(lanes, mul(k, constant(ln2High)), f);
  const line = offset === undefined ? inner : plus(lanes, offset, inner);
  const bent = fastTwoSum(lanes, line.head, neg(square.head));
  const low = mul(k, constant(ln2Low));
  const small = add(rest === undefined ? low : add(low, rest), sub(curved, square.tail));
  return fastTwoSum(lanes, bent.head, add(add(line.tail, bent.tail), small));
}

function plus<F, I, M>(lanes: Lanes<F, I, M>, x: F, y: Twofold<F>): Twofold<F> {
  const { head, tail } = twoSum(lanes, x, y.head);
  return { head, tail: lanes.add(tail, y.tail) };
}

/** x = 2^exponent · m, √½ ≤ m < √2. */
function parts<F, I, M>(lanes: Lanes<F, I, M>, x: F): { readonly exponent: F; readonly m: F } {
  const { format, integer, constant } = lanes;
  const { bitsOf, bias, precision } = format;
  const [one, least] = [bitsOf(1), bitsOf(Math.SQRT1_2)];
  const moved = lanes.addBits(lanes.bits(x), integer(one - least));
  const fraction = lanes.andBits(moved, integer((1n << BigInt(precision - 1)) - 1n));
  // An integer in the last bits of a number of this size is added to it.
  const unit = 2 ** (precision - 1);
  const biased = lanes.orBits(lanes.shiftRight(moved, precision - 1), integer(bitsOf(unit)));
  return {
    exponent: lanes.sub(lanes.float(biased), constant(unit + bias)),
    m: lanes.float(lanes.addBits(fraction, integer(least))),
  };
}

export const log = <F, I, M>(lanes: Lanes<F, I, M>, x: F): F =>
  anyLog(lanes, x, (y, n) => twofoldLog(lanes, y, n).head);

/** log(x + rest) for a rest no larger than the last place of x, and 0 where x is subnormal. */
export const logOfSum = <F, I, M>(lanes: Lanes<F, I, M>, x: F, rest: F): F =>
  anyLog(lanes, x, (y, n) => twofoldLog(lanes, y, n, n === undefined ? lanes.div(rest, y) : undefined).head);

export const log2 = <F, I, M>(lanes: Lanes<F, I, M>, x: F): F =>
  anyLog(lanes, x, (y, n) => scaledLog(lanes, y, n, coefficients[lanes.format.name].perLn2));

export const log10 = <F, I, M>(lanes: Lanes<F, I, M>, x: F): F =>
  anyLog(lanes, x, (y, n) => scaledLog(lanes, y, n, coefficients[lanes.format.name].perLn10));

function scaledLog<F, I, M>(lanes: Lanes<F, I, M>, x: F, n: F | undefined, [head, tail]: Split): F {
  const factor = { head: lanes.constant(head), tail: lanes.constant(tail) };
  return twofoldProduct(lanes, twofoldLog(lanes, x, n), factor).head;
}

/** A logarithm for any x from one for normal numbers, `ofNormal(x, n)` of 2ⁿ x. */
function anyLog<F, I, M>(lanes: Lanes<F, I, M>, x: F, ofNormal: (x: F, n?: F) => F): F {
  const { format, constant, mul, le, both, not } = lanes;
  const usual = both(le(constant(format.normal), x), le(x, constant(format.largest)));
  return lanes.rare(not(usual), ofNormal(x), () => {
    const enlarged = mul(x, constant(2 ** format.precision));
    return atEnds(lanes, x, x, ofNormal(enlarged, constant(-format.precision)));
  });
}

export function log1p<F, I, M>(lanes: Lanes<F, I, M>, x: F): F {
  const { format, constant, le, lt, both, not } = lanes;
  const usual = both(lt(constant(-1), x), le(x, constant(format.largest)));
  const value = withSignOf(lanes, x, twofoldLog1p(lanes, { head: x, tail: constant(0) }).head);
  return lanes.rare(not(usual), value, () => atEnds(lanes, lanes.add(constant(1), x), x, value));
}

/** −∞ where `x` is 0, NaN where it is negative, what `large` is where that is infinite or NaN; else `value`. */
function atEnds<F, I, M>(lanes: Lanes<F, I, M>, x: F, large: F, value: F): F {
  const { constant, lt, eq, select, format } = lanes;
  const zero = constant(0);
  const finite = lanes.le(lanes.abs(x), constant(format.largest));
  const ofPositive = select(lanes.both(finite, lt(zero, x)), value, large);
  return select(eq(x, zero), constant(-Infinity), select(lt(x, zero), constant(NaN), ofPositive));
}
