/**
 * The machine that functions are described for: a few lanes of binary floating point, side by side.
 *
 * A description is written once, against `Lanes`, and means the same everywhere: instructions of
 * WebAssembly for `f64x2`, `f32x4`, `f64` and `f32` (`emit.ts`), and numbers of JavaScript (`numbers.ts`).
 * Each operation rounds once, to nearest, ties to even. No lane sees another one: the only thing that
 * lanes share is whether the long way of `rare` is taken, which changes no other lane.
 */

/** A binary floating-point format, and what descriptions need to know of it. */
export interface Format {
  readonly name: "double" | "single";
  /** Bits of the significand, the hidden one among them. */
  readonly precision: number;
  /** Bits of the whole. */
  readonly size: number;
  /** What is added to exponents. */
  readonly bias: number;
  readonly largest: number;
  /** The least normal number. */
  readonly normal: number;
  /** The bits of a number of the format. */
  bitsOf(x: number): bigint;
}

const place = new DataView(new ArrayBuffer(8));

export const double: Format = {
  name: "double",
  precision: 53,
  size: 64,
  bias: 1023,
  largest: Number.MAX_VALUE,
  normal: 2 ** -1022,
  bitsOf: (x) => (place.setFloat64(0, x), place.getBigUint64(0)),
};

export const single: Format = {
  name: "single",
  precision: 24,
  size: 32,
  bias: 127,
  largest: 2 ** 128 - 2 ** 104,
  normal: 2 ** -126,
  bitsOf: (x) => (place.setFloat32(0, x), BigInt(place.getUint32(0))),
};

/** Pairs of a head and a tail, as many as a power of 2, in the module's memory from an address on. */
export interface Table {
  readonly at: number;
  readonly pairs: readonly (readonly [head: number, tail: number])[];
}

/** `F` are floats, `I` their bits as integers, `M` conditions; one of each a lane. */
export interface Lanes<F, I, M> {
  readonly format: Format;
  /** The same in all lanes; the format has it exactly, or it is rounded. */
  constant(x: number): F;

  add(x: F, y: F): F;
  sub(x: F, y: F): F;
  mul(x: F, y: F): F;
  div(x: F, y: F): F;
  sqrt(x: F): F;
  neg(x: F): F;
  abs(x: F): F;

  lt(x: F, y: F): M;
  le(x: F, y: F): M;
  eq(x: F, y: F): M;
  not(p: M): M;
  both(p: M, q: M): M;
  either(p: M, q: M): M;
  /** Both sides are evaluated. */
  select(p: M, yes: F, no: F): F;
  /** x where p holds (does not hold), 0 elsewhere. */
  orZero(p: M, x: F): F;
  orZeroIf(p: M, x: F): F;
  /** x, but not below (above) a bound; NaN stays. */
  atLeast(x: F, bound: number): F;
  atMost(x: F, bound: number): F;

  bits(x: F): I;
  float(n: I): F;
  integer(n: bigint): I;
  addBits(n: I, m: I): I;
  andBits(n: I, m: I): I;
  orBits(n: I, m: I): I;
  /** n > m as signed integers. */
  gtBits(n: I, m: I): M;
  shiftLeft(n: I, by: number): I;
  /** Zeros come in from above. */
  shiftRight(n: I, by: number): I;

  /** The pair of a table that the lowest bits of n number. Tables are of doubles. */
  pairAt(table: Table, n: I): { readonly head: F; readonly tail: F };

  /** `select(p, long(), usual)`, where `long` is evaluated only when `p` holds in some lane. */
  rare(p: M, usual: F, long: () => F): F;
}
