/** Errors in units of the last place of the double nearest to the exact value. */
import type { Field } from "./field.ts";

const bits = new BigInt64Array(1);
const float = new Float64Array(bits.buffer);

/** The distance from |x| to the next larger double; that below the largest one. */
export function unitOf(x: number): number {
  float[0] = Math.abs(x);
  bits[0]! += 1n;
  return Number.isFinite(float[0]) ? float[0] - Math.abs(x) : 2 ** 971;
}

/**
 * How far a double is from an exact value. Infinity where one is NaN and the other is not, where
 * the exact value rounds to a finite one and the double is infinite, and where it is 0 and must not be.
 */
export function ulps<T>(got: number, exact: T, { toNumber, fromNumber, functions }: Field<T>): number {
  const nearest = toNumber(exact);
  if (Number.isNaN(nearest)) return Number.isNaN(got) ? 0 : Infinity;
  if (!Number.isFinite(nearest)) return got === nearest || Math.abs(got) === Number.MAX_VALUE ? 0 : Infinity;
  if (!Number.isFinite(got)) return Infinity;
  if (got === 0 && Math.abs(nearest) >= 2 ** -1022) return Infinity;
  const error = functions.abs(functions.sub(exact, fromNumber(got)));
  return toNumber(functions.div(error, fromNumber(unitOf(nearest))));
}
