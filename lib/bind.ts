/**
 * Binding: a program's inputs meet the arrays that a caller gives.
 *
 * Everything that can be wrong with them is found here, once: afterwards shapes
 * agree and every subscript is inside.
 */
import { expectArgument } from "./argument.ts";
import { element, positionOf, readArray, type GivenArray, type InputValue } from "./bind/array.ts";
import { checkBounds } from "./bind/bounds.ts";
import { settleShapes } from "./bind/sizes.ts";
import { readsOf, writtenInput } from "./bind/usage.ts";
import { sizesOf, type Binding, type Tensor } from "./binding.ts";
import { UserError } from "./errors.ts";
import type { Node } from "./expr/node.ts";
import type { Bound, Definition, Input } from "./expr/program.ts";

export type { InputValue } from "./bind/array.ts";
export type { Binding, Tensor } from "./binding.ts";

/** Values by the name of the input. Only an object's own properties count. */
export type Given = Readonly<Record<string, InputValue>>;

/** What has inputs: a program or a derivation. */
export interface Bindable {
  readonly inputs: readonly Input[];
  readonly bounds: readonly Bound[];
  /** Where the inputs are read; asked for their notation, and for values that subscripts read. */
  readonly definitions: readonly Definition[];
}

export interface BindOptions {
  /** Whether values for names that are not inputs are passed over; otherwise they are an error. */
  readonly allowExtra?: boolean;
}

/**
 * Binds inputs to values. Real inputs may be NaN or infinite; integers may not.
 * Arrays may share their memory with what was given.
 *
 * @throws UserError when a value is missing or too many, is not made of numbers, has the wrong
 * number of axes, when shapes disagree, and when a label or another subscript is out of range.
 */
export function bind(to: Bindable, given: Given, options: BindOptions = {}): Binding {
  expectArgument("bind", "bindable", to);
  expectArgument("bind", "inputs", given);
  const reads = readsOf(to.definitions);
  refuseMissing(to.inputs, given, reads);
  if (options.allowExtra !== true) refuseExtra(to.inputs, given);
  const arrays = new Map<string, GivenArray>();
  for (const { name, shape } of to.inputs)
    arrays.set(name, readArray(name, given[name], shape.length, writtenInput(name, shape.length, reads)));
  const shapes = settleShapes(to.inputs, arrays, reads);
  const tensors = new Map<string, Tensor>();
  for (const { name, type } of to.inputs) {
    const shape = shapes.get(name)!;
    const { data } = arrays.get(name)!;
    tensors.set(name, { shape, data: type === "int" ? integers(name, data, shape) : data });
  }
  const binding = { arrays: tensors, sizes: sizesOf(tensors) };
  checkBounds(to.bounds, to.definitions, binding);
  return binding;
}

function refuseMissing(inputs: readonly Input[], given: Given, reads: readonly Node<"read">[]): void {
  const missing = inputs.filter(({ name }) => !Object.hasOwn(given, name) || given[name] === undefined);
  if (missing.length === 0) return;
  const names = missing.map(({ name, type, shape }) => {
    const what = type === "real" ? "" : shape.length === 0 ? " (an integer)" : " (integers)";
    return writtenInput(name, shape.length, reads) + what;
  });
  const known = new Set(inputs.map(({ name }) => name));
  const extra = Object.keys(given).filter((name) => !known.has(name));
  throw new UserError(
    `no value is given for ${listed(names)}`,
    extra.length > 0 ? { fix: `rename what is given and not read: ${listed(extra.slice(0, 5), "or")}` } : {},
  );
}

function refuseExtra(inputs: readonly Input[], given: Given): void {
  const known = new Set(inputs.map(({ name }) => name));
  const extra = Object.keys(given).filter((name) => !known.has(name));
  if (extra.length === 0) return;
  const has = known.size === 0 ? "it has none" : `it has ${listed([...known])}`;
  throw new UserError(`the loss has no input named ${listed(extra, "or")}; ${has}`);
}

/** `X, W and y`. */
const listed = (names: readonly string[], joint = "and"): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} ${joint} ${names.at(-1)}`;

function integers(name: string, data: Float64Array, shape: readonly number[]): Int32Array {
  return Int32Array.from(data, (x, n) => {
    if (Number.isInteger(x) && x === (x | 0)) return x;
    const here = `${element(name, positionOf(n, shape))} = ${x}`;
    throw new UserError(
      Number.isInteger(x)
        ? `${here} is beyond the integers of 32 bits`
        : `${here} is not an integer, but ${name} is used as a subscript or count`,
    );
  });
}
