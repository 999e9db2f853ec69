/**
 * Inputs as JSON: `{"X": [[1, 2], [3, 4]], "reg": 0.1, "y": {"shape": [2], "data": [0, 1]}}`.
 *
 * JSON has no number for them, so "NaN", "Infinity" and "-Infinity" are read as numbers.
 */
import { element, type InputValue, type NestedArray } from "../bind/array.ts";
import { UserError } from "../errors.ts";
import { repeatedKey } from "./repeated-key.ts";

const words: ReadonlyMap<string, number> = new Map([
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
]);

/** Deeper lists than this are no arrays of any program; numpy's limit is 64. */
const mostAxes = 64;

/**
 * Reads named values. `file` is what errors call it. Any name is a name: nothing is inherited.
 * `part` chooses what of the whole holds them.
 */
export function parseJson(
  text: string,
  file: string,
  part: (whole: unknown) => unknown = (whole) => whole,
): Record<string, InputValue> {
  const whole = part(jsonValue(text, file));
  if (!isObject(whole))
    throw new UserError(`${file} holds ${shown(whole)}`, { fix: 'write {"X": [[1, 2], [3, 4]], …}' });
  const values: Record<string, InputValue> = Object.create(null);
  for (const [name, value] of Object.entries(whole)) values[name] = inputValue(name, value, file);
  return values;
}

/** What a text says in JSON, all of it: a key that is given twice is refused. */
export function jsonValue(text: string, file: string): unknown {
  const value = parsed(text.replace(/^\uFEFF/, ""), file);
  const twice = repeatedKey(text);
  if (twice === undefined) return value;
  throw new UserError(`line ${twice.line} of ${file} gives ${shown(twice.key)} a second time`, {
    fix: "keep one of them",
  });
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const bare = /[[:,]\s*(-?(?:NaN|Infinity))\b/.exec(text)?.[1];
    throw new UserError(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`, {
      fix:
        bare === undefined
          ? 'write names and lists, such as {"x": [1, 2], "reg": 0.1}, or give .npz'
          : `write ${bare} in quotes`,
    });
  }
}

function inputValue(name: string, value: unknown, file: string): InputValue {
  if (!isObject(value)) return nested(name, [], value, file);
  const { shape, data, ...rest } = value;
  if (!Array.isArray(shape) || !Array.isArray(data) || Object.keys(rest).length > 0)
    throw new UserError(`${name} in ${file} is ${shown(value)}`, { fix: arrayForms });
  return { shape: numbers(`the shape of ${name}`, shape, file), data: numbers(name, data, file) };
}

const arrayForms = 'give a number, nested lists of numbers, or {"shape": […], "data": […]}';

const numbers = (name: string, list: readonly unknown[], file: string): number[] =>
  list.map((x, n) => number(name, [n], x, file));

function nested(name: string, at: readonly number[], value: unknown, file: string): number | NestedArray {
  if (!Array.isArray(value)) return number(name, at, value, file);
  if (at.length > mostAxes) throw new UserError(`${name} in ${file} is nested more than ${mostAxes} deep`);
  if (value.some(Array.isArray))
    return value.map((item, n) => list(nested(name, [...at, n], item, file), name, [...at, n], file));
  return value.map((item, n) => number(name, [...at, n], item, file));
}

function list(value: number | NestedArray, name: string, at: readonly number[], file: string): NestedArray {
  if (typeof value !== "number") return value;
  throw new UserError(
    `${name} in ${file} is ragged: ${element(name, at)} is ${value}, not a list like others`,
  );
}

function number(name: string, at: readonly number[], value: unknown, file: string): number {
  const x = typeof value === "string" ? words.get(value) : value;
  if (typeof value === "number" && !Number.isFinite(value))
    throw new UserError(`${element(name, at)} in ${file} is beyond the largest double, 1.8e308`, {
      fix: `write "${value}" for an infinity, in quotes`,
    });
  if (typeof x === "number") return x;
  throw new UserError(`${element(name, at)} in ${file} is ${shown(value)}, not a number`, {
    fix: arrayForms,
  });
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (isObject(value)) return "an object";
  const text = JSON.stringify(value);
  return text.length > 24 ? `${text.slice(0, 23)}…` : text;
}
