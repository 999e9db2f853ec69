/**
 * A square of values, so many vectors as each has lanes: its rows become its columns.
 *
 *   f64x2   a0 a1        a0 b0       f32x4   a0 a1 a2 a3        a0 b0 c0 d0
 *           b0 b1   →    a1 b1               b0 b1 b2 b3   →    a1 b1 c1 d1   and so on
 */
import { opWith, type Code } from "../code.ts";
import type { FunctionBuilder } from "../function.ts";
import type { Lanes } from "../lanes.ts";

/** The bytes of elements of two vectors, those of the second counted on from the first. */
const bytes = (size: 4 | 8, elements: readonly number[]): readonly number[] =>
  elements.flatMap((e) => Array.from({ length: size }, (_, n) => e * size + n));

const low64 = bytes(8, [0, 2]);
const high64 = bytes(8, [1, 3]);
const low32 = bytes(4, [0, 4, 1, 5]);
const high32 = bytes(4, [2, 6, 3, 7]);

/** The columns of a square whose rows are kept values. */
export function transposed(f: FunctionBuilder, lanes: Lanes, rows: readonly Code[]): readonly Code[] {
  const mix = (which: readonly number[], a: Code, b: Code): Code =>
    f.keep(opWith("i8x16.shuffle", { lanes: which }, a, b));
  const pair = (a: Code, b: Code): readonly Code[] => [mix(low64, a, b), mix(high64, a, b)];
  if (lanes.count === 2) return pair(rows[0]!, rows[1]!);
  const [a, b, c, d] = rows as readonly [Code, Code, Code, Code]; // four lanes, four rows
  const first = pair(mix(low32, a, b), mix(low32, c, d));
  const second = pair(mix(high32, a, b), mix(high32, c, d));
  return [...first, ...second];
}
