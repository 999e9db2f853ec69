/** Arrays for a kernel's inputs and results, from the shapes of its inputs. */
import { described } from "./argument.ts";
import type { Precision } from "./emit/options.ts";
import { UserError } from "./errors.ts";
import { extentKey, sizeOf, type Extent, type Sizes } from "./expr/extent.ts";
import type { Nest } from "./loop/nest.ts";

/** Shapes of arrays, by the name of the input, and values of integers that size an index. */
export type Shapes = Readonly<Record<string, readonly number[] | number>>;

export interface Allocated<R extends Float64Array | Float32Array = Float64Array> {
  /** The arrays among the inputs; all 0. */
  readonly inputs: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly data: R | Int32Array }>
  >;
  /** Where the results go: by an input's name its gradient, by the output's name the value of a layer. */
  readonly out: Readonly<Record<string, R>>;
}

/** A kernel in a memory of its own: its arrays by the names that the nest has for them. */
export type Memory = Readonly<Record<string, Float64Array | Float32Array | Int32Array>>;

/** Makes a kernel for the sizes that the nest has names for. */
export type Create = (sizes: Readonly<Record<string, number>>) => Memory;

/**
 * Arrays of these shapes, in the memory of the kernel that `create` makes, or on their own without it.
 *
 * @throws UserError when a shape is missing, is none, or disagrees with another one.
 */
export function allocated(
  nest: Nest,
  output: string,
  shapes: Shapes,
  create?: Create,
  precision: Precision = "float64",
): Allocated<Float64Array | Float32Array> {
  const Reals = precision === "float32" ? Float32Array : Float64Array;
  const arrays = nest.buffers.filter((b) => b.role === "input");
  const given = shapesOf(shapes, new Set([...arrays.map((b) => b.of), ...nest.parameters.map((p) => p.of)]));
  const sizes: Sizes = {
    axis: (name, axis) => shapeOf(given, name)[axis] ?? 0,
    scalar: (name) => numberOf(given, name),
  };
  for (const { of, shape } of arrays)
    agree(
      of,
      shapeOf(given, of),
      shape.map((e) => sizeOf(e, sizes)),
    );
  const named = new Map(nest.sizes.map(({ name, extent }) => [name, sizeOf(extent, sizes)]));
  const memory = create?.(Object.fromEntries(named));
  const numbers = new Map(nest.sizes.map((s) => [extentKey(s.extent), named.get(s.name)!]));
  const length = (shape: readonly Extent[]): number =>
    shape.reduce((n, e) => n * (e.kind === "fixed" ? e.value : numbers.get(extentKey(e))!), 1);
  const inputs = arrays.map(({ name, of, type, shape }) => {
    const data = memory?.[name] ?? new (type === "int" ? Int32Array : Reals)(length(shape));
    return [of, { shape: shapeOf(given, of), data }] as const;
  });
  const out = nest.results.flatMap(({ name, wrt }) => {
    const buffer = nest.buffers.find((b) => b.name === name);
    if (buffer === undefined) return [];
    const data = memory?.[name];
    return [[wrt ?? output, data instanceof Reals ? data : new Reals(length(buffer.shape))] as const];
  });
  return { inputs: Object.fromEntries(inputs), out: Object.fromEntries(out) };
}

/** @throws UserError where `shapes` is no object, or names what is no input. */
function shapesOf(shapes: unknown, known: ReadonlySet<string>): ReadonlyMap<string, Shapes[string]> {
  if (typeof shapes !== "object" || shapes === null || Array.isArray(shapes))
    throw new UserError(
      `the shapes are ${described(shapes)}, not lists of sizes by the names of the inputs`,
      {
        fix: `kernel.allocate({ ${[...known].map((name) => `${name}: …`).join(", ")} })`,
      },
    );
  const extra = Object.keys(shapes).find((name) => !known.has(name));
  if (extra !== undefined)
    throw new UserError(`there is no input ${extra} to give a shape`, {
      fix: `choose among ${[...known].join(", ")}`,
    });
  return new Map(Object.entries(shapes as Shapes));
}

function shapeOf(given: ReadonlyMap<string, readonly number[] | number>, name: string): readonly number[] {
  const shape = given.get(name);
  if (shape === undefined)
    throw new UserError(`no shape is given for ${name}`, { fix: `${name}: [size, …]` });
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0))
    throw new UserError(`the shape of ${name} is no list of whole numbers, 0 or more`);
  return shape;
}

function numberOf(given: ReadonlyMap<string, readonly number[] | number>, name: string): number {
  const value = given.get(name);
  if (typeof value !== "number") throw new UserError(`no value is given for ${name}, which sizes an index`);
  return value;
}

function agree(name: string, shape: readonly number[], wanted: readonly number[]): void {
  if (shape.length === wanted.length && shape.every((size, axis) => size === wanted[axis])) return;
  throw new UserError(
    `${name} has the shape [${shape.join(", ")}], but the other inputs want [${wanted.join(", ")}]`,
  );
}
