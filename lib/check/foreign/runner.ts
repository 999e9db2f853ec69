/** Somebody's code: a file with functions in it, run in a process of its own with a time limit. */
import type { Tensor } from "../../binding.ts";

/** A function that a file offers. */
export interface FunctionInfo {
  readonly name: string;
  readonly parameters: readonly Parameter[];
}

export interface Parameter {
  readonly name: string;
  readonly optional: boolean;
  /** For `{ X, W, y }`: what is taken out of an object. */
  readonly fields?: readonly string[];
}

/** What is handed to one parameter: an input by name, or an object with all inputs. */
export type Argument =
  | { readonly kind: "input"; readonly name: string; readonly keyword: string }
  /** `typed`: arrays as {shape, data}, as code that dscore generates takes them; else as nested lists. */
  | { readonly kind: "object"; readonly names: ReadonlyMap<string, string>; readonly typed: boolean };

/** Values as a function gave them: numbers, lists, {shape, data}, or objects of these. */
export type Loose = unknown;

export interface Runner {
  /** The file, as errors call it. */
  readonly file: string;
  /** Its functions. Throws a `UserError` when the file cannot be run. */
  describe(): Promise<readonly FunctionInfo[]>;
  /** What a function gives at each point. Throws a `UserError` for its exceptions, and when time is up. */
  call(
    name: string,
    args: readonly Argument[],
    points: readonly ReadonlyMap<string, Tensor>[],
  ): Promise<readonly Loose[]>;
}

export interface RunnerOptions {
  /** How long one of the two steps may take, in milliseconds. */
  readonly timeLimit: number;
}
