/**
 * Sets of labelled images, 32×32 in three colours, as CIFAR-10 has them.
 *
 * Images stay bytes: 3 072 each. They become numbers a batch at a time, see `pixels.ts`.
 */

export const side = 32;
/** Pixels in one colour plane. */
export const plane: number = side * side;
/** Bytes of an image: the red plane, the green, the blue, each row by row. */
export const imageBytes: number = 3 * plane;

export interface ImageSet {
  /** One image after another, `imageBytes` each. */
  readonly bytes: Uint8Array;
  /** The class of each image. */
  readonly labels: Uint8Array;
}

export interface Dataset {
  /** Where the images are from, in a few words. */
  readonly origin: string;
  /** The names of the classes, by label. */
  readonly classes: readonly string[];
  readonly train: ImageSet;
  readonly test: ImageSet;
}

/** The images `from` ≤ n < `to`; they share their memory with the set. */
export const part = ({ bytes, labels }: ImageSet, from: number, to: number): ImageSet => ({
  bytes: bytes.subarray(from * imageBytes, to * imageBytes),
  labels: labels.subarray(from, to),
});

/** The bytes of one image. */
export const imageAt = ({ bytes }: ImageSet, n: number): Uint8Array =>
  bytes.subarray(n * imageBytes, (n + 1) * imageBytes);
