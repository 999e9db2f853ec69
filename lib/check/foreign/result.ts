/** What a function gave, read as a value and gradients: `[loss, dW]`, `{loss, dW}`, `{value, gradients: {W}}`. */
import { readArray } from "../../bind/array.ts";
import { UserError } from "../../errors.ts";
import type { Input } from "../../expr/program.ts";
import type { Claim } from "../check.ts";
import type { Loose } from "./runner.ts";

export interface Outcome {
  /** The loss, where it gave one that is a number. */
  readonly value: number | undefined;
  /** By input; the shape is what it gave, right or wrong. */
  readonly gradients: ReadonlyMap<string, Claim>;
}

/** Throws a `UserError` that says what was given. `inputs`: the real inputs in the order in which they are passed. */
export function readOutcome(what: string, given: Loose, inputs: readonly Input[]): Outcome {
  const { value, named } = sort(given, inputs);
  if (named.length === 0)
    throw new UserError(`${what} returned ${shown(given)}, in which there is no gradient`, {
      fix: `return [loss, d${inputs[0]?.name ?? "W"}], or {loss, ${inputs.map((i) => `d${i.name}`).join(", ")}}`,
    });
  const gradients = new Map(
    named.map(([input, array]) => [input.name, claim(`the gradient d${input.name} of ${what}`, array)]),
  );
  return { value: typeof value === "number" ? value : undefined, gradients };
}

interface Sorted {
  readonly value: Loose;
  readonly named: readonly (readonly [Input, Loose])[];
}

function sort(given: Loose, inputs: readonly Input[]): Sorted {
  if (isRecord(given) && !isArray(given)) return sortRecord(given, inputs);
  if (
    Array.isArray(given) &&
    given.length >= 2 &&
    typeof given[0] === "number" &&
    given.slice(1).some((g) => !isNumber(g))
  ) {
    const [value, ...rest] = given as readonly Loose[];
    const [only] = rest;
    if (rest.length === 1 && isRecord(only) && !isArray(only)) return { ...sortRecord(only, inputs), value };
    return { value, named: inOrder(rest, inputs) };
  }
  return {
    value: undefined,
    named:
      Array.isArray(given) && given.length === 2 && given.every(isNumber)
        ? inOrder(given.slice(1), inputs)
        : inOrder([given], inputs),
  };
}

/** One gradient is that of W, or of the first array; several are in the order of the inputs. */
function inOrder(given: readonly Loose[], inputs: readonly Input[]): Sorted["named"] {
  const weights = inputs.find((i) => i.name === "W") ?? inputs.find((i) => i.shape.length > 0) ?? inputs[0];
  if (given.length === 1)
    return weights === undefined || !(isNumber(given[0]) || isArray(given[0])) ? [] : [[weights, given[0]]];
  return given.flatMap((array, n) => (inputs[n] === undefined ? [] : [[inputs[n], array] as const]));
}

const valueNames = ["loss", "value", "cost", "out", "output"];
const gradientNames = ["gradients", "gradient", "grads", "grad"];

function sortRecord(given: Readonly<Record<string, Loose>>, inputs: readonly Input[]): Sorted {
  const own = new Map(Object.entries(given));
  const value = valueNames.map((name) => own.get(name)).find((v) => v !== undefined);
  const inner = gradientNames.map((name) => own.get(name)).find((v) => v !== undefined);
  if (inner !== undefined) {
    const sorted =
      isRecord(inner) && !isArray(inner) ? sortRecord(inner, inputs).named : inOrder([inner], inputs);
    return { value, named: sorted };
  }
  const named = inputs.flatMap((input) => {
    const key = [`d${input.name}`, input.name, `grad_${input.name}`, `${input.name}_grad`].find((k) =>
      own.has(k),
    );
    return key === undefined ? [] : [[input, own.get(key)] as const];
  });
  return { value, named };
}

const isNumber = (value: Loose): value is number => typeof value === "number";
const isRecord = (value: Loose): value is Readonly<Record<string, Loose>> =>
  typeof value === "object" && value !== null;
/** Lists, and {shape, data}. */
const isArray = (value: Loose): boolean =>
  Array.isArray(value) || (isRecord(value) && "shape" in value && "data" in value);

/** The array with the shape that it has, which need not be the right one. */
function claim(what: string, array: Loose): Claim {
  const { shape, data } = readArray(what, array, rankOf(array), what);
  return { shape: shape.map((size) => size ?? 0), data };
}

function rankOf(array: Loose): number {
  if (isRecord(array) && Array.isArray(array["shape"])) return array["shape"].length;
  return Array.isArray(array) ? 1 + rankOf(array[0]) : 0;
}

function shown(given: Loose): string {
  if (Array.isArray(given)) return `a list of ${given.length}`;
  if (isRecord(given)) return isArray(given) ? "an array" : `{${Object.keys(given).slice(0, 6).join(", ")}}`;
  return given === undefined ? "nothing" : String(given).slice(0, 40);
}
