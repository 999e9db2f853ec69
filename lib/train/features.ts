/** Images as rows of features: oriented gradients and hues, each brought to mean 0 and deviation 1. */
import { hog, hogWidth } from "./hog.ts";
import { hueBins, hueHistogram } from "./hue-histogram.ts";
import { imageAt, type ImageSet } from "./image-set.ts";
import type { Source } from "./samples.ts";

/** Numbers in a row. */
export const featureWidth: number = hogWidth + hueBins;

/** Of each feature, over the set that is trained on. */
export interface Normalization {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/** The features of a set as they are: a row an image. */
export function features(set: ImageSet): Float64Array {
  const count = set.labels.length;
  const rows = new Float64Array(count * featureWidth);
  for (let n = 0; n < count; n++) {
    rows.set(hog(imageAt(set, n)), n * featureWidth);
    rows.set(hueHistogram(imageAt(set, n)), n * featureWidth + hogWidth);
  }
  return rows;
}

export function normalization(rows: Float64Array): Normalization {
  const count = rows.length / featureWidth;
  const mean = new Float64Array(featureWidth);
  const square = new Float64Array(featureWidth);
  for (let n = 0; n < rows.length; n++) mean[n % featureWidth]! += rows[n]! / count;
  for (let n = 0; n < rows.length; n++)
    square[n % featureWidth]! += (rows[n]! - mean[n % featureWidth]!) ** 2 / count;
  return { mean, deviation: square.map(Math.sqrt) };
}

/** A feature that is the same in all images becomes 0. */
export const featureSource = (
  rows: Float64Array,
  labels: Uint8Array,
  { mean, deviation }: Normalization,
): Source => ({
  kind: "table",
  width: featureWidth,
  labels,
  rows: rows.map((x, n) => {
    const k = n % featureWidth;
    return deviation[k]! > 0 ? (x - mean[k]!) / deviation[k]! : 0;
  }),
});
