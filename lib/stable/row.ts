/** A rewrite for floating point: its name, where it holds, and why it is needed. */
import type { Expr } from "../expr/node.ts";
import type { Op } from "../expr/ops.ts";
import type { Given } from "../bind.ts";
import type { Gain } from "./trial.ts";

export interface Row {
  readonly name: string;
  /** What changes, as one would write it. */
  readonly from: string;
  readonly to: string;
  /** Where the two sides are equal over the reals. */
  readonly holds: string;
  /** A program whose value, as written, is far off at this point; with the rewrite it is not. */
  readonly counterexample: { readonly text: string; readonly at: Given };
  /** How many digits of both sides are equal, where one is a series cut off; all of them when absent. */
  readonly digits?: number;
  /** Why it is made unasked, where a trial at a few small points would not show what it is for. */
  readonly always?: string;
  /** Whether it is looked for before the parts are rewritten, which those of its form then are. */
  readonly whole?: boolean;
  /** An operation that is among those of every expression of this kind, as `operationsIn` has them: others are not looked at. */
  readonly has?: Op;
  /** The better form of an expression of this kind; undefined for others. Parts are rewritten already, but for `whole`. */
  readonly rewrite: (e: Expr) => Expr | undefined;
}

/** Is told of each rewrite: the row's name, the expression before and after, and what it gains. */
export type Fired = (row: string, before: Expr, after: Expr, gain?: Gain) => void;
