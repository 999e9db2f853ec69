/** Quotients and logs of exponentials that overflow only on the way. */
import { apply, num, where, type Expr, type Node } from "../expr/node.ts";
import { expsum } from "./exponents.ts";
import { logOfProduct } from "./squares.ts";
import { infinity, isApply, argument, one } from "./pattern.ts";
import { expression, powersOf } from "./powers.ts";
import type { Row } from "./row.ts";
import { isLeaf, isSum, negative, positive, signedTerms, sumOf } from "./terms.ts";

/** a > 4·b. */
const more = (a: Expr, b: Expr): Expr => apply("gt", a, apply("mul", num(4), b));

/** log(exp(z) + r) by the larger of the two. */
function logBesideExp(e: Expr): Expr | undefined {
  if (!isApply(e, "log") || !isSum(argument(e))) return undefined;
  const terms = signedTerms(argument(e));
  const exp = terms.find((t) => t.sign === 1 && isApply(t.of, "exp"));
  const others = terms.filter((t) => t !== exp);
  if (exp === undefined || !others.every(({ of }) => isLeaf(of))) return undefined;
  const [power, r] = [exp.of, sumOf(others)];
  const z = argument(power as Node<"apply">);
  const above = apply("add", z, apply("log1p", apply("mul", r, apply("exp", negative(z)))));
  const below = apply("add", apply("log", r), apply("log1p", apply("div", power, r)));
  return where(more(power, apply("abs", r)), above, where(more(r, power), below, e));
}

/** exp(z) / (exp(z) + r) where exp(z) may overflow. */
function shareBesideExp(e: Expr): Expr | undefined {
  if (!isApply(e, "div")) return undefined;
  const powers = powersOf(e);
  for (const [f, n] of powers) {
    if (n !== -1 || !isSum(f)) continue;
    const terms = signedTerms(f);
    const exp = terms.find((t) => t.sign === 1 && isApply(t.of, "exp") && powers.get(t.of) === 1)?.of;
    if (exp === undefined || !terms.every(({ of }) => of === exp || isLeaf(of))) continue;
    const z = argument(exp as Node<"apply">);
    const r = sumOf(terms.filter((t) => t.of !== exp));
    const less = apply("add", one, apply("mul", r, apply("exp", negative(z))));
    const rest = [...powers].filter(([g]) => g !== f && g !== exp);
    return where(positive(z), expression(new Map([...rest, [less, -1]])), e);
  }
  return undefined;
}

/** log(1 + c*exp(z)) where the exponential overflows: then 1 does not count. */
function logOfLargeExp(e: Expr): Expr | undefined {
  if (!isApply(e, "log1p")) return undefined;
  const x = argument(e);
  const exps = [...powersOf(x)].filter(([f]) => isApply(f, "exp"));
  return exps.length === 1 && exps[0]![1] === 1 && powersOf(x).size > 1
    ? where(apply("lt", x, infinity), e, logOfProduct(x))
    : undefined;
}

// prettier-ignore
export const besideExponentialRows: readonly Row[] = [
  { name: "log of an exponential and a value", from: "log(exp(z) + r)", to: "exp(z) > 4*abs(r) ? z + log1p(r*exp(-z)) : r > 4*exp(z) ? log(r) + log1p(exp(z)/r) : log(exp(z) + r)", holds: "everywhere",
    counterexample: { text: "log(exp(z) + r)", at: { z: 800, r: 2 } },
    has: "log",
    rewrite: logBesideExp },
  { name: "log of one and an exponential times a value", from: "log1p(exp(z)/r)", to: "z - log(abs(r)) where exp(z) overflows", holds: "1 is less than an ulp of it there",
    counterexample: { text: "log1p(exp(z) / r)", at: { z: 800, r: 2 } },
    always: "a trial has few points at which exp(z) overflows and r is positive",
    has: "log1p",
    rewrite: logOfLargeExp },
  { name: "share of an exponential beside a value", from: "exp(z) / (exp(z) + r)", to: "z > 0 ? 1 / (1 + r*exp(-z)) : exp(z) / (exp(z) + r)", holds: "everywhere",
    counterexample: { text: "exp(z) / (exp(z) + r)", at: { z: 800, r: 2 } },
    has: "exp",
    rewrite: shareBesideExp },
  { name: "quotient of exponentials", from: "exp(x) / exp(y)", to: "exp(x - y)", holds: "everywhere",
    counterexample: { text: "exp(x) / exp(y)", at: { x: 1000, y: 999 } },
    has: "exp",
    rewrite: (e) => isApply(e, "div") && isApply(e.args[0]!, "exp") && isApply(e.args[1]!, "exp")
      ? expsum([argument(e.args[0]), negative(argument(e.args[1]))]) : undefined },
];
