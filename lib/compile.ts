/**
 * From a derivation to a kernel in this process.
 *
 * The code that runs is the emitted JavaScript, all of whose identifiers are our own
 * making; the user's text stands in comments only.
 */
import { described, expectArgument, expectOptions } from "./argument.ts";
import { allocated, type Allocated, type Create, type Shapes } from "./allocate.ts";
import { bind, type Given } from "./bind.ts";
import { checkBuffers, type Results } from "./buffers.ts";
import type { Tensor } from "./binding.ts";
import type { Derivation } from "./diff/derivation.ts";
import type { Precision } from "./emit/options.ts";
import { UserError } from "./errors.ts";
import { generate } from "./generate.ts";

/** How real arrays are stored, by precision. */
export interface Stored {
  readonly float64: Float64Array;
  readonly float32: Float32Array;
}

export type Reals = Stored[Precision];

/** A number, or an array in row-major order. */
export type Output<R extends Reals = Float64Array> =
  number | { readonly shape: readonly number[]; readonly data: R };

export interface KernelResult<R extends Reals = Float64Array> {
  readonly value: Output<R>;
  /** By the name of the input. */
  readonly gradients: Readonly<Record<string, Output<R>>>;
}

/** Buffers to write into: by an input's name its gradient, by the output's name the value of a layer. */
export type Buffers<R extends Reals = Float64Array> = Readonly<Record<string, R | undefined>>;

/**
 * Inputs that need no conversion: numbers for scalars, `Float64Array`s for reals (`Float32Array`s in single
 * precision), `Int32Array`s for integers.
 */
export type RawInputs<R extends Reals = Float64Array> = Readonly<
  Record<string, number | { readonly shape: readonly number[]; readonly data: R | Int32Array }>
>;

/** `R` is how real arrays are stored. */
export interface Kernel<R extends Reals = Float64Array> {
  /**
   * The value and the gradients at the given inputs, in the forms that `bind` takes.
   *
   * @throws UserError when an input is missing, misshapen, or out of range, and when a buffer is of another kind
   * than the results, or has memory in common with an input or another buffer.
   */
  (inputs: Given, out?: Buffers<R>): KernelResult<R>;
  /**
   * The same without conversions: inputs go to the code as they are.
   *
   * @throws UserError as the kernel does.
   */
  run(inputs: RawInputs<R>, out?: Buffers<R>): KernelResult<R>;
  /** The source, a JavaScript module. */
  readonly code: string;
  /**
   * Arrays for inputs of these shapes, and for the results. With the target `wasm` they are views of the memory of
   * a kernel of their own, so that passing them to `run` costs no copy; they stay valid as long as anyone holds them,
   * and inputs given to `run` beside them from elsewhere overwrite their counterparts.
   *
   * @throws UserError when a shape is missing or too many, or shapes disagree.
   */
  allocate(shapes: Shapes): Allocated<R>;
}

export interface CompileOptions<P extends Precision = "float64"> {
  /** `js` (the default), or `wasm`: always `fused`, the same results up to the order of sums. */
  readonly target?: "js" | "wasm" | undefined;
  readonly style?: string | undefined;
  readonly stable?: boolean | undefined;
  /**
   * How real arrays are stored: `float64` (the default) or `float32`. In js, arithmetic and sums are in doubles all
   * the same; each input and each element of a result is rounded once. In wasm they are in single precision, too.
   */
  readonly precision?: P | undefined;
  /**
   * For the target `wasm`: how many threads compute, at most, where arrays are large. The results are the same bits
   * for any number of threads.
   */
  readonly threads?: number | undefined;
}

type Entry<R extends Reals = Reals> = (inputs: RawInputs<R>, out?: Buffers<R>) => KernelResult<R>;

/** A kernel for a derivation. */
export function compile<P extends Precision = "float64">(
  derivation: Derivation,
  options: CompileOptions<P> = {},
): Kernel<Stored[P]> {
  expectArgument("compile", "derivation", derivation);
  expectOptions("compile", options, ["target", "style", "stable", "precision", "threads"]);
  const { target = "js", style, stable, precision, threads } = options;
  const { code, entry, keys, nest } = generate(derivation, {
    target,
    style,
    stable,
    precision,
    threads,
    name: derivation.value,
  });
  const { run, create } = load(code, entry);
  // Where the code calls everything as the user does, nothing is to be translated.
  const raw = [...keys].every(([of, key]) => of === key) ? run : translated(run, [...keys]);
  const results: Results = {
    names: new Set([...derivation.gradients.keys(), derivation.value]),
    stored: precision === "float32" ? Float32Array : Float64Array,
  };
  const scalars = new Set(derivation.inputs.filter((i) => i.shape.length === 0).map((i) => i.name));
  const stored = ({
    shape,
    data,
  }: Tensor): { readonly shape: readonly number[]; readonly data: Reals | Int32Array } =>
    precision === "float32" && data instanceof Float64Array
      ? { shape, data: new Float32Array(data) }
      : { shape, data };
  const kernel = (inputs: Given, out?: Buffers<Reals>): KernelResult<Reals> => {
    expectInputs(inputs);
    const { arrays } = bind(derivation, inputs);
    const given = [...arrays].map(([name, array]) => [
      name,
      scalars.has(name) ? array.data[0]! : stored(array),
    ]);
    const read = Object.fromEntries(given) as RawInputs<Reals>;
    if (out !== undefined) checkBuffers(read, out, results);
    return raw(read, out);
  };
  const direct = (inputs: RawInputs<Reals>, out?: Buffers<Reals>): KernelResult<Reals> => {
    expectInputs(inputs);
    if (out !== undefined) checkBuffers(inputs, out, results);
    return raw(inputs, out);
  };
  const allocate = (shapes: Shapes): Allocated<Reals> =>
    allocated(nest, derivation.value, shapes, target === "wasm" ? create : undefined, precision);
  // The code takes and returns arrays of one precision, that of the options: no type of its text could say so.
  return Object.assign(kernel, { run: direct, code, allocate }) as unknown as Kernel<Stored[P]>;
}

/** Inputs by name, where there are any. */
function expectInputs(inputs: unknown): void {
  if (typeof inputs === "object" && inputs !== null) return;
  throw new UserError(`the inputs are ${described(inputs)}, not values by their names`, {
    fix: "kernel({ x: [1, 2], … })",
  });
}

/** The function under the user's names. */
function translated(run: Entry, keys: readonly (readonly [of: string, key: string])[]): Entry {
  // `fromEntries`, because assigning to `__proto__` would do something else.
  const toKeys = <T>(values: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(
      keys.flatMap(([of, key]) => (Object.hasOwn(values, of) ? [[key, values[of]!] as const] : [])),
    );
  return (inputs, out = {}) => {
    const { value, gradients } = run(toKeys(inputs), toKeys(out));
    const named = keys.filter(([, key]) => Object.hasOwn(gradients, key));
    return { value, gradients: Object.fromEntries(named.map(([of, key]) => [of, gradients[key]!])) };
  };
}

/** What a module exports. Loops have no `create…`. */
interface Loaded {
  readonly run: Entry;
  readonly create: Create | undefined;
}

/**
 * Runs a module. Each size gets its own copy of the kernel's code: V8 takes what a function has
 * around it for constants as long as there is one such function, and is slower by half otherwise.
 */
function load(code: string, entry: string): Loaded {
  const plain = code.replaceAll(/^export /gmu, "");
  const create = `create${entry[0]!.toUpperCase()}${entry.slice(1)}`;
  const has = plain.includes(`function ${create}(`);
  const copies = new Map<string, unknown>();
  const fresh = (sizes: Readonly<Record<string, number>> = {}): unknown => {
    const key = Object.values(sizes).join(" ");
    const known =
      copies.get(key) ??
      // The text differs, too: V8 would recognise it and return the function that it has.
      (evaluate(`// sizes ${key}\n${plain}\nreturn ${create};`) as (of: typeof sizes) => unknown)(sizes);
    copies.delete(key);
    copies.set(key, known);
    if (copies.size > most) copies.delete(copies.keys().next().value!);
    return known;
  };
  const own = plain.replace(`run: ${create}(`, "run: fresh(");
  return evaluate(
    `${own}\nreturn { run: ${entry}, create: ${has ? create : "undefined"} };`,
    fresh,
  ) as Loaded;
}

// `new Function` sees our own text only: no name in it is the user's, see loop/identifier.ts and emit/comment.ts.
// What the text throws at its door, in errors that every JavaScript has, is the caller's to mend: here it is a UserError.
const evaluate = (text: string, fresh?: unknown): unknown =>
  new Function("fresh", "TypeError", "RangeError", `"use strict";\n${text}`)(fresh, UserError, UserError);

/** For how many sizes a kernel is kept. */
const most = 16;
