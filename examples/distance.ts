/** How far two gradients are apart. */

/** CS231n's, of two numbers: |a − b| / (|a| + |b|). */
export const relativeError = (a: number, b: number): number =>
  a === b ? 0 : Math.abs(a - b) / (Math.abs(a) + Math.abs(b));

/** ‖a − b‖ / ‖b‖ in the Frobenius norm. */
export const distance = (a: Float64Array, b: Float64Array): number =>
  norm(a.map((x, n) => x - b[n]!)) / norm(b);

const norm = (x: Float64Array): number => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
