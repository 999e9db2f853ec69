/**
 * Functions that are the same in every module that has them: each is written once, whatever the number of modules.
 *
 * The key says all that the function's code depends on; its name need not, and is what modules show.
 */
import { FunctionBuilder } from "./function.ts";
import type { ValueType } from "./instructions.ts";

export interface Signature {
  readonly name: string;
  readonly takes: readonly ValueType[];
  readonly gives: ValueType | "none";
}

const known = new Map<string, FunctionBuilder>();

/** The function of that key, for `ModuleBuilder.include`. It calls functions of the library only. */
export function libraryFunction(
  key: string,
  { name, takes, gives }: Signature,
  write: (f: FunctionBuilder) => void,
): FunctionBuilder {
  let f = known.get(key);
  if (f === undefined) {
    f = new FunctionBuilder(name, takes, gives);
    write(f);
    known.set(key, f);
  }
  return f;
}

const relaxed = new WeakMap<FunctionBuilder, () => FunctionBuilder>();

/** A function whose shape says whether it uses relaxed multiply-adds; `make` gives both. */
export function withRelaxed<S extends { readonly relaxed: boolean }>(
  shape: S,
  make: (shape: S) => FunctionBuilder,
): FunctionBuilder {
  const f = make(shape);
  if (!shape.relaxed && !relaxed.has(f)) relaxed.set(f, () => make({ ...shape, relaxed: true }));
  return f;
}

/** The function with relaxed multiply-adds in place of this one; the same where it has none. */
export const relaxedOf = (f: FunctionBuilder): FunctionBuilder => relaxed.get(f)?.() ?? f;
