/**
 * Number fields: what the reference evaluator needs from a type of number.
 *
 * `functions` is total over the operations that give numbers, so `tsc` names
 * what a field lacks when an operation is added. Comparisons are exact: no tolerance.
 */
import type { Op } from "../expr/ops.ts";
import type { Comparison } from "../expr/syntax.ts";

/** Operations on conditions; the evaluator itself gives them their meaning. */
export type Logic = "and" | "or" | "not" | "iverson";

/** Operations that take numbers and give a number. */
export type Arithmetic = Exclude<Op, Comparison | Logic>;

export interface Field<T> {
  /** The number of exactly this value; nothing is rounded. */
  fromNumber(x: number): T;
  /** The nearest double. */
  toNumber(x: T): number;
  /** Negative, 0 or positive as x is less than, equal to or greater than y; NaN when either is NaN. */
  compare(x: T, y: T): number;
  isNaN(x: T): boolean;
  /** One or two arguments each; operations of any number of arguments are folded from the left. */
  readonly functions: { readonly [P in Arithmetic]: (x: T, ...more: T[]) => T };
}
