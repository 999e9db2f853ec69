/**
 * Exact coefficients: n/d with d a positive integer, n an integer wherever d is not 1.
 *
 * Constants are folded only where a double holds the result exactly, so that a
 * simplified expression has the value of the one it came from to the last bit;
 * each function gives `undefined` where it would have to round.
 */
export interface Ratio {
  readonly n: number;
  readonly d: number;
}

export const one: Ratio = { n: 1, d: 1 };
export const zero: Ratio = { n: 0, d: 1 };
export const ratio = (n: number, d = 1): Ratio => ({ n, d });

export function addRatio(a: Ratio, b: Ratio): Ratio | undefined {
  if (a.d === b.d) return reduced(exactSum(a.n, b.n), a.d);
  const [left, right, d] = [exactProduct(a.n, b.d), exactProduct(b.n, a.d), exactProduct(a.d, b.d)];
  if (left === undefined || right === undefined || d === undefined) return undefined;
  return reduced(exactSum(left, right), d);
}

export function mulRatio(a: Ratio, b: Ratio): Ratio | undefined {
  // Nearly all coefficients are small integers.
  if (a.d === 1 && b.d === 1 && isSmall(a.n) && isSmall(b.n)) return ratio(a.n * b.n || 0);
  const d = exactProduct(a.d, b.d);
  return d === undefined ? undefined : reduced(exactProduct(a.n, b.n), d);
}

/** An integer whose products with others of its kind are exact. */
const isSmall = (n: number): boolean => Number.isInteger(n) && Math.abs(n) < 2 ** 26;

/** 1/a for a ≠ 0; exact where a is a ratio of integers or a power of two. */
export function invertRatio(a: Ratio): Ratio | undefined {
  if (a.n === 0 || !Number.isFinite(a.n)) return undefined;
  const inverse = 1 / a.n;
  if (exactProduct(inverse, a.n) === 1) return mulRatio(ratio(inverse), ratio(a.d));
  if (!Number.isSafeInteger(a.n)) return undefined;
  return reduced(a.n < 0 ? -a.d : a.d, Math.abs(a.n));
}

/** The least common form; undefined when it cannot be held exactly. */
function reduced(n: number | undefined, d: number): Ratio | undefined {
  if (n === undefined) return undefined;
  if (n === 0) return zero;
  if (d === 1) return ratio(n);
  // A denominator that is a power of two divides exactly, and so does any divisor of an integer.
  if (exactProduct(n / d, d) === n) return ratio(n / d);
  if (!Number.isSafeInteger(n) || !Number.isSafeInteger(d)) return undefined;
  const g = gcd(Math.abs(n), d);
  return ratio(n / g, d / g);
}

/** Of integers that are not negative; gcd(0, b) is b. */
export const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** a + b, or undefined when it is not a double. */
export function exactSum(a: number, b: number): number | undefined {
  const sum = a + b;
  if (!Number.isFinite(sum)) return undefined;
  const rest = sum - a;
  const error = a - (sum - rest) + (b - rest); // Knuth's two-sum
  return error === 0 ? sum : undefined;
}

/** a · b, or undefined when it is not a double. */
export function exactProduct(a: number, b: number): number | undefined {
  const product = a * b;
  if (!Number.isFinite(product)) return undefined;
  if (a === 0 || b === 0) return product;
  // Below these bounds Dekker's product neither overflows nor loses bits to underflow.
  if (Math.abs(product) < 1e-250 || Math.abs(a) > 1e290 || Math.abs(b) > 1e290) return undefined;
  if (a === 1 || b === 1) return product;
  const [ah, al] = split(a);
  const [bh, bl] = split(b);
  const error = al * bl - (product - ah * bh - al * bh - ah * bl);
  return error === 0 ? product : undefined;
}

function split(a: number): readonly [number, number] {
  const scaled = 134217729 * a; // 2^27 + 1: Veltkamp's splitting
  const high = scaled - (scaled - a);
  return [high, a - high];
}
