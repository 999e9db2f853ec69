/** Random points for programs: sizes, labels and reals that a seed decides. */
import { Random } from "../../lib/check/random.ts";
import { sizeOf, type Sizes } from "../../lib/expr/extent.ts";
import type { Bound, Input } from "../../lib/expr/program.ts";

export interface PointOptions {
  /** Sizes of axes, as `X.0`; others are from 2 to 4. */
  readonly sizes?: Readonly<Record<string, number>>;
  /** Whether all reals are positive. */
  readonly positive?: boolean;
  /** The range of an integer input, both ends included; by default what its subscripts allow, or 0 to 2. */
  readonly range?: Readonly<Record<string, readonly [number, number]>>;
  /** Scalars that are not random. */
  readonly given?: Readonly<Record<string, number>>;
}

export type Given = Record<string, number | { shape: number[]; data: number[] }>;

/** Values for the inputs; reals are of size up to 2, and none is nearer to 0 than 1/16. */
export function randomGiven(
  { inputs, bounds }: { readonly inputs: readonly Input[]; readonly bounds: readonly Bound[] },
  seed: number,
  { sizes = {}, positive = false, range = {}, given = {} }: PointOptions = {},
): Given {
  const random = new Random(seed);
  const out: Given = {};
  const real = (): number => {
    const magnitude = 1 / 16 + Math.round(random.uniform() * 1.75 * 2 ** 30) / 2 ** 30;
    return positive || random.uniform() < 0.5 ? magnitude : -magnitude;
  };
  const integer = (name: string): number => {
    const [least, most] = range[name] ?? [0, labelsBelow(name, bounds, known) - 1];
    return random.int(least, most);
  };
  const drawn = new Map<string, number>();
  const known: Sizes = {
    axis: (array, axis) => {
      const key = `${array}.${axis}`;
      if (!drawn.has(key)) drawn.set(key, sizes[key] ?? random.int(2, 4));
      return drawn.get(key)!;
    },
    scalar: (name) => Number(out[name]),
  };
  const value = (input: Input): number =>
    given[input.name] ?? (input.type === "int" ? integer(input.name) : real());
  for (const input of inputs) if (input.shape.length === 0) out[input.name] = value(input);
  for (const input of inputs) {
    if (input.shape.length === 0) continue;
    const shape = input.shape.map((extent) => sizeOf(extent, known));
    const length = shape.reduce((n, size) => n * size, 1);
    out[input.name] = { shape, data: Array.from({ length }, () => value(input)) };
  }
  return out;
}

function labelsBelow(name: string, bounds: readonly Bound[], sizes: Sizes): number {
  const extents = bounds
    .filter((b) => b.subscript.kind === "read" && b.subscript.name === name)
    .map((b) => b.extent);
  return extents.length === 0 ? 3 : Math.min(...extents.map((extent) => sizeOf(extent, sizes)));
}
