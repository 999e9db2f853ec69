/** Errors in units of the last place of a format. */
import { ulps } from "../../../lib/number/ulp.ts";
import { type Wide, wide } from "../../../lib/number/wide/wide.ts";
import { double, type Format } from "../../../lib/wasm/functions/lanes.ts";
import { lanesOf } from "./points.ts";

export const exact = wide(160);

/** How far `got` is from the exact value; Infinity where one is infinite or NaN and the other is not. */
export function errorOf(got: number, value: Wide, format: Format): number {
  if (format === double) return ulps(got, value, exact);
  const { bits, float, constant } = lanesOf(format);
  const near = exact.toNumber(value); // more than twice the digits
  const nearest = constant(near);
  if (Number.isNaN(nearest)) return Number.isNaN(got) ? 0 : Infinity;
  if (!Number.isFinite(nearest)) return got === nearest || Math.abs(got) === format.largest ? 0 : Infinity;
  if (!Number.isFinite(got)) return Infinity;
  const size = Math.min(Math.abs(nearest), float(bits(format.largest) - 1n));
  return Math.abs(got - near) / (float(bits(size) + 1n) - size);
}
