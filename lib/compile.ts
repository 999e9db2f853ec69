/**
 * From a derivation to a kernel in this process.
 *
 * The code that runs is the emitted JavaScript, all of whose identifiers are our own
 * making; the user's text stands in comments only.
 */
import { bind, type Given } from "./bind.ts";
import type { Tensor } from "./binding.ts";
import type { Derivation } from "./diff/derivation.ts";
import { generate } from "./generate.ts";

/** A number, or an array in row-major order. */
export type Output = number | { readonly shape: readonly number[]; readonly data: Float64Array };

export interface KernelResult {
  readonly value: Output;
  /** By the name of the input. */
  readonly gradients: Readonly<Record<string, Output>>;
}

/** Buffers to write into: by an input's name its gradient, by the output's name the value of a layer. */
export type Buffers = Readonly<Record<string, Float64Array | undefined>>;

/** Inputs that need no conversion: numbers for scalars, `Float64Array`s for reals, `Int32Array`s for integers. */
export type RawInputs = Readonly<Record<string, number | Tensor>>;

export interface Kernel {
  /**
   * The value and the gradients at the given inputs, in the forms that `bind` takes.
   *
   * @throws UserError when an input is missing, misshapen, or out of range.
   */
  (inputs: Given, out?: Buffers): KernelResult;
  /** The same without conversions: inputs go to the code as they are. */
  run(inputs: RawInputs, out?: Buffers): KernelResult;
  /** The source, a JavaScript module. */
  readonly code: string;
}

export interface CompileOptions {
  readonly target?: "js" | undefined;
  readonly style?: string | undefined;
  readonly stable?: boolean | undefined;
}

type Entry = (inputs: Record<string, unknown>, out: Record<string, unknown>) => KernelResult;

/** A kernel for a derivation. */
export function compile(derivation: Derivation, options: CompileOptions = {}): Kernel {
  const { code, entry, keys } = generate(derivation, {
    target: options.target ?? "js",
    style: options.style,
    stable: options.stable,
    name: derivation.value,
  });
  const run = load(code, entry);
  const toKeys = (values: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(
      [...keys].flatMap(([of, key]) => (Object.hasOwn(values, of) ? [[key, values[of]]] : [])),
    );
  const raw = (inputs: RawInputs, out: Buffers = {}): KernelResult => {
    const { value, gradients } = run(toKeys(inputs), toKeys(out));
    const named = [...derivation.gradients.keys()].map((of) => [of, gradients[keys.get(of)!]!]);
    return { value, gradients: Object.fromEntries(named) };
  };
  const kernel = (inputs: Given, out: Buffers = {}): KernelResult => {
    const { arrays } = bind(derivation, inputs);
    const scalars = new Set(derivation.inputs.filter((i) => i.shape.length === 0).map((i) => i.name));
    const given = [...arrays].map(([name, array]) => [name, scalars.has(name) ? array.data[0]! : array]);
    return raw(Object.fromEntries(given), out);
  };
  return Object.assign(kernel, { run: raw, code });
}

// `new Function` sees our own text only: no name in it is the user's, see loop/identifier.ts and emit/comment.ts.
function load(code: string, entry: string): Entry {
  const plain = code.replaceAll(/^export /gmu, "");
  return new Function(`"use strict";\n${plain}\nreturn ${entry};`)() as Entry;
}
