/** The weights of a linear classifier of pixels as pictures: what each class is matched with. */
import { imageBytes } from "./image-set.ts";
import { pictureOf, type Picture } from "./picture.ts";

/**
 * One picture a class, of weights W[d,j] in row-major order, 3 072 × classes. As in CS231n,
 * the smallest weight of all classes is black and the greatest white.
 */
export function templates(W: Float64Array, classes: number): readonly Picture[] {
  const least = W.reduce((m, w) => Math.min(m, w), Infinity);
  const most = W.reduce((m, w) => Math.max(m, w), -Infinity);
  const scale = most > least ? 255 / (most - least) : 0;
  return Array.from({ length: classes }, (_, j) =>
    pictureOf(
      Uint8Array.from({ length: imageBytes }, (_, d) => Math.round((W[d * classes + j]! - least) * scale)),
    ),
  );
}
