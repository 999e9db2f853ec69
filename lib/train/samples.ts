/**
 * What a classifier is trained on: rows of numbers with labels, made when they are asked for.
 *
 * A `Source` is plain data, that threads can share; `Samples` are how it is read.
 */
import { imageBytes } from "./image-set.ts";

export type Source =
  /** Pixels, 0 to 255, less the mean image. They stay bytes until they are read. */
  | {
      readonly kind: "pixels";
      readonly bytes: Uint8Array;
      readonly labels: Uint8Array;
      readonly mean: Float64Array;
    }
  /** Rows that are numbers already: row-major, `width` each. */
  | {
      readonly kind: "table";
      readonly rows: Float64Array;
      readonly width: number;
      readonly labels: Uint8Array;
    };

export interface Samples {
  readonly count: number;
  /** Numbers in a row. */
  readonly width: number;
  readonly labels: Uint8Array;
  /** Writes row n of the samples to `into`, from `at` on. */
  readonly write: (n: number, into: Float64Array, at: number) => void;
}

export function samplesOf(source: Source): Samples {
  const { labels } = source;
  const count = labels.length;
  if (source.kind === "pixels") return { count, width: imageBytes, labels, write: pixelWriter(source) };
  const { rows, width } = source;
  return {
    count,
    width,
    labels,
    write: (n, into, at) => into.set(rows.subarray(n * width, (n + 1) * width), at),
  };
}

const pixelWriter =
  ({ bytes, mean }: Source & { readonly kind: "pixels" }): Samples["write"] =>
  (n, into, at) => {
    const from = n * imageBytes;
    for (let k = 0; k < imageBytes; k++) into[at + k] = bytes[from + k]! - mean[k]!;
  };

/** The first samples, at most `count`. */
export const firstOf = (samples: Samples, count: number): Samples => ({
  ...samples,
  count: Math.min(count, samples.count),
  labels: samples.labels.subarray(0, count),
});

/** All rows as one array, row-major. */
export function rowsOf({ count, width, write }: Samples): Float64Array {
  const rows = new Float64Array(count * width);
  for (let n = 0; n < count; n++) write(n, rows, n * width);
  return rows;
}
