/** Softplus where it underflows: there it is exp(z) and a little, and so is a sigmoid. */
import { apply, num, where, type Expr } from "../expr/node.ts";
import { argument, isApply } from "./pattern.ts";
import { expression, powersOf, quotient } from "./powers.ts";
import type { Row } from "./row.ts";

/** From here on down, exp(z)/2 is less than half an ulp of 1. */
const far = (z: Expr): Expr => apply("lt", z, num(-37, "real"));

/** log(softplus(z)), which is z − exp(z)/2 and less. */
function logOf(e: Expr): Expr | undefined {
  if (!isApply(e, "log") || !isApply(argument(e), "softplus")) return undefined;
  const softplus = argument(e);
  const z = isApply(softplus, "softplus") ? argument(softplus) : softplus;
  return where(far(z), z, e);
}

/** sigmoid(z)/softplus(z), which is 1 − exp(z)/2 and less. */
function ratio(e: Expr): Expr | undefined {
  if (!isApply(e, "div") && !isApply(e, "mul")) return undefined;
  const powers = powersOf(e);
  for (const [f, n] of powers) {
    if (n !== 1 || !isApply(f, "sigmoid")) continue;
    const z = argument(f);
    const softplus = apply("softplus", z);
    if (powers.get(softplus) !== -1) continue;
    const pair = new Map([
      [f, 1],
      [softplus, -1],
    ] as const);
    const near = where(far(z), num(1, "real"), apply("div", f, softplus));
    const rest = quotient(powers, pair);
    return rest.size === 0 ? near : expression(new Map([[near, 1], ...rest]));
  }
  return undefined;
}

// prettier-ignore
export const smallSoftplusRows: readonly Row[] = [
  { name: "log of a softplus", from: "log(softplus(z))", to: "z < -37 ? z : log(softplus(z))", holds: "to the last bit: what is left out is exp(z)/2", digits: 15,
    counterexample: { text: "log(softplus(z))", at: { z: -800 } },
    always: "a trial has few numbers so far below 0",
    has: "log",
    rewrite: logOf },
  { name: "sigmoid over softplus", from: "sigmoid(z)/softplus(z)", to: "z < -37 ? 1 : sigmoid(z)/softplus(z)", holds: "to the last bit: what is left out is exp(z)/2", digits: 15,
    counterexample: { text: "sigmoid(z)/softplus(z)", at: { z: -800 } },
    always: "a trial has few numbers so far below 0",
    has: "div",
    rewrite: ratio },
];
