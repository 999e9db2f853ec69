/** What a program's inputs are bound to: arrays of numbers, and the sizes that follow from them. */
import type { Sizes } from "./expr/extent.ts";

/** Numbers in row-major order; a scalar has the shape `[]`. Integers stand in an `Int32Array`. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float64Array | Int32Array;
}

/** The inputs of a program by name, with shapes that agree and subscripts that stay inside. */
export interface Binding {
  readonly arrays: ReadonlyMap<string, Tensor>;
  readonly sizes: Sizes;
}

/** The sizes of bound arrays. */
export function sizesOf(arrays: ReadonlyMap<string, Tensor>): Sizes {
  const known = (name: string): Tensor => {
    const array = arrays.get(name);
    if (array === undefined) throw new Error(`an extent refers to ${name}, which is not bound`);
    return array;
  };
  return {
    axis: (name, axis) => known(name).shape[axis]!,
    scalar: (name) => known(name).data[0]!,
  };
}

/** How many elements an array of this shape has. */
export const volume = (shape: readonly number[]): number => shape.reduce((n, size) => n * size, 1);
