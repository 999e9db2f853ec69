/** The brightness of an image's pixels, by the weights of ITU-R BT.601. */
import { plane } from "./image-set.ts";

/** 1 024 numbers, 0 to 255, row by row. */
export const gray = (image: Uint8Array): Float64Array =>
  Float64Array.from(
    { length: plane },
    (_, n) => 0.299 * image[n]! + 0.587 * image[n + plane]! + 0.114 * image[n + 2 * plane]!,
  );
