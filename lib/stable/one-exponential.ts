/** Exponentials that are multiplied or divided, under roots or not, as one: each may overflow where their product does not. */
import { conjoin } from "../expr/nested-reduction.ts";
import { apply, num, where, type Expr, type Node } from "../expr/node.ts";
import { argument, isApply } from "./pattern.ts";
import { cancelled, expanded } from "./polynomial.ts";
import { expression, powersOf } from "./powers.ts";
import type { Row } from "./row.ts";
import { opposite, product, sumOf, type Signed } from "./terms.ts";

/** exp of this is a number, and so is its inverse. */
const mostExponent = 700;

/** More terms than this are not put into one exponent. */
const mostTerms = 6;

const isProduct = (e: Expr): boolean => isApply(e, "mul") || isApply(e, "div");

function inOne(e: Expr): Expr | undefined {
  if (!isProduct(e)) return undefined;
  const powers = [...powersOf(e)];
  const exps = powers.filter(([f]) => isApply(f, "exp"));
  if (exps.length < 2) return undefined;
  const terms: Signed[] = [];
  for (const [f, n] of exps) {
    const some = isApply(f, "exp") ? expanded(apply("mul", num(Math.abs(n)), argument(f))) : undefined;
    if (!some) return undefined;
    terms.push(...(n < 0 ? opposite(some) : some));
  }
  const left = cancelled(terms);
  if (left.length > mostTerms) return undefined;
  const rest = powers.filter(([f]) => !isApply(f, "exp"));
  const one = times(left.length === 0 ? num(1) : apply("exp", sumOf(left)), expression(new Map(rest)));
  // Where none overflows, the exponentials are those that others have, too.
  const most = Math.floor(mostExponent / exps.reduce((sum, [, n]) => sum + Math.max(1, Math.abs(n)), 0));
  const sizes = exps.map(([f]) => apply("abs", argument(f as Node<"apply">)));
  return where(conjoin(sizes.map((size) => apply("lt", size, num(most))))!, e, one);
}

const times = (exp: Expr, rest: Expr): Expr =>
  isApply(rest, "div") ? apply("div", product([rest.args[0]!, exp]), rest.args[1]!) : product([rest, exp]);

// prettier-ignore
export const oneExponentialRows: readonly Row[] = [
  { name: "exponentials in one", from: "exp(x) * sqrt(exp(y))", to: "abs(x) < 350 and abs(y) < 350 ? exp(x) * sqrt(exp(y)) : exp(x + y/2)", holds: "everywhere",
    counterexample: { text: "exp(x) * sqrt(exp(y))", at: { x: -1000, y: 1990 } },
    has: "exp",
    rewrite: inOne },
];
