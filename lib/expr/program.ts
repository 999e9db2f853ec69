/**
 * Programs: what a loss definition is, once names, types and extents are known.
 *
 * A program is a list of definitions over inputs. Order is that of the text:
 * a definition reads inputs and earlier definitions only. The last one is the output.
 */
import type { Place } from "../errors.ts";
import type { Extent } from "./extent.ts";
import type { Expr, Index, Vocabulary } from "./node.ts";

/** `margin[i, j] = body`. A scalar when `indices` is empty. */
export interface Definition {
  readonly name: string;
  readonly indices: readonly Index[];
  readonly body: Expr;
  readonly place?: Place | undefined;
}

/** A free name: an array of reals or integers (labels), or a scalar when `shape` is empty. */
export interface Input {
  readonly name: string;
  readonly type: "real" | "int";
  /** One extent an axis. Axes that must agree share one extent. */
  readonly shape: readonly Extent[];
  /** For each axis, where in the text its extent was asked for: shown when shapes conflict. */
  readonly places: readonly (Place | undefined)[];
  readonly place?: Place | undefined;
}

/**
 * A subscript that is to be checked once at the door: for all values of `over`
 * for which `guard` holds, 0 ≤ subscript < extent.
 */
export interface Bound {
  readonly array: string;
  readonly axis: number;
  readonly subscript: Expr;
  /** The free indices of `subscript` and `guard`. */
  readonly over: readonly Index[];
  /** Conditions under which the read takes place; undefined when it always does. */
  readonly guard: Expr | undefined;
  readonly extent: Extent;
  readonly place?: Place | undefined;
}

export interface Program {
  readonly inputs: readonly Input[];
  readonly definitions: readonly Definition[];
  readonly bounds: readonly Bound[];
  /** The text it was written as, when there is one. */
  readonly text?: string | undefined;
  /** What its bound indices are called. */
  readonly vocabulary?: Vocabulary | undefined;
}

/** The last definition: the loss, or the layer's output. */
export function output(program: Program): Definition {
  const last = program.definitions.at(-1);
  if (last === undefined)
    throw new Error("a program without definitions reached output(): resolve() should have refused it");
  return last;
}

export const isLayer = (program: Program): boolean => output(program).indices.length > 0;
