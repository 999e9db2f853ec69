/** Buffers for results that would be written over what a kernel still reads, or over each other. */
import { UserError } from "./errors.ts";

/** A view of memory, as typed arrays are. */
type View = Pick<Float64Array, "buffer" | "byteOffset" | "byteLength">;

type Arrays = Readonly<Record<string, number | { readonly data: View }>>;
type Out = Readonly<Record<string, View | undefined>>;

const overlap = (a: View, b: View): boolean =>
  a === b ||
  (a.buffer === b.buffer &&
    a.byteOffset < b.byteOffset + b.byteLength &&
    b.byteOffset < a.byteOffset + a.byteLength);

/** @throws UserError where a buffer has memory in common with an input, or with another buffer. */
export function refuseOverlaps(inputs: Arrays, out: Out): void {
  refuse(inputs, out, overlap);
}

/** The same for an array that is given twice as such: as quick as a kernel for a few numbers needs it. */
export function refuseSame(inputs: Arrays, out: Out): void {
  refuse(inputs, out, (a, b) => a === b);
}

function refuse(inputs: Arrays, out: Out, meet: (a: View, b: View) => boolean): void {
  const before: string[] = [];
  for (const name in out) {
    const buffer = out[name];
    if (buffer === undefined) continue;
    for (const input in inputs) {
      const given = inputs[input];
      if (typeof given === "object" && meet(given.data, buffer)) throw shared(name, `the input ${input}`);
    }
    for (const other of before) if (meet(out[other]!, buffer)) throw shared(name, `that for ${other}`);
    before.push(name);
  }
}

const shared = (name: string, other: string): UserError =>
  new UserError(`the buffer for ${name} has memory in common with ${other}, which would be written over`, {
    fix: "give the result a buffer of its own",
  });
