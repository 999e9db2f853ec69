/** Arrays as callers give them, read into row-major numbers. Every fault is told with the element it is at. */
import { volume } from "../binding.ts";
import { UserError } from "../errors.ts";

/** A flat array of numbers and its shape; what scijs and stdlib call an ndarray. Strides count elements. */
export interface NdArray {
  readonly shape: ArrayLike<number>;
  readonly data: ArrayLike<number | bigint>;
  readonly stride?: ArrayLike<number>;
  readonly strides?: ArrayLike<number>;
  readonly offset?: number;
}

/** Lists of lists of numbers; the innermost may be typed arrays. */
export type NestedArray = ArrayLike<number | bigint> | readonly NestedArray[];

/** What a caller may give for an input: a number, nested lists, a typed array (one axis), or an ndarray. */
export type InputValue = number | NestedArray | NdArray;

/** Numbers in row-major order. A size below an empty list is not known: nothing says it. */
export interface GivenArray {
  readonly shape: readonly (number | undefined)[];
  readonly data: Float64Array;
}

const arrayForms = "give nested lists, or {shape, data}";

/** 4 GiB of doubles; more is taken for a slip. */
const mostElements = 2 ** 29;

/**
 * Reads `value` as an array of `rank` axes. A `Float64Array` in row-major order is not copied.
 * `written` is how the loss writes it, such as `X[i,d]`.
 */
export function readArray(name: string, value: unknown, rank: number, written: string): GivenArray {
  const array = isNdArray(value) ? readNdArray(name, value) : readNested(name, value, rank, written);
  if (array.shape.length !== rank) throw wrongRank(name, array.shape.length, rank, written);
  return array;
}

function wrongRank(name: string, given: number, rank: number, written: string): UserError {
  const used = rank === 0 ? "a number" : `an array of ${axes(rank)}, ${written}`;
  const got = given === 0 ? "a number" : `an array of ${axes(given)}`;
  return new UserError(`${name} is given as ${got} but the loss reads ${used}`);
}

const axes = (n: number): string => (n === 1 ? "1 axis" : `${n} axes`);

function readNested(name: string, value: unknown, rank: number, written: string): GivenArray {
  if (typeof value === "number") {
    if (rank !== 0) throw wrongRank(name, 0, rank, written);
    return { shape: [], data: Float64Array.of(value) };
  }
  if (!isList(value))
    throw rank === 0
      ? notANumber(name, [], value)
      : new UserError(`${name} = ${shown(value)} is not an array`, { fix: arrayForms });
  if (value instanceof Float64Array && rank === 1) return { shape: [value.length], data: value };
  const shape = shapeOf(value);
  // a list that ends early says nothing of the axes below it
  if (shape.length > rank || (shape.length < rank && shape.at(-1) !== 0))
    throw wrongRank(name, shape.length, rank, written);
  const data = new Float64Array(volume(shape));
  let filled = 0;
  const fill = (list: ArrayLike<unknown>, at: readonly number[]): void => {
    if (list.length !== shape[at.length])
      throw new UserError(
        `${name} is ragged: ${element(name, at)} has length ${list.length} but ${element(
          name,
          at.map(() => 0),
        )} has length ${shape[at.length]}`,
      );
    for (let n = 0; n < list.length; n++) {
      const item = list[n];
      if (at.length + 1 < shape.length) {
        if (!isList(item))
          throw new UserError(
            `${name} is ragged: ${element(name, [...at, n])} is not a list like the others`,
          );
        fill(item, [...at, n]);
      } else data[filled++] = toNumber(item, () => [name, [...at, n]]);
    }
  };
  fill(value, []);
  return { shape: Array.from({ length: rank }, (_, axis) => shape[axis]), data };
}

/** The lengths along the first elements. */
function shapeOf(value: ArrayLike<unknown>): number[] {
  const shape: number[] = [];
  const above = new Set<unknown>();
  for (let list: unknown = value; isList(list) && !above.has(list); list = list[0]) {
    above.add(list);
    shape.push(list.length);
  }
  return shape;
}

function readNdArray(name: string, array: NdArray): GivenArray {
  const shape = Array.from(array.shape);
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0))
    throw new UserError(`the shape of ${name} is [${shape.join(", ")}]`, {
      fix: "a shape lists whole numbers, 0 or more",
    });
  const elements = volume(shape);
  if (elements > mostElements) throw new UserError(`${name} has the shape ${shape.join(" × ")}: too large`);
  const strides = array.strides ?? array.stride;
  const offset = array.offset ?? 0;
  if (strides === undefined && offset === 0) return readRowMajor(name, shape, elements, array.data);
  return readStrided(name, shape, Array.from(strides ?? rowMajorStrides(shape)), offset, array.data);
}

function readRowMajor(
  name: string,
  shape: readonly number[],
  elements: number,
  data: ArrayLike<unknown>,
): GivenArray {
  if (data.length !== elements)
    throw new UserError(
      `${name} has ${data.length} elements, but its shape ${shapeText(shape)} wants ${elements}`,
    );
  if (data instanceof Float64Array) return { shape, data };
  return {
    shape,
    data: Float64Array.from(data, (x, n) => toNumber(x, () => [name, positionOf(n, shape)])),
  };
}

function readStrided(
  name: string,
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
  data: ArrayLike<unknown>,
): GivenArray {
  if (strides.length !== shape.length || ![...strides, offset].every(Number.isSafeInteger))
    throw new UserError(
      `${name} has the shape [${shape.join(", ")}], strides [${strides.join(", ")}] and offset ${offset}`,
      { fix: "strides are whole numbers, one an axis, and the offset is one" },
    );
  const steps = Array.from({ length: volume(shape) }, (_, n) => positionOf(n, shape));
  const places = steps.map((at) => at.reduce((sum, step, axis) => sum + step * strides[axis]!, offset));
  const outside = places.findIndex((place) => !(place >= 0 && place < data.length));
  if (outside >= 0)
    throw new UserError(
      `the strides of ${name} put ${element(name, steps[outside]!)} at ${places[outside]}, outside its ${data.length} elements`,
    );
  return {
    shape,
    data: Float64Array.from(places, (place, n) => toNumber(data[place], () => [name, steps[n]!])),
  };
}

function rowMajorStrides(shape: readonly number[]): number[] {
  return shape.map((_, axis) => volume(shape.slice(axis + 1)));
}

/** Where the element at this place of a row-major array is: a subscript an axis. */
export function positionOf(place: number, shape: readonly number[]): number[] {
  const at: number[] = [];
  for (let axis = shape.length - 1, rest = place; axis >= 0; axis--) {
    at.unshift(rest % shape[axis]!);
    rest = Math.floor(rest / shape[axis]!);
  }
  return at;
}

/** An element as it is written: `X[2,0]`. */
export const element = (name: string, at: readonly number[]): string =>
  at.length === 0 ? name : `${name}[${at.join(",")}]`;

/** `3 × 2`, or `[]` for a number. */
export const shapeText = (shape: readonly number[]): string =>
  shape.length === 0 ? "[]" : shape.join(" × ");

function toNumber(value: unknown, where: () => [string, readonly number[]]): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  throw notANumber(...where(), value);
}

function notANumber(name: string, at: readonly number[], value: unknown): UserError {
  const is = typeof value === "boolean" ? { fix: "write 1 or 0" } : {};
  return new UserError(`${element(name, at)} = ${shown(value)} is not a number`, is);
}

/** A foreign value in few words. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 20 ? `${value.slice(0, 20)}…` : value);
  if (isList(value)) return "[…]";
  if (typeof value === "object" && value !== null) return "{…}";
  return typeof value === "function" ? "a function" : String(value);
}

const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));

function isNdArray(value: unknown): value is NdArray {
  if (typeof value !== "object" || value === null || isList(value)) return false;
  return "shape" in value && isList(value.shape) && "data" in value && isList(value.data);
}
