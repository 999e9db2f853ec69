/** Arrays that a nest gets for what is computed before loops: an axis for each range, from 0 to a size. */
import { fixedExtent, type Extent } from "../expr/extent.ts";
import { plus, times } from "../loop/integer.ts";
import { constant, named, type Buffer, type Nest, type Range, type Scalar } from "../loop/nest.ts";

export class Scratch {
  readonly #buffers: Buffer[];
  readonly #extents: ReadonlyMap<string, Extent>;

  constructor({ buffers, sizes }: Nest) {
    this.#buffers = [...buffers];
    this.#extents = new Map(sizes.map((s) => [s.name, s.extent]));
  }

  /** The buffers of the nest, and those added. */
  get buffers(): readonly Buffer[] {
    return this.#buffers;
  }

  /** The extent of an axis for a range; undefined where it is none that is known before the kernel runs. */
  extentOf({ from, to }: Range): Extent | undefined {
    if (from.kind !== "const" || from.value !== 0) return undefined;
    if (to.kind === "const") return fixedExtent(to.value);
    return to.kind === "name" ? this.#extents.get(to.name) : undefined;
  }

  /** Adds an array with these axes, each of a known extent; `of` is what it holds something of. */
  add(name: string, of: string, ranges: readonly Range[]): void {
    const shape = ranges.map((r) => this.extentOf(r)!);
    this.#buffers.push({ name, of, role: "scratch", type: "real", shape });
  }
}

/** Where an array with these axes has the element at their indices: row-major. */
export const placeOf = (ranges: readonly Range[]): Scalar =>
  ranges.reduce<Scalar>((sum, r) => plus(times(sum, r.to), named(r.index, "int")), constant(0));
