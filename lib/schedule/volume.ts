/** How many values an array of a shape has, as a scalar of the nest. */
import { extentKey, type Extent } from "../expr/extent.ts";
import { times } from "../loop/integer.ts";
import { constant, named, type Nest, type Scalar } from "../loop/nest.ts";

export function volume({ sizes }: Nest, shape: readonly Extent[]): Scalar {
  const names = new Map(sizes.map((s) => [extentKey(s.extent), s.name]));
  return shape
    .map((e) => (e.kind === "fixed" ? constant(e.value) : named(names.get(extentKey(e))!, "int")))
    .reduce(times, constant(1));
}
