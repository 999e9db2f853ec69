/** Misclassified images, gathered by the class that they were given. */
import { imageAt, type ImageSet } from "./image-set.ts";
import { pictureOf, type Picture } from "./picture.ts";

export interface Mistaken {
  /** The class that was given. */
  readonly given: number;
  /** Images of other classes that were given it, the first of them in the set's order. */
  readonly images: readonly number[];
}

/** A row a class, of at most `most` images. */
export const mistaken = (
  { labels }: ImageSet,
  given: Uint8Array,
  classes: number,
  most: number,
): readonly Mistaken[] =>
  Array.from({ length: classes }, (_, j) => ({
    given: j,
    images: [...given.keys()].filter((n) => given[n] === j && labels[n] !== j).slice(0, most),
  }));

/** The rows as pictures. */
export const mistakenPictures = (set: ImageSet, rows: readonly Mistaken[]): readonly (readonly Picture[])[] =>
  rows.map(({ images }) => images.map((n) => pictureOf(imageAt(set, n))));
