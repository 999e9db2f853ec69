/** The histogram of an image's hues. */
import { plane } from "./image-set.ts";

/** Bins that divide the circle of hues. */
export const hueBins = 10;

/** The share of pixels whose hue is in each bin; grey pixels have hue 0. */
export function hueHistogram(image: Uint8Array): Float64Array {
  const histogram = new Float64Array(hueBins);
  for (let n = 0; n < plane; n++) {
    const turn = hue(image[n]!, image[n + plane]!, image[n + 2 * plane]!);
    histogram[Math.min(hueBins - 1, Math.floor(turn * hueBins))]! += 1 / plane;
  }
  return histogram;
}

/** The hue of the HSV model, 0 ≤ hue < 1: red 0, green 1/3, blue 2/3. */
export function hue(red: number, green: number, blue: number): number {
  const most = Math.max(red, green, blue);
  const range = most - Math.min(red, green, blue);
  if (range === 0) return 0;
  const sixth =
    most === red
      ? (green - blue) / range
      : most === green
        ? 2 + (blue - red) / range
        : 4 + (red - green) / range;
  return (sixth < 0 ? sixth + 6 : sixth) / 6;
}
