/** The mean of a set's images: 3 072 numbers, 0 to 255. */
import { imageBytes, type ImageSet } from "./image-set.ts";

export function meanImage({ bytes, labels }: ImageSet): Float64Array {
  const sum = new Float64Array(imageBytes);
  for (let from = 0; from < bytes.length; from += imageBytes)
    for (let k = 0; k < imageBytes; k++) sum[k]! += bytes[from + k]!;
  return sum.map((total) => total / labels.length);
}
