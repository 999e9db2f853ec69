/** What is done with the bits of floats. */
import type { Lanes } from "./lanes.ts";

/** Where |x| > bound, or x is NaN: floats without a sign are ordered as their bits are, NaN above ∞. */
export function exceeds<F, I, M>(lanes: Lanes<F, I, M>, x: F, bound: number): M {
  const { format, integer, bits } = lanes;
  const size = lanes.andBits(bits(x), integer((1n << BigInt(format.size - 1)) - 1n));
  return lanes.gtBits(size, integer(format.bitsOf(bound)));
}

/** x without the lower half of its bits: the product of two such is exact. */
export function upperHalf<F, I, M>(lanes: Lanes<F, I, M>, x: F): F {
  const { size, precision } = lanes.format;
  const lower = BigInt((precision + 1) >> 1);
  const mask = ((1n << BigInt(size)) - 1n) ^ ((1n << lower) - 1n);
  return lanes.float(lanes.andBits(lanes.bits(x), lanes.integer(mask)));
}

/** −|x| */
export const minusSize = <F, I, M>(lanes: Lanes<F, I, M>, x: F): F =>
  lanes.float(lanes.orBits(lanes.bits(x), lanes.integer(1n << BigInt(lanes.format.size - 1))));

/** The value with the sign of x, which is its sign already where it is not 0. */
export function withSignOf<F, I, M>(lanes: Lanes<F, I, M>, x: F, value: F): F {
  const sign = lanes.andBits(lanes.bits(x), lanes.integer(1n << BigInt(lanes.format.size - 1)));
  return lanes.float(lanes.orBits(lanes.bits(value), sign));
}

/** Where x has a sign, −0 among them. */
export const isNegative = <F, I, M>(lanes: Lanes<F, I, M>, x: F): M =>
  lanes.gtBits(lanes.integer(0n), lanes.bits(x));
