/**
 * Every operation of the language: how many arguments, of which type, giving which type.
 *
 * What an operation *means* is in `eval.ts`, its derivative in `diff/rules.ts`,
 * its spelling in `emit/`. Each of those tables is total over `Op`, so `tsc`
 * names what a new operation still lacks.
 */

/** The type of a value. An `int` may stand where a `real` is wanted; a `bool` never becomes a number by itself. */
export type Type = "real" | "int" | "bool";

interface OpRow {
  /** Number of arguments; `Infinity` as the upper end means "any number from the lower end on". */
  readonly arity: readonly [number, number];
  /** What each argument must be; `number` is real or int. */
  readonly takes: "number" | "bool";
  /** `same` is int when every argument is int, else real. */
  readonly gives: "real" | "bool" | "int" | "same";
}

const n = (least: number, most: number, takes: OpRow["takes"], gives: OpRow["gives"]): OpRow => ({
  arity: [least, most],
  takes,
  gives,
});
const real1 = n(1, 1, "number", "real");
const compare = n(2, 2, "number", "bool");

// prettier-ignore
export const ops = {
  // arithmetic; add and mul take any number of arguments
  add:      n(2, Infinity, "number", "same"),
  sub:      n(2, 2,        "number", "same"),
  mul:      n(2, Infinity, "number", "same"),
  div:      n(2, 2,        "number", "real"),
  neg:      n(1, 1,        "number", "same"),
  pow:      n(2, 2,        "number", "real"),
  // kinked
  max:      n(2, Infinity, "number", "same"),
  min:      n(2, Infinity, "number", "same"),
  abs:      n(1, 1,        "number", "same"),
  sign:     n(1, 1,        "number", "same"),
  relu:     real1,
  // smooth
  exp:      real1,
  expm1:    real1,
  log:      real1,
  log1p:    real1,
  log2:     real1,
  log10:    real1,
  sqrt:     real1,
  cbrt:     real1,
  sin:      real1,
  cos:      real1,
  tan:      real1,
  asin:     real1,
  acos:     real1,
  atan:     real1,
  sinh:     real1,
  cosh:     real1,
  tanh:     real1,
  asinh:    real1,
  acosh:    real1,
  atanh:    real1,
  sigmoid:  real1,
  softplus: real1,
  erf:      real1,
  erfc:     real1,
  atan2:    n(2, 2,        "number", "real"),
  hypot:    n(2, 2,        "number", "real"),
  stop:     n(1, 1,        "number", "same"),     // the value; no derivative flows through
  // for code that is to be accurate; made by lib/stable, never written by users
  expsum:   n(2, 3,        "number", "real"),     // exp(x + y + z), the rounding of the sum made good
  exactsum: n(2, 4,        "number", "real"),     // x + y + z, correct where its terms cancel
  roundoff: n(2, 2,        "number", "real"),     // what x + y loses when it is rounded
  mulroundoff: n(2, 2,     "number", "real"),     // what x * y loses when it is rounded
  precise:  n(1, 1,        "number", "same"),     // a term of a sum that is to be compensated
  // for the bounds of loops; made by lib/loop, never written by users
  quotient: n(2, 2,        "number", "int"),      // the largest integer that is not above x / y, for integers and y > 0
  // comparisons and logic
  lt:       compare,
  le:       compare,
  gt:       compare,
  ge:       compare,
  eq:       compare,
  ne:       compare,
  and:      n(2, Infinity, "bool",   "bool"),
  or:       n(2, Infinity, "bool",   "bool"),
  not:      n(1, 1,        "bool",   "bool"),
  iverson:  n(1, 1,        "bool",   "int"),      // [p]: 1 where p holds, else 0
} satisfies Record<string, OpRow>;

export type Op = keyof typeof ops;

/** Reductions over an index. `argmax` and `argmin` give the first position that attains the extremum, −1 when there is none. */
export const reductions = ["sum", "prod", "max", "min", "logsumexp", "argmax", "argmin"] as const;
export type Reduction = (typeof reductions)[number];

/** The type of `op` applied to arguments of the given types. */
export function resultType(op: Op, args: readonly Type[]): Type {
  const { gives } = ops[op] as OpRow;
  return gives === "same" ? (args.every((t) => t === "int") ? "int" : "real") : gives;
}
