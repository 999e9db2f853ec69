/** Binary floating-point numbers of any length: m · 2^e. */

export type Wide =
  | { readonly m: bigint; readonly e: number }
  /** ∞, −∞ or NaN. */
  | { readonly m: undefined; readonly e: number };

export interface Finite {
  readonly m: bigint;
  readonly e: number;
}

export const special = (e: number): Wide => ({ m: undefined, e });
export const nan = special(NaN);
export const zero: Finite = { m: 0n, e: 0 };
export const finite = (x: Wide): x is Finite => x.m !== undefined;

/** How many bits it has. */
export function size(m: bigint): number {
  let [rest, below] = [m < 0n ? -m : m, 0];
  let nearest = Number(rest);
  for (; nearest === Infinity; nearest = Number(rest)) {
    rest >>= 960n;
    below += 960;
  }
  const bits = bitsOf(nearest);
  const wasRoundedUp = nearest === 2 ** (bits - 1) && rest >> BigInt(bits - 1) === 0n;
  return below + bits - (wasRoundedUp ? 1 : 0);
}

const view = new DataView(new ArrayBuffer(8));

/** Bits before the point of a double that is 0, or at least 1. */
function bitsOf(x: number): number {
  if (x === 0) return 0;
  view.setFloat64(0, x);
  return (view.getUint16(0) >> 4) - 1022;
}

export const whole = (n: number): Finite => ({ m: BigInt(n), e: 0 });
export const neg = (x: Finite): Finite => ({ m: -x.m, e: x.e });
export const exponent = (x: Finite): number => (x.m === 0n ? -Infinity : size(x.m) + x.e);
export const half = (x: Finite): Finite => ({ m: x.m, e: x.e - 1 });
/** A double, exactly. */
export function number(x: number): Wide {
  if (!Number.isFinite(x)) return special(x);
  if (x === 0) return zero;
  let [whole, e] = [x, 0];
  while (!Number.isInteger(whole)) {
    const by = Math.abs(whole) < 2 ** -900 ? 512 : Math.abs(whole) < 1 ? 64 : 1;
    [whole, e] = [whole * 2 ** by, e - by];
  }
  return { m: BigInt(whole), e };
}

/** The nearest double, ties to even; subnormals too. */
export function toNumber(x: Wide): number {
  if (x.m === undefined) return x.e;
  if (x.m === 0n) return 0;
  const top = size(x.m) + x.e;
  if (top > 1024) return x.m < 0n ? -Infinity : Infinity;
  if (top < -1075) return x.m < 0n ? -0 : 0;
  const least = Math.max(top - 53, -1074); // the exponent of the last bit that a double has there
  const drop = least - x.e;
  const negative = x.m < 0n;
  let m = negative ? -x.m : x.m;
  if (drop > 0) {
    const rest = m & ((1n << BigInt(drop)) - 1n);
    m >>= BigInt(drop);
    const half = 1n << BigInt(drop - 1);
    if (rest > half || (rest === half && (m & 1n) === 1n)) m++;
  } else m <<= BigInt(-drop);
  const value = Number(m) * 2 ** Math.max(least, -1022) * (least < -1022 ? 2 ** (least + 1022) : 1);
  return negative ? -value : value;
}
