/**
 * softplus and sigmoid of a sum beside what they go to, looked for before the sum in them is: what its rounding takes
 * goes into the one exponential that is left.
 */
import { apply, where, type Expr } from "../expr/node.ts";
import { smallExpOfSum } from "./exponents.ts";
import { argument, factored, one, pair } from "./pattern.ts";
import type { Row } from "./row.ts";
import {
  factors,
  guarded,
  isLeaf,
  isSum,
  negative,
  positive,
  product,
  signedTerms,
  sumOf,
  without,
  withoutTerms,
  type Signed,
} from "./terms.ts";

/** sigmoid(x - y) - t. */
function sigmoidMinus(a: Expr, b: Expr): Expr | undefined {
  const found = factored(a, "sigmoid");
  const small = found && smallExpOfSum(found.f);
  const label = small && labelIn(factors(b), found.rest);
  if (!small || label === undefined) return undefined;
  const slight = apply("div", small, apply("add", one, small));
  const above = apply("sub", apply("sub", one, label), slight);
  return product([...found.rest, where(positive(argument(found.f)), above, apply("sub", slight, label))]);
}

/** What is left of a product without some factors, where that is there without rounding. */
function labelIn(all: readonly Expr[], some: readonly Expr[]): Expr | undefined {
  const left = without(all, some);
  return left?.every(isLeaf) === true ? product(left) : undefined;
}

/** softplus(x - y) - t*x + t*y. */
function softplusMinus(e: Expr): Expr | undefined {
  if (!isSum(e)) return undefined;
  const terms = signedTerms(e);
  for (const t of terms) {
    const found = factored(t.of, "softplus");
    const small = found && smallExpOfSum(found.f);
    if (!small) continue;
    const u = signedTerms(argument(found.f));
    const others = terms.filter((other) => other !== t);
    const label = labelOf(u, others, found.rest);
    const linear = label && timesLabel(u, [...found.rest, label]);
    const rest = linear && withoutTerms(others, linear, -t.sign);
    if (!rest || label === undefined) continue;
    const side = where(
      positive(argument(found.f)),
      guarded(apply("sub", one, label), argument(found.f)),
      negative(guarded(label, argument(found.f))),
    );
    const value = product([...found.rest, apply("add", side, apply("log1p", small))]);
    return sumOf([{ sign: t.sign, of: value }, ...rest]);
  }
  return undefined;
}

/** The label by which a term of u is multiplied in one of `others`. */
function labelOf(u: readonly Signed[], others: readonly Signed[], by: readonly Expr[]): Expr | undefined {
  const first = u[0];
  if (first === undefined) return undefined;
  const labels = others.flatMap((t) => labelIn(factors(t.of), [...by, ...factors(first.of)]) ?? []);
  return labels.find((label) => label.kind !== "num");
}

const timesLabel = (u: readonly Signed[], by: readonly Expr[]): readonly Signed[] =>
  u.map(({ sign, of }) => ({ sign, of: product([...by, ...factors(of)]) }));

// prettier-ignore
export const logisticOfSumsRows: readonly Row[] = [
  { name: "logistic gradient of a sum", from: "sigmoid(x - y) - t", to: "x - y > 0 ? (1 - t) - q : q - t, q = e / (1 + e), e = exp(-abs(x - y))", holds: "everywhere",
    counterexample: { text: "sigmoid(x - y) - t", at: { x: 40.3, y: 0.1, t: 1 } },
    whole: true,
    has: "sigmoid",
    rewrite: (e) => pair(e, sigmoidMinus) },
  { name: "logistic loss of a sum", from: "softplus(x - y) - t*x + t*y", to: "(x - y > 0 ? (1 - t)*(x - y) : -t*(x - y)) + log1p(e), e = exp(-abs(x - y))", holds: "everywhere",
    counterexample: { text: "softplus(x - y) - t * x + t * y", at: { x: 40.3, y: 0.1, t: 1 } },
    whole: true,
    has: "softplus",
    rewrite: softplusMinus },
];
