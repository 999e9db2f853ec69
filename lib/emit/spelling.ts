/**
 * How each operation is written in JavaScript, one row each.
 *
 * `holds` says how tightly an operator binds (the larger the tighter); operators of
 * one row group to the left, and sums and products are never regrouped: that would round
 * otherwise. `calls` names a function; those not of `Math` are emitted when used. `fast` is
 * one of our own that is quicker than the platform's, and no less exact.
 */
import type { Op } from "../expr/ops.ts";

export type Spelling =
  | { readonly infix: string; readonly holds: number }
  | { readonly prefix: string; readonly holds: number }
  | { readonly calls: string; readonly fast?: string }
  | { readonly special: "iverson" | "same" | "quotient" };

/** How tightly the forms of JavaScript hold. */
// prettier-ignore
export const holds = {
  choice: 1, or: 2, and: 3, equality: 4, comparison: 5, additive: 6, multiplicative: 7, unary: 8, atom: 9,
} as const;

const infix = (sign: string, how: keyof typeof holds): Spelling => ({ infix: sign, holds: holds[how] });
const prefix = (sign: string): Spelling => ({ prefix: sign, holds: holds.unary });
const calls = (name: string, fast?: string): Spelling => ({ calls: name, ...(fast && { fast }) });

// prettier-ignore
export const spellings: Record<Op, Spelling> = {
  add:      infix("+", "additive"),
  sub:      infix("-", "additive"),
  mul:      infix("*", "multiplicative"),
  div:      infix("/", "multiplicative"),
  neg:      prefix("-"),
  pow:      calls("Math.pow"),
  max:      calls("Math.max"),            // NaN when an argument is, unlike C's fmax
  min:      calls("Math.min"),
  abs:      calls("Math.abs"),
  sign:     calls("Math.sign"),
  relu:     calls("relu"),
  exp:      calls("Math.exp", "exp"),
  expm1:    calls("Math.expm1"),
  log:      calls("Math.log"),
  log1p:    calls("Math.log1p"),
  log2:     calls("Math.log2"),
  log10:    calls("Math.log10"),
  sqrt:     calls("Math.sqrt"),
  cbrt:     calls("Math.cbrt"),
  sin:      calls("Math.sin"),
  cos:      calls("Math.cos"),
  tan:      calls("Math.tan"),
  asin:     calls("Math.asin"),
  acos:     calls("Math.acos"),
  atan:     calls("Math.atan"),
  sinh:     calls("Math.sinh"),
  cosh:     calls("Math.cosh"),
  tanh:     calls("Math.tanh"),
  asinh:    calls("Math.asinh"),
  acosh:    calls("Math.acosh"),
  atanh:    calls("Math.atanh"),
  sigmoid:  calls("sigmoid", "sharpSigmoid"),
  softplus: calls("softplus", "sharpSoftplus"),
  erf:      calls("erf"),
  erfc:     calls("erfc"),
  atan2:    calls("Math.atan2"),
  hypot:    calls("Math.hypot", "hypot"),
  stop:     { special: "same" },
  expsum:   calls("expSum"),
  exactsum: calls("exactSum"),
  roundoff: calls("roundoff"),
  mulroundoff: calls("mulRoundoff"),
  precise:  { special: "same" },
  quotient: { special: "quotient" },
  lt:       infix("<",   "comparison"),
  le:       infix("<=",  "comparison"),
  gt:       infix(">",   "comparison"),
  ge:       infix(">=",  "comparison"),
  eq:       infix("===", "equality"),
  ne:       infix("!==", "equality"),
  and:      infix("&&",  "and"),
  or:       infix("||",  "or"),
  not:      prefix("!"),
  iverson:  { special: "iverson" },
};
