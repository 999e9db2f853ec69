/** Which factors may be written in front of cases: those that no condition of the cases has to keep from being evaluated. */
import { anywhere } from "../expr/parts.ts";
import { freeIndices, occursFree, type Expr } from "../expr/node.ts";
import type { Op } from "../expr/ops.ts";
import type { Facts } from "./algebra.ts";
import { isPositive } from "./sign.ts";

/**
 * Whether a factor may be evaluated where `guards` fail: all that it reads is inside whatever they say, and it is
 * finite, or each of them varies with another index too: x[i]^-0.5 may leave [k = y[i]], but not [x[i] > 0].
 */
export const mayStandOutside = (factor: Expr, guards: readonly Expr[], facts: Facts): boolean =>
  readsInside(factor, facts) &&
  (isFinite(factor) || guards.every((g) => freeIndices(g).some((i) => !occursFree(i, factor))));

/** Subscripts that are indices, or labels that are known to be in a range. */
function readsInside(e: Expr, facts: Facts): boolean {
  const inside = (x: Expr): boolean =>
    x.kind === "index" || (x.kind === "read" && facts.labelBelow(x).length > 0);
  return !anywhere(e, (part) => part.kind === "read" && !part.at.every(inside));
}

// prettier-ignore
const finite: ReadonlySet<Op> = new Set<Op>([
  "add", "sub", "mul", "neg", "max", "min", "abs", "sign", "relu", "sin", "cos", "atan", "tanh", "asinh",
  "cbrt", "sigmoid", "softplus", "erf", "erfc", "hypot", "stop", "iverson",
]);

const known = new WeakMap<Expr, boolean>();

/** Whether a finite number comes out wherever finite numbers are read; "no" when it is not known. */
export function isFinite(e: Expr): boolean {
  let answer = known.get(e);
  if (answer === undefined) known.set(e, (answer = finiteByForm(e)));
  return answer;
}

function finiteByForm(e: Expr): boolean {
  switch (e.kind) {
    case "num":
    case "index":
    case "size":
    case "read":
      return true;
    case "where":
      return isFinite(e.then) && isFinite(e.else);
    case "reduce":
      return (e.op === "sum" || e.op === "prod" || e.op.startsWith("arg")) && isFinite(e.body);
    case "apply": {
      if (e.type === "bool") return true;
      const [base, exponent] = e.args;
      if (e.op === "pow")
        return isFinite(base!) && exponent!.kind === "num" && (isWhole(exponent!) || isPositive(base!));
      return finite.has(e.op) && e.args.every((a) => a.type === "bool" || isFinite(a));
    }
  }
}

const isWhole = (n: Expr): boolean => n.kind === "num" && Number.isInteger(n.value) && n.value > 0;
