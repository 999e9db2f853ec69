/** Hyperbolic functions where exponentials overflow. */
import { apply, num, where, type Expr, type Node } from "../expr/node.ts";
import { isApply, argument, factored, one, isFinite } from "./pattern.ts";
import { cancelled, expanded } from "./polynomial.ts";
import { expression, powersOf } from "./powers.ts";
import type { Row } from "./row.ts";
import { isLeaf, isSum, opposite, product, signed, signedTerms, sumOf, type Signed } from "./terms.ts";

/** sinh(x)^n / cosh(x)^n. */
function tanhOf(e: Expr): Expr | undefined {
  if (!isApply(e, "div")) return undefined;
  const powers = powersOf(e);
  for (const [f, n] of powers) {
    if (!isApply(f, "sinh") || n <= 0) continue;
    const below = apply("cosh", argument(f));
    if (powers.get(below) !== -n) continue;
    const rest = new Map([...powers].filter(([g]) => g !== f && g !== below));
    return expression(new Map([...rest, [apply("tanh", argument(f)), n]]));
  }
  return undefined;
}

/** x / cosh(u)^n, which is 0 where cosh(u) overflows, also when x does. */
function decaying(e: Expr): Expr | undefined {
  if (!isApply(e, "mul")) return undefined;
  const powers = powersOf(e);
  const cosh = [...powers].find(([f, n]) => isApply(f, "cosh") && n < 0)?.[0];
  const others = [...powers.keys()].some((f) => f !== cosh && !isLeaf(f));
  return cosh && others ? where(isFinite(cosh), e, num(0)) : undefined;
}

/** log(cosh(x)). */
function logCosh(x: Expr): Expr {
  const half = apply("sinh", apply("div", x, num(2)));
  const near = apply("log1p", apply("mul", num(2), apply("pow", half, num(2))));
  const small = apply("log1p", apply("exp", apply("mul", num(-2), apply("abs", x))));
  const far = apply("sub", small, apply("log", num(2)));
  return where(apply("lt", apply("abs", x), one), near, apply("add", apply("abs", x), far));
}

const log2 = apply("log", num(2));

/** softplus(w) + b - log(2), which is w/2 + b and the log of a cosh; where w/2 + b is not 0, near w = 0 alone. */
function softplusLess(e: Expr): Expr | undefined {
  if (!isSum(e)) return undefined;
  const terms = signedTerms(e);
  for (const t of terms) {
    const found = factored(t.of, "softplus");
    if (!found) continue;
    const w = argument(found.f);
    const less = terms.find((u) => u.sign !== t.sign && u.of === product([...found.rest, log2]));
    const half = expanded(product([...found.rest, apply("div", w, num(2))]));
    if (!less || !half) continue;
    const rest = terms.filter((u) => u !== t && u !== less);
    const others = rest.flatMap((u) => expanded(signed(u)) ?? [u]);
    const left = cancelled([...others, ...(t.sign === 1 ? half : opposite(half))]);
    const cosh: Signed = { sign: t.sign, of: product([...found.rest, logCosh(halved(w))]) };
    if (left.length < others.length) return sumOf([cosh, ...left]);
    const near = sumOf([cosh, ...left]);
    return where(apply("lt", apply("abs", w), one), near, e);
  }
  return undefined;
}

/** Half of a product with a number 2 in it is without it. */
const halved = (w: Expr): Expr => expression(powersOf(apply("div", w, num(2))));

// prettier-ignore
export const hyperbolicRows: readonly Row[] = [
  { name: "log of cosh", from: "log(cosh(x))", to: "abs(x) < 1 ? log1p(2 * sinh(x/2)^2) : abs(x) + (log1p(exp(-2*abs(x))) - log(2))", holds: "everywhere",
    counterexample: { text: "log(cosh(x))", at: { x: 1e-5 } },
    has: "log",
    rewrite: (e) => {
      if (!isApply(e, "log") || !isApply(argument(e), "cosh")) return undefined;
      return logCosh(argument(argument(e) as Node<"apply">));
    } },
  { name: "softplus less its value at 0", from: "softplus(w) - w/2 - log(2)", to: "log(cosh(w/2))", holds: "everywhere",
    counterexample: { text: "x + softplus(-2 * x) - log(2)", at: { x: 1e-5 } },
    has: "softplus",
    rewrite: softplusLess },
  { name: "quotient of hyperbolic functions", from: "sinh(x) / cosh(x)", to: "tanh(x)", holds: "everywhere",
    counterexample: { text: "sinh(x) / cosh(x)", at: { x: 800 } },
    has: "sinh",
    rewrite: tanhOf },
  { name: "quotient by a hyperbolic cosine", from: "x / cosh(u)^2", to: "0 where cosh(u) overflows", holds: "x is less than cosh(u)",
    counterexample: { text: "(1 / cosh(z)) * (1 / cosh(z)) * (z^3 + z)", at: { z: 1e200 } },
    has: "cosh",
    rewrite: decaying },
];
