/** Exponentials that are multiplied, divided or under a root as one: each may overflow where their product does not. */
import { apply, num, type Expr } from "../expr/node.ts";
import { argument, isApply } from "./pattern.ts";
import { cancelled, expanded } from "./polynomial.ts";
import { expression, powersOf } from "./powers.ts";
import type { Row } from "./row.ts";
import { opposite, product, sumOf, type Signed } from "./terms.ts";

/** More terms than this are not put into one exponent. */
const mostTerms = 6;

const isPowerOf = (e: Expr): boolean =>
  e.kind === "apply" && (e.op === "sqrt" || (e.op === "pow" && e.args[1]!.kind === "num"));

const isProduct = (e: Expr): boolean => isApply(e, "mul") || isApply(e, "div");

function inOne(e: Expr): Expr | undefined {
  const isPower = isPowerOf(e);
  if (!isPower && !isProduct(e)) return undefined;
  const powers = [...powersOf(e)];
  const exps = powers.filter(([f]) => isApply(f, "exp"));
  if (exps.length < (isPower ? 1 : 2)) return undefined;
  const terms: Signed[] = [];
  for (const [f, n] of exps) {
    const some = isApply(f, "exp") ? expanded(apply("mul", num(Math.abs(n)), argument(f))) : undefined;
    if (!some) return undefined;
    terms.push(...(n < 0 ? opposite(some) : some));
  }
  const left = cancelled(terms);
  if (left.length > mostTerms) return undefined;
  const rest = powers.filter(([f]) => !isApply(f, "exp"));
  return times(left.length === 0 ? num(1) : apply("exp", sumOf(left)), expression(new Map(rest)));
}

const times = (exp: Expr, rest: Expr): Expr =>
  isApply(rest, "div") ? apply("div", product([rest.args[0]!, exp]), rest.args[1]!) : product([rest, exp]);

// prettier-ignore
export const oneExponentialRows: readonly Row[] = [
  { name: "exponentials in one", from: "exp(x) * sqrt(exp(y))", to: "exp(x + y/2)", holds: "everywhere",
    counterexample: { text: "exp(x) * sqrt(exp(y))", at: { x: -1000, y: 1990 } },
    has: "exp",
    rewrite: inOne },
];
