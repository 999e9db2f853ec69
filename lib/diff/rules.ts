/**
 * The derivative of every operation, one row each.
 *
 * x and y are the arguments, f is the value itself, [p] is 1 where p holds, else 0.
 * `d` lists ∂f/∂x, ∂f/∂y. An operation of any number of arguments is read as one of
 * two: x is the argument in question, y what the operation makes of those before it
 * (first in `d`) or after it (second); see `local`. A row holds on `domain`, away from
 * `kink`; on the kink `d` yields `chosen`, a member of `among`. The spec checks every row.
 */
import type { Op } from "../expr/ops.ts";

export interface Rule {
  readonly d: readonly string[];
  /** A condition on x and y; everywhere when absent. */
  readonly domain?: string;
  readonly kink?: {
    readonly at: string;
    /** What `d` gives there. */
    readonly chosen: readonly number[];
    /** The subdifferential. */
    readonly among: string;
  };
}

// prettier-ignore
export const rules: Record<Op, Rule> = {
  add:      { d: ["1",                  "1"] },
  sub:      { d: ["1",                  "-1"] },
  mul:      { d: ["y",                  "x"] },
  div:      { d: ["1 / y",              "-x / y^2"],        domain: "y != 0" },
  neg:      { d: ["-1"] },
  pow:      { d: ["y * x^(y - 1)",      "f * log(x)"],      domain: "x > 0" },
  max:      { d: ["[x >= y]",           "[x < y]"],         kink: { at: "x == y", chosen: [1, 0], among: "(t, 1 - t), 0 <= t <= 1" } },
  min:      { d: ["[x <= y]",           "[x > y]"],         kink: { at: "x == y", chosen: [1, 0], among: "(t, 1 - t), 0 <= t <= 1" } },
  abs:      { d: ["sign(x)"],                               kink: { at: "x == 0", chosen: [0],    among: "t, -1 <= t <= 1" } },
  relu:     { d: ["[x > 0]"],                               kink: { at: "x == 0", chosen: [0],    among: "t, 0 <= t <= 1" } },
  sign:     { d: ["0"],                                     domain: "x != 0" },
  exp:      { d: ["f"] },
  expm1:    { d: ["f + 1"] },
  log:      { d: ["1 / x"],                                 domain: "x > 0" },
  log1p:    { d: ["1 / (1 + x)"],                           domain: "x > -1" },
  log2:     { d: ["1 / (x * log(2))"],                      domain: "x > 0" },
  log10:    { d: ["1 / (x * log(10))"],                     domain: "x > 0" },
  sqrt:     { d: ["1 / (2 * f)"],                           domain: "x > 0" },
  cbrt:     { d: ["1 / (3 * f^2)"],                         domain: "x != 0" },
  sin:      { d: ["cos(x)"] },
  cos:      { d: ["-sin(x)"] },
  tan:      { d: ["1 + f^2"],                               domain: "abs(x) < 1.5" },
  asin:     { d: ["1 / sqrt(1 - x^2)"],                     domain: "abs(x) < 1" },
  acos:     { d: ["-1 / sqrt(1 - x^2)"],                    domain: "abs(x) < 1" },
  atan:     { d: ["1 / (1 + x^2)"] },
  sinh:     { d: ["cosh(x)"] },
  cosh:     { d: ["sinh(x)"] },
  tanh:     { d: ["1 - f^2"] },
  asinh:    { d: ["1 / sqrt(1 + x^2)"] },
  acosh:    { d: ["1 / sqrt(x^2 - 1)"],                     domain: "x > 1" },
  atanh:    { d: ["1 / (1 - x^2)"],                         domain: "abs(x) < 1" },
  sigmoid:  { d: ["f * (1 - f)"] },
  softplus: { d: ["sigmoid(x)"] },
  erf:      { d: ["2 * exp(-x^2) / sqrt(acos(-1))"] },      // acos(-1) is pi, in every number type
  erfc:     { d: ["-2 * exp(-x^2) / sqrt(acos(-1))"] },
  atan2:    { d: ["y / (x^2 + y^2)",    "-x / (x^2 + y^2)"], domain: "x != 0 or y > 0" },
  hypot:    { d: ["x / f",              "y / f"],           domain: "x != 0 or y != 0" },
  stop:     { d: ["0"] },                                   // by definition: the value passes, the derivative does not
  // For accuracy alone, after differentiation; as what they stand for.
  expsum:   { d: ["f",                  "f"] },
  exactsum: { d: ["1",                  "1"] },
  roundoff: { d: ["0",                  "0"] },
  mulroundoff: { d: ["0",               "0"] },
  precise:  { d: ["1"] },
  quotient: { d: ["0",                  "0"] },
  // Conditions are piecewise constant, so no derivative flows through them.
  lt:       { d: ["0", "0"], domain: "x != y" },
  le:       { d: ["0", "0"], domain: "x != y" },
  gt:       { d: ["0", "0"], domain: "x != y" },
  ge:       { d: ["0", "0"], domain: "x != y" },
  eq:       { d: ["0", "0"], domain: "x != y" },
  ne:       { d: ["0", "0"], domain: "x != y" },
  and:      { d: ["0", "0"] },
  or:       { d: ["0", "0"] },
  not:      { d: ["0"] },
  iverson:  { d: ["0"] },
};
