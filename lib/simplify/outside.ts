/** Which factors may be written in front of cases: those that no condition of the cases has to keep from being evaluated. */
import { children, type Expr } from "../expr/node.ts";
import type { Op } from "../expr/ops.ts";
import type { Facts } from "./algebra.ts";
import { isPositive } from "./sign.ts";

/**
 * Whether a factor may be evaluated where `guards` fail: all that it reads is inside whatever they say,
 * and it is finite, or they are about other things. x^-0.5 may not leave [x > 0].
 */
export const mayStandOutside = (factor: Expr, guards: readonly Expr[], facts: Facts): boolean =>
  readsInside(factor, facts) && (isFinite(factor) || !guards.some((g) => namesMeet(factor, g)));

/** Subscripts that are indices, or labels that are known to be in a range. */
function readsInside(e: Expr, facts: Facts): boolean {
  const inside = (x: Expr): boolean =>
    x.kind === "index" || (x.kind === "read" && facts.labelBelow(x).length > 0);
  return (e.kind !== "read" || e.at.every(inside)) && children(e).every((child) => readsInside(child, facts));
}

// prettier-ignore
const finite: ReadonlySet<Op> = new Set<Op>([
  "add", "sub", "mul", "neg", "max", "min", "abs", "sign", "relu", "sin", "cos", "atan", "tanh", "asinh",
  "cbrt", "sigmoid", "softplus", "erf", "erfc", "hypot", "stop", "iverson",
]);

/** Whether a number comes out for all finite reads; "no" when it is not known. */
function isFinite(e: Expr): boolean {
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

/** Whether two expressions read the same array. */
function namesMeet(a: Expr, b: Expr): boolean {
  const names = namesIn(b);
  return [...namesIn(a)].some((name) => names.has(name));
}

function namesIn(e: Expr): ReadonlySet<string> {
  const names = new Set<string>();
  const seen = new Set<Expr>();
  const visit = (e: Expr): void => {
    if (seen.has(e)) return;
    seen.add(e);
    if (e.kind === "read") names.add(e.name);
    children(e).forEach(visit);
  };
  visit(e);
  return names;
}
