/**
 * The elementary functions as the checker knows them: slope, and where it is singular.
 *
 * Numbers in, numbers out: this table shares nothing with `diff/rules.ts`, which
 * it is there to judge. x is the argument, f the value of the function at x.
 */
import { double } from "../number/double.ts";
import type { Arithmetic } from "../number/field.ts";

/** Functions of one argument that are smooth inside their domain. */
export type Smooth = Exclude<
  Arithmetic,
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "neg"
  | "pow"
  | "max"
  | "min"
  | "abs"
  | "sign"
  | "relu"
  | "atan2"
  | "hypot"
  | "stop"
  | "expsum"
  | "exactsum"
  | "roundoff"
  | "mulroundoff"
  | "precise"
  | "quotient"
>;

interface Row {
  readonly slope: (x: number, f: number) => number;
  /** The sum of the magnitudes of the terms that the slope is usually computed from, where they can cancel. */
  readonly terms?: (x: number, f: number) => number;
  /** How far x may move, in relation to itself or to 1, before the function looks different. */
  readonly scale: "own" | "one";
}

const { sigmoid } = double.functions;

// prettier-ignore
export const smooth: Readonly<Record<Smooth, Row>> = {
  exp:      { scale: "one", slope: (_, f) => f },
  expm1:    { scale: "one", slope: (x) => Math.exp(x), terms: (_, f) => 1 + Math.abs(f) },
  log:      { scale: "own", slope: (x) => 1 / x },
  log1p:    { scale: "one", slope: (x) => 1 / (1 + x) },
  log2:     { scale: "own", slope: (x) => Math.LOG2E / x },
  log10:    { scale: "own", slope: (x) => Math.LOG10E / x },
  sqrt:     { scale: "own", slope: (_, f) => 0.5 / f },
  cbrt:     { scale: "own", slope: (_, f) => 1 / (3 * f * f) },
  sin:      { scale: "one", slope: (x) => Math.cos(x) },
  cos:      { scale: "one", slope: (x) => -Math.sin(x) },
  tan:      { scale: "one", slope: (_, f) => 1 + f * f },
  asin:     { scale: "one", slope: (x) => 1 / Math.sqrt((1 - x) * (1 + x)) },
  acos:     { scale: "one", slope: (x) => -1 / Math.sqrt((1 - x) * (1 + x)) },
  atan:     { scale: "one", slope: (x) => 1 / (1 + x * x) },
  sinh:     { scale: "one", slope: (x) => Math.cosh(x) },
  cosh:     { scale: "one", slope: (x) => Math.sinh(x) },
  tanh:     { scale: "one", slope: (x) => 1 / Math.cosh(x) ** 2, terms: (_, f) => 1 + f * f },
  asinh:    { scale: "one", slope: (x) => 1 / Math.hypot(1, x) },
  acosh:    { scale: "own", slope: (x) => 1 / Math.sqrt((x - 1) * (x + 1)) },
  atanh:    { scale: "one", slope: (x) => 1 / ((1 - x) * (1 + x)) },
  sigmoid:  { scale: "one", slope: (x, f) => f * sigmoid(-x), terms: (_, f) => f + f * f },
  softplus: { scale: "one", slope: (x) => sigmoid(x) },
  erf:      { scale: "one", slope: gaussian, terms: (x) => gaussian(x) * (1 + x * x) },
  erfc:     { scale: "one", slope: (x) => -gaussian(x), terms: (x) => gaussian(x) * (1 + x * x) },
};

function gaussian(x: number): number {
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x);
}

export const isSmooth = (op: string): op is Smooth => Object.hasOwn(smooth, op);
