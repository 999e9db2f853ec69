/** What a module is made with, and what there is of it for a kernel that is not JavaScript. */
import type { Extent } from "../expr/extent.ts";
import type { Buffer, Result } from "../loop/nest.ts";
import type { Target } from "./scalar.ts";

export interface ModuleOptions {
  readonly target: Target;
  readonly style: "loops" | "fused";
  /**
   * How real arrays are stored, inputs and results; `float64` when missing. Arithmetic is in doubles all the same,
   * and what is added up is so in doubles: each element of a result is rounded once.
   */
  readonly precision?: Precision | undefined;
  /** The output's name, as the user wrote it. */
  readonly output: string;
  /** What the exported function is called. */
  readonly name: string;
  /** Formulas for the head of the file, a line each. */
  readonly head: readonly string[];
  /** How the user writes an input: `X[i,d]`. */
  readonly written: ReadonlyMap<string, string>;
  /** What stands in the place of the kernel and of the function around it, when the kernel is not JavaScript. */
  readonly body?: (parts: ModuleParts) => readonly string[];
  /** What stands after the body: it calls nothing. */
  readonly data?: readonly string[];
}

export type Precision = "float64" | "float32";

/** Parts of a module for a kernel that is not JavaScript. */
export interface ModuleParts {
  /** The exported function, and the same with a capital: `create…` is named after it. */
  readonly entry: string;
  readonly type: string;
  readonly sizes: readonly string[];
  readonly arrays: readonly Buffer[];
  readonly results: readonly (Result & { readonly key: string })[];
  /** The head of the exported function, with its comment. */
  readonly signature: readonly string[];
  /** Shape and label checks; then the inputs under their own names. */
  readonly door: readonly string[];
  /** The return of the exported function; each scalar as it is named. */
  return(named: (r: Result) => string): readonly string[];
  /** How many elements an array of this shape has, as code. */
  volume(shape: readonly Extent[]): string;
  readonly withoutUnused: (lines: readonly string[]) => readonly string[];
}
