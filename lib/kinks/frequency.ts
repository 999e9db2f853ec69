/**
 * How often a difference quotient straddles a kink.
 *
 * Where a guard is m = μ + Σ a_k w_k with weights w_k drawn from N(0, σ²), m is normal with
 * mean μ and deviation s = σ·‖a‖. A step ±h on w_k moves m by ±h·a_k, so it straddles with
 *
 *   p = Φ((h|a_k| − μ) / s) − Φ((−h|a_k| − μ) / s)  ≈  2·h|a_k|·φ(μ/s) / s
 *
 * For a linear classifier with margins s_j − s_y + Δ: a_k = x_d, ‖a‖ = √2·‖x‖, μ = Δ, so
 * p ≈ h|x_d| / (√π·σ‖x‖) · exp(−Δ² / (4σ²‖x‖²)). Summed over guards, and averaged over
 * coordinates, this is how many kinks the check of one coordinate straddles.
 */
import { double } from "../number/double.ts";
import type { Guard } from "./guards.ts";

/** Φ, the normal distribution. erfc keeps its tail. */
const distribution = (x: number): number => double.functions.erfc(-x / Math.SQRT2) / 2;

const narrow = 1e-4;

/** The chance that N(mean, deviation²) is within ±reach. */
export function chance(reach: number, mean: number, deviation: number): number {
  if (deviation === 0) return Math.abs(mean) < reach ? 1 : 0;
  // So narrow that the density is constant: Φ − Φ would cancel.
  if (reach * (1 + Math.abs(mean) / deviation) < narrow * deviation)
    return (2 * reach * Math.exp(-((mean / deviation) ** 2) / 2)) / (deviation * Math.sqrt(2 * Math.PI));
  const [low, high] = [(-reach - mean) / deviation, (reach - mean) / deviation];
  // The side on which both tails are small, or their difference is lost.
  if (low > 0) return distribution(-low) - distribution(-high);
  return distribution(high) - distribution(low);
}

/** Expected straddles per coordinate when the coordinates from `from` to `to` (excluded) are drawn from N(0, σ²). */
export function expectedStraddles(
  guards: readonly Guard[],
  values: ArrayLike<number>,
  [from, to]: readonly [number, number],
  sigma: number,
  h: number,
): number {
  let total = 0;
  for (const { gap, coordinates, slopes } of guards) {
    const own = coordinates.flatMap((c, n) => (c >= from && c < to ? [{ c, a: slopes[n]! }] : []));
    const mean = own.reduce((m, { c, a }) => m - a * values[c]!, gap);
    const deviation = sigma * Math.hypot(...own.map(({ a }) => a));
    for (const { a } of own) total += chance(h * Math.abs(a), mean, deviation);
  }
  return total / (to - from);
}

/** Straddles per coordinate, counted. */
export function straddles(
  guards: readonly Guard[],
  [from, to]: readonly [number, number],
  h: number,
): number {
  let total = 0;
  for (const { gap, coordinates, slopes } of guards)
    for (const [n, c] of coordinates.entries())
      if (c >= from && c < to && Math.abs(gap) < h * Math.abs(slopes[n]!)) total++;
  return total / (to - from);
}

/** Whether guards have the same slopes at two points, along the coordinates of a range: they are affine in them. */
export function sameSlopes(
  a: readonly Guard[],
  b: readonly Guard[],
  [from, to]: readonly [number, number],
): boolean {
  if (a.length !== b.length) return false;
  return a.every(({ coordinates, slopes }, g) => {
    const other = b[g]!;
    return slopes.every((s, n) => {
      if (coordinates[n]! < from || coordinates[n]! >= to) return true;
      return coordinates[n] === other.coordinates[n] && Math.abs(s - other.slopes[n]!) <= 1e-12 * Math.abs(s);
    });
  });
}
