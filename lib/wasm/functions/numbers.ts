/** Descriptions run on numbers of JavaScript, one lane: bit by bit what a lane of WebAssembly gives. */
import { double, single, type Format, type Lanes } from "./lanes.ts";

export type Numbers = Lanes<number, bigint, boolean>;

const place = new DataView(new ArrayBuffer(8));

const lanesOf = (format: Format, round: (x: number) => number, float: (n: bigint) => number): Numbers => {
  const wrap = (n: bigint): bigint => BigInt.asUintN(format.size, n);
  return {
    format,
    constant: round,
    add: (x, y) => round(x + y),
    sub: (x, y) => round(x - y),
    mul: (x, y) => round(x * y),
    div: (x, y) => round(x / y),
    sqrt: (x) => round(Math.sqrt(x)),
    neg: (x) => -x,
    abs: Math.abs,
    lt: (x, y) => x < y,
    le: (x, y) => x <= y,
    eq: (x, y) => x === y,
    not: (p) => !p,
    both: (p, q) => p && q,
    either: (p, q) => p || q,
    select: (p, yes, no) => (p ? yes : no),
    orZero: (p, x) => (p ? x : 0),
    orZeroIf: (p, x) => (p ? 0 : x),
    atLeast: (x, bound) => (x < bound ? bound : x),
    atMost: (x, bound) => (bound < x ? bound : x),
    bits: format.bitsOf,
    float,
    integer: wrap,
    addBits: (n, m) => wrap(n + m),
    andBits: (n, m) => n & m,
    orBits: (n, m) => n | m,
    gtBits: (n, m) => BigInt.asIntN(format.size, n) > BigInt.asIntN(format.size, m),
    shiftLeft: (n, by) => wrap(n << BigInt(by)),
    shiftRight: (n, by) => n >> BigInt(by),
    pairAt({ pairs }, n) {
      const [head, tail] = pairs[Number(n & BigInt(pairs.length - 1))]!;
      return { head, tail };
    },
    rare: (p, usual, long) => (p ? long() : usual),
  };
};

export const doubles: Numbers = lanesOf(
  double,
  (x) => x,
  (n) => (place.setBigUint64(0, n), place.getFloat64(0)),
);

/** A sum, product, quotient or root of two floats is right when it is rounded from a double's (53 ≥ 2 · 24 + 2 bits). */
export const singles: Numbers = lanesOf(
  single,
  Math.fround,
  (n) => (place.setUint32(0, Number(n)), place.getFloat32(0)),
);
