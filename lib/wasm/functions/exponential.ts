/**
 * eˣ, eˣ − 1 and exponentials of sums.
 *
 * x = k ln 2 + r with |r| ≤ ln 2 / 2, and eˣ = 2ᵏ eʳ, eʳ = 1 + r + r² (1/2 + r P(r)). ln 2 is taken off in two parts:
 * x − k ln2High is exact (W. J. Cody and W. Waite, Software Manual for the Elementary Functions, 1980, chapter 6),
 * and 1 is added to it without error before anything is rounded. In doubles eˣ itself comes from a table of roots of 2
 * and a shorter polynomial (P. T. P. Tang, Table-driven implementation of the exponential function in IEEE
 * floating-point arithmetic, ACM Trans. Math. Softw. 15 (1989) 144–157).
 */
import { exceeds, withSignOf } from "./bits.ts";
import { coefficients, nearRoots } from "./coefficients.ts";
import type { Format, Lanes } from "./lanes.ts";
import { polynomial } from "./polynomial.ts";
import { roots, steps } from "./roots.ts";
import { fastTwoSum, halfSquare, twofoldProduct, twoSum, type Twofold } from "./twofold.ts";

/** x = k ln 2 + high − low. */
interface Reduced<F, I> {
  readonly k: F;
  /** k in the lowest bits, something in the upper ones. */
  readonly bitsOfK: I;
  readonly high: F;
  readonly low: F;
  /** high − low, rounded. */
  readonly r: F;
}

/** Where neither 2ᵏ nor eˣ leaves the normal numbers. */
const usual = { double: 708, single: 87 } satisfies Record<Format["name"], number>;
/** eˣ rounds to 0 below and to ∞ above. */
const ends = { double: [-746, 710], single: [-104, 89] } satisfies Record<Format["name"], [number, number]>;

/** A float so large that its last bit counts ones: what is added to it is rounded to an integer. */
const magic = ({ precision }: Format): number => 1.5 * 2 ** (precision - 1);

/** x + rest, for a rest no larger than about the last place of x. */
function reduce<F, I, M>(lanes: Lanes<F, I, M>, x: F, rest?: F): Reduced<F, I> {
  const { constant, add, sub, mul, format } = lanes;
  const { ln2High, ln2Low } = coefficients[format.name];
  const shifted = add(mul(x, constant(Math.LOG2E)), constant(magic(format)));
  const k = sub(shifted, constant(magic(format)));
  const high = sub(x, mul(k, constant(ln2High)));
  const part = mul(k, constant(ln2Low));
  const low = rest === undefined ? part : sub(part, rest);
  return { k, bitsOfK: lanes.bits(shifted), high, low, r: sub(high, low) };
}

/** exp(high − low), between 0.7 and 1.42. */
function reducedExp<F, I, M>(lanes: Lanes<F, I, M>, { high, low, r }: Reduced<F, I>): Twofold<F> {
  const { constant, add, sub, mul, format } = lanes;
  const { head, tail } = fastTwoSum(lanes, constant(1), high);
  const curved = mul(mul(r, r), polynomial(lanes, [0.5, ...coefficients[format.name].exp], r));
  // What does not wait for the polynomial first.
  return { head, tail: add(sub(tail, low), curved) };
}

/** 2ᵏ times a normal number, where both are normal. */
function scaleNormal<F, I, M>(lanes: Lanes<F, I, M>, value: F, bitsOfK: I): F {
  const up = lanes.shiftLeft(bitsOfK, lanes.format.precision - 1);
  return lanes.float(lanes.addBits(lanes.bits(value), up));
}

/** 2ᵏ times a number, rounded once, also where the result overflows or is subnormal: in two steps, as 2ᵏ may do so itself. */
function scale<F, I, M>(lanes: Lanes<F, I, M>, value: F, k: F): F {
  const { constant, add, sub, mul, bits } = lanes;
  const one = constant(1);
  const center = constant(magic(lanes.format));
  const shifted = add(mul(k, constant(0.5)), center);
  const part = sub(shifted, center);
  const other = sub(k, part);
  const first = scaleNormal(lanes, one, bits(shifted));
  const second = scaleNormal(lanes, one, bits(add(other, center)));
  return mul(mul(value, first), second);
}

/** exp(x + rest) · factor, for any x and a rest no larger than about its last place; factor 1 where it is not given. */
export function expAnywhere<F, I, M>(lanes: Lanes<F, I, M>, x: F, rest?: F, factor?: Twofold<F>): F {
  const { constant, lt, select, add } = lanes;
  const [least, most] = ends[lanes.format.name];
  const inside = select(
    lt(x, constant(least)),
    constant(least),
    select(lt(constant(most), x), constant(most), x),
  );
  // Beyond the ends nothing that x lost counts, be it ever so large.
  const lost = rest === undefined ? undefined : select(lanes.eq(x, inside), rest, constant(0));
  const reduced = reduce(lanes, inside, lost);
  const e = reducedExp(lanes, reduced);
  const { head, tail } = factor === undefined ? e : twofoldProduct(lanes, e, factor);
  return scale(lanes, add(head, tail), reduced.k);
}

/** Where x is too large for the usual way, or NaN. */
export const unusual = <F, I, M>(lanes: Lanes<F, I, M>, x: F): M =>
  exceeds(lanes, x, usual[lanes.format.name]);

/** exp(x + rest) where x is not unusual, for a rest no larger than about the last place of x. */
export function expUsually<F, I, M>(lanes: Lanes<F, I, M>, x: F, rest?: F): F {
  const reduced = reduce(lanes, x, rest);
  const { head, tail } = reducedExp(lanes, reduced);
  return scaleNormal(lanes, lanes.add(head, tail), reduced.bitsOfK);
}

/** exp(x + rest) for any x and a rest no larger than about its last place, without a question asked. */
function expOfDouble<F, I, M>(lanes: Lanes<F, I, M>, x: F, rest?: F): F {
  const [least, most] = ends[lanes.format.name];
  const inside = lanes.atMost(lanes.atLeast(x, least), most);
  // Beyond the ends nothing that x lost counts: it may be large, or NaN.
  return expInside(lanes, inside, rest === undefined ? undefined : lanes.orZero(lanes.eq(x, inside), rest));
}

/**
 * The same between the ends; what it is elsewhere has no meaning.
 *
 * x = (k / 64) ln 2 + r, and a table has 2^(k/64) up to powers of 4; eʳ = 1 + r + r² P(r).
 */
function expInside<F, I, M>(lanes: Lanes<F, I, M>, x: F, rest?: F): F {
  const { constant, add, sub, mul } = lanes;
  const { perStep, stepHigh, stepLow, series } = nearRoots;
  // The lowest bits number the root; the next ones are the exponent of the power's own root as a double has it.
  const center = constant(magic(lanes.format) + 2 * steps * lanes.format.bias);
  const shifted = add(mul(x, constant(perStep)), center);
  const k = sub(shifted, center);
  const part = mul(k, constant(stepLow));
  const low = rest === undefined ? part : sub(part, rest);
  const r = sub(sub(x, mul(k, constant(stepHigh))), low);
  const less1 = add(r, mul(mul(r, r), polynomial(lanes, series, r)));
  const root = lanes.pairAt(roots, lanes.bits(shifted));
  const e = add(root.head, add(root.tail, mul(root.head, less1)));
  const exponents = lanes.integer(0x7ffn << 52n);
  const up = lanes.shiftLeft(lanes.bits(shifted), 52 - Math.log2(2 * steps));
  const half = lanes.float(lanes.andBits(up, exponents));
  return mul(mul(e, half), half);
}

/** exp(x + y) where x + y is not above 0, or NaN: bit by bit what `expSum` gives. */
export function expSumBelow0<F, I, M>(lanes: Lanes<F, I, M>, x: F, y: F): F {
  if (lanes.format.name !== "double") return expSum(lanes, x, y);
  const { head, tail } = twoSum(lanes, x, y);
  const isZero = lanes.lt(head, lanes.constant(ends.double[0]));
  return lanes.orZeroIf(isZero, expInside(lanes, head, tail));
}

export const exp = <F, I, M>(lanes: Lanes<F, I, M>, x: F): F =>
  lanes.format.name === "double"
    ? expOfDouble(lanes, x)
    : lanes.rare(unusual(lanes, x), expUsually(lanes, x), () => expAnywhere(lanes, x));

/** exp(x + y + z), the roundings of the sum made good. */
export function expSum<F, I, M>(lanes: Lanes<F, I, M>, x: F, y: F, z?: F): F {
  const { add, constant, select, format } = lanes;
  const sum = z === undefined ? twoSum(lanes, x, y) : sumOfThree(lanes, x, y, z);
  // What an infinite sum lost is not a number, and may have come into the head.
  const orInfinite = (): Twofold<F> => {
    const plain = z === undefined ? sum.head : add(add(x, y), z);
    const infinite = exceeds(lanes, plain, format.largest);
    return { head: select(infinite, plain, sum.head), tail: select(infinite, constant(0), sum.tail) };
  };
  if (format.name === "double") {
    const { head, tail } = z === undefined ? sum : orInfinite();
    return expOfDouble(lanes, head, tail);
  }
  return lanes.rare(unusual(lanes, sum.head), expUsually(lanes, sum.head, sum.tail), () => {
    const { head, tail } = orInfinite();
    return expAnywhere(lanes, head, tail);
  });
}

function sumOfThree<F, I, M>(lanes: Lanes<F, I, M>, x: F, y: F, z: F): Twofold<F> {
  const first = twoSum(lanes, x, y);
  const second = twoSum(lanes, first.head, z);
  // What the first sum lost may be large beside the second one.
  return twoSum(lanes, second.head, lanes.add(first.tail, second.tail));
}

/** exp(x + rest) where x is not unusual, for a rest no larger than about the last place of x. */
export function twofoldExp<F, I, M>(lanes: Lanes<F, I, M>, x: F, rest?: F): Twofold<F> {
  const reduced = reduce(lanes, x, rest);
  const rough = reducedExp(lanes, reduced);
  const { head, tail } = fastTwoSum(lanes, rough.head, rough.tail);
  const power = scaleNormal(lanes, lanes.constant(1), reduced.bitsOfK);
  return { head: scaleNormal(lanes, head, reduced.bitsOfK), tail: lanes.mul(tail, power) };
}

/** eˣ − 1 where x is not unusual. r²/2 is too large to be rounded: it comes in two parts, the first of them exact. */
export function twofoldExpm1<F, I, M>(lanes: Lanes<F, I, M>, x: F): Twofold<F> {
  const { constant, add, sub, mul, format } = lanes;
  const { bitsOfK, high, low, r } = reduce(lanes, x);
  const power = scaleNormal(lanes, constant(1), bitsOfK);
  const line = fastTwoSum(lanes, constant(1), high);
  const square = halfSquare(lanes, r);
  const higher = mul(mul(mul(r, r), r), polynomial(lanes, coefficients[format.name].expm1, r));
  const small = add(line.tail, sub(add(square.tail, higher), low));
  const first = twoSum(lanes, mul(line.head, power), constant(-1));
  const second = fastTwoSum(lanes, first.head, mul(square.head, power));
  return fastTwoSum(lanes, second.head, add(add(first.tail, second.tail), mul(small, power)));
}

export function expm1<F, I, M>(lanes: Lanes<F, I, M>, x: F): F {
  const value = withSignOf(lanes, x, twofoldExpm1(lanes, x).head);
  return lanes.rare(unusual(lanes, x), value, () =>
    lanes.select(lanes.lt(x, lanes.constant(0)), lanes.constant(-1), expAnywhere(lanes, x)),
  );
}
