/** Arrays with their axes in another order: TensorFlow.js keeps channels last. */
import type { Tensor } from "../../../lib/binding.ts";

/** Axis n of the result is axis `order[n]` of the array. */
export function permute({ shape, data }: Tensor, order: readonly number[]): Tensor {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const to = order.map((axis) => shape[axis]!);
  const steps = order.map((axis) => strides[axis]!);
  const permuted = new Float64Array(data.length);
  const at = to.map(() => 0);
  for (let n = 0, from = 0; n < permuted.length; n++) {
    permuted[n] = data[from]!;
    for (let axis = to.length - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++at[axis]! < to[axis]!) break;
      from -= steps[axis]! * to[axis]!;
      at[axis] = 0;
    }
  }
  return { shape: to, data: permuted };
}

/** The order that undoes it. */
export const inverse = (order: readonly number[]): readonly number[] => order.map((_, n) => order.indexOf(n));
