/** Buffers for results, as a caller hands them over: known, of the right kind, and apart from what a kernel still reads. */
import { described } from "./argument.ts";
import { UserError } from "./errors.ts";

type Reals = Float64Array | Float32Array;

type Arrays = Readonly<Record<string, number | { readonly data: Reals | Int32Array }>>;

/** The results that may have buffers, and how the code stores them. */
export interface Results {
  readonly names: ReadonlySet<string>;
  readonly stored: typeof Float64Array | typeof Float32Array;
}

/**
 * @throws UserError where `out` is no object, or holds a buffer for what is no result, of another kind, or with
 * memory in common with an input or another buffer.
 */
export function checkBuffers(inputs: Arrays, out: unknown, { names, stored }: Results): void {
  if (typeof out !== "object" || out === null)
    throw new UserError(`the buffers are ${described(out)}, not arrays by the names of their results`, {
      fix: `kernel(inputs, ${example(names, stored)})`,
    });
  const buffers = out as Readonly<Record<string, unknown>>;
  for (const name in buffers) {
    const buffer = buffers[name];
    if (buffer === undefined) continue;
    if (!names.has(name))
      throw new UserError(`there is no result ${name} to write into a buffer`, {
        fix: `choose among ${[...names].join(", ")}`,
      });
    if (!(buffer instanceof stored))
      throw new UserError(`the buffer for ${name} is ${described(buffer)}, not a ${stored.name}`, {
        fix: `${name}: new ${stored.name}(…)`,
      });
    // Asked for once: it is the dear part of the question, for kernels of a few numbers.
    const memory = buffer.buffer;
    for (const input in inputs) {
      const given = inputs[input];
      if (isArray(given) && given.data.buffer === memory && overlap(given.data, buffer))
        throw shared(name, `the input ${input}`);
    }
    for (const before in buffers) {
      if (before === name) break;
      const other = buffers[before];
      if (other instanceof stored && other.buffer === memory && overlap(other, buffer))
        throw shared(name, `that for ${before}`);
    }
  }
}

/** What is none is told by the code that reads it. */
const isArray = (given: Arrays[string] | null | undefined): given is Exclude<Arrays[string], number> =>
  typeof given === "object" && given !== null && given.data !== undefined && given.data !== null;

const overlap = (a: Reals | Int32Array, b: Reals): boolean =>
  a === b || (a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength);

const shared = (name: string, other: string): UserError =>
  new UserError(`the buffer for ${name} has memory in common with ${other}, which would be written over`, {
    fix: "give the result a buffer of its own",
  });

const example = (names: ReadonlySet<string>, stored: Results["stored"]): string =>
  `{ ${[...names].at(-1) ?? "x"}: new ${stored.name}(…) }`;
