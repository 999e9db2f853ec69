/** A point of a program: what is bound, which of it are coordinates, and points beside it. */
import { UserError } from "../errors.ts";
import { volume, type Binding, type Tensor } from "../binding.ts";
import { sizeOf } from "../expr/extent.ts";
import { output, type Program } from "../expr/program.ts";

export interface Point {
  readonly program: Program;
  readonly binding: Binding;
  /** The real inputs whose elements are coordinates, in the order of their coordinates. */
  readonly wrt: readonly string[];
  /** Coordinates that stay where they are, as constants do. */
  readonly held?: ReadonlySet<number>;
  /** For a layer, the gradient of the checked scalar by its output. */
  readonly upstream: Tensor | undefined;
}

/** The same point with other values for the coordinates. */
export function moved(point: Point, values: ArrayLike<number>): Point {
  const arrays = new Map(point.binding.arrays);
  let from = 0;
  for (const name of point.wrt) {
    const { shape, data } = arrays.get(name)!;
    arrays.set(name, { shape, data: Float64Array.from(data, (_, n) => values[from + n]!) });
    from += data.length;
  }
  return { ...point, binding: { ...point.binding, arrays } };
}

/** The shape that the upstream gradient of a layer must have; undefined for a scalar loss. */
export function outputShape(
  { definitions, inputs, bounds }: Program,
  binding: Binding,
): number[] | undefined {
  const { indices } = output({ definitions, inputs, bounds });
  return indices.length === 0 ? undefined : indices.map((i) => sizeOf(i.extent, binding.sizes));
}

/** The length by which to measure moves of each coordinate: its size, that of its array, or 1. */
export function reaches({ wrt, binding }: Point): Float64Array {
  const all: number[] = [];
  for (const name of wrt) {
    const { data } = binding.arrays.get(name)!;
    const finite = Array.from(data, (x) => (Number.isFinite(x) ? Math.abs(x) : 0));
    const largest = finite.reduce((m, x) => Math.max(m, x), 0);
    const typical =
      largest === 0
        ? 1
        : largest * Math.sqrt(finite.reduce((s, x) => s + (x / largest) ** 2, 0) / finite.length);
    for (const x of finite) all.push(Math.max(x, typical));
  }
  return Float64Array.from(all);
}

/** A position in an array of this shape, one number an axis. */
export function positionIn(shape: readonly number[], flat: number): number[] {
  const at: number[] = [];
  for (let axis = shape.length - 1, rest = flat; axis >= 0; axis--) {
    at[axis] = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
  }
  return at;
}

/** Refuses an array whose shape is not as wanted. */
export function refuseShape(
  what: string,
  { shape, data }: { shape: readonly number[]; data: ArrayLike<number> },
  wanted: readonly number[],
): void {
  const fits = shape.length === wanted.length && shape.every((size, axis) => size === wanted[axis]);
  if (fits && data.length === volume(wanted)) return;
  throw new UserError(
    `${what} has the shape [${shape.join(", ")}] and ${data.length} values, not [${wanted.join(", ")}]`,
  );
}
