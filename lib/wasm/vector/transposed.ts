/**
 * Blocks of values in memory, with a row for each lane, as vectors of their columns.
 *
 *   f64x2   a0 a1        a0 b0       f32x4   a0 a1 a2 a3        a0 b0 c0 d0
 *           b0 b1   →    a1 b1               b0 b1 b2 b3   →    a1 b1 c1 d1   and so on
 *
 * A block has as many columns as there are lanes, or two.
 */
import { opWith, type Code } from "../code.ts";
import type { FunctionBuilder } from "../function.ts";
import type { Lanes } from "../lanes.ts";
import type { Place } from "./round.ts";

/** The bytes of elements of two vectors, those of the second counted on from the first. */
const bytes = (size: 4 | 8, elements: readonly number[]): readonly number[] =>
  elements.flatMap((e) => Array.from({ length: size }, (_, n) => e * size + n));

const low64 = bytes(8, [0, 2]);
const high64 = bytes(8, [1, 3]);
const low32 = bytes(4, [0, 4, 1, 5]);
const high32 = bytes(4, [2, 6, 3, 7]);
const even32 = bytes(4, [0, 2, 4, 6]);
const odd32 = bytes(4, [1, 3, 5, 7]);

export class Transposed {
  readonly #f: FunctionBuilder;
  readonly #lanes: Lanes;

  constructor(f: FunctionBuilder, lanes: Lanes) {
    this.#f = f;
    this.#lanes = lanes;
  }

  /** Whether there are blocks of so many columns. */
  has(columns: number): boolean {
    return columns === this.#lanes.count || columns === 2;
  }

  /** The columns of a block whose rows begin at these places. */
  load(rows: readonly Place[], columns: number): readonly Code[] {
    if (columns === this.#lanes.count)
      return this.#square(rows.map((place) => this.#f.keep(opWith("v128.load", place, place.address))));
    const [a, b, c, d] = rows as readonly [Place, Place, Place, Place]; // four lanes
    const [first, second] = [this.#pair(a, b), this.#pair(c, d)];
    return [this.#mix(even32, first, second), this.#mix(odd32, first, second)];
  }

  /** Stores a block by its columns. */
  store(rows: readonly Place[], columns: readonly Code[]): void {
    const f = this.#f;
    if (columns.length === this.#lanes.count) {
      for (const [n, row] of this.#square(columns).entries())
        f.emit(opWith("v128.store", rows[n]!, rows[n]!.address, row));
      return;
    }
    const [first, second] = columns as readonly [Code, Code];
    const pairs = [this.#mix(low32, first, second), this.#mix(high32, first, second)];
    for (const [n, { address, offset }] of rows.entries())
      f.emit(opWith("v128.store64_lane", { lane: n % 2, offset }, address, pairs[n >> 1]!));
  }

  /** Two values of one row, then two of another. */
  #pair(a: Place, b: Place): Code {
    const first = opWith("v128.load64_zero", a, a.address);
    return this.#f.keep(opWith("v128.load64_lane", { lane: 1, offset: b.offset }, b.address, first));
  }

  #square(rows: readonly Code[]): readonly Code[] {
    const halves = (a: Code, b: Code): readonly Code[] => [this.#mix(low64, a, b), this.#mix(high64, a, b)];
    if (this.#lanes.count === 2) return halves(rows[0]!, rows[1]!);
    const [a, b, c, d] = rows as readonly [Code, Code, Code, Code]; // four lanes
    const first = halves(this.#mix(low32, a, b), this.#mix(low32, c, d));
    const second = halves(this.#mix(high32, a, b), this.#mix(high32, c, d));
    return [...first, ...second];
  }

  #mix(lanes: readonly number[], a: Code, b: Code): Code {
    return this.#f.keep(opWith("i8x16.shuffle", { lanes }, a, b));
  }
}
