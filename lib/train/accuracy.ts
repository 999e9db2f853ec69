/** Which class a classifier gives to samples, and how often it is right. */
import { arrayOf } from "./array-of.ts";
import { kernelInputs, type Classifier, type Weights } from "./classifier.ts";
import type { Samples } from "./samples.ts";

/** Rows that are numbers at the same time. */
const rows = 250;

/** The scores of all samples, row-major: a row a sample, a column a class. */
export function scoresOf(classifier: Classifier, weights: Weights, samples: Samples): Float64Array {
  const { scores, classes } = classifier;
  const { count, width, write } = samples;
  const result = new Float64Array(count * classes);
  const X = new Float64Array(Math.min(rows, count) * width);
  for (let from = 0; from < count; from += rows) {
    const n = Math.min(rows, count - from);
    for (let k = 0; k < n; k++) write(from + k, X, k * width);
    const inputs = kernelInputs(
      classifier,
      { shape: [n, width], data: X.subarray(0, n * width) },
      { shape: [n], data: new Int32Array(n) },
      weights,
    );
    result.set(arrayOf(scores.run(inputs).value), from * classes);
  }
  return result;
}

/** The class with the greatest score for each sample: the first of equals. */
export function guesses(classifier: Classifier, weights: Weights, samples: Samples): Uint8Array {
  const { classes } = classifier;
  const scores = scoresOf(classifier, weights, samples);
  return Uint8Array.from({ length: samples.count }, (_, n) => {
    let best = 0;
    for (let j = 1; j < classes; j++) if (scores[n * classes + j]! > scores[n * classes + best]!) best = j;
    return best;
  });
}

/** The share of samples that are given their own class, 0 to 1; NaN when there are none. */
export function accuracy(classifier: Classifier, weights: Weights, samples: Samples): number {
  const given = guesses(classifier, weights, samples);
  return given.reduce((right, guess, n) => right + (guess === samples.labels[n] ? 1 : 0), 0) / samples.count;
}
