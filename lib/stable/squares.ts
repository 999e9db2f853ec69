/** Squares and sums of squares that overflow, or underflow, only on the way. */
import { apply, num, reduce, where, type Expr, type Node } from "../expr/node.ts";
import { isApply, argument, isNum, one, infinity, isFinite } from "./pattern.ts";
import { expression, powersOf } from "./powers.ts";
import type { Row } from "./row.ts";
import { isSum, product, signedTerms, sumOf } from "./terms.ts";

/** The index and the body of √Σ body². */
function norm(e: Expr): { readonly sum: Node<"reduce">; readonly body: Expr } | undefined {
  const sum = isApply(e, "sqrt") ? argument(e) : undefined;
  if (sum?.kind !== "reduce" || sum.op !== "sum") return undefined;
  const { body } = sum;
  return isApply(body, "pow") && isNum(body.args[1]!, 2) ? { sum, body: argument(body) } : undefined;
}

function scaledNorm(e: Expr): Expr | undefined {
  const found = norm(e);
  if (!found) return undefined;
  const { over, guard, body } = found.sum;
  // Differences have lost something already: the sum of their squares is not to add to it.
  const sum = isSum(found.body) ? reduce("sum", over, guard, apply("precise", body)) : found.sum;
  const unit = where(apply("lt", sum, one), num(2 ** 600, "real"), num(2 ** -600, "real"));
  const square = apply("pow", apply("mul", unit, found.body), num(2));
  const scaled = apply("div", apply("sqrt", reduce("sum", over, guard, square)), unit);
  const ordinary = apply("and", apply("gt", sum, num(1e-290, "real")), apply("lt", sum, infinity));
  return where(ordinary, apply("sqrt", sum), scaled);
}

/** The terms of a sum of squares, of which 1 is one, without their squares. */
function squared(e: Expr): readonly Expr[] | undefined {
  if (!isSum(e)) return undefined;
  const roots = signedTerms(e).map(({ sign, of }): Expr | undefined => {
    if (sign === -1) return undefined;
    if (of.kind === "num") return num(Math.sqrt(of.value));
    const powers = [...powersOf(of)];
    if (powers.some(([f, n]) => n % 2 !== 0 && !(f.kind === "num" && f.value > 0))) return undefined;
    return expression(new Map(powers.map(([f, n]) => [f, n / 2])));
  });
  return roots.length === 2 && roots.every((r) => r !== undefined) ? roots : undefined;
}

/** log of a product that may overflow, its factors apart. */
export const logOfProduct = (e: Expr): Expr =>
  sumOf(
    [...powersOf(e)].map(([f, n]) => ({
      sign: n < 0 ? -1 : 1,
      of: product([
        num(Math.abs(n)),
        isApply(f, "exp") ? argument(f) : apply("log", f.kind === "num" ? f : apply("abs", f)),
      ]),
    })),
  );

function largeLog1p(e: Expr): Expr | undefined {
  if (!isApply(e, "log1p")) return undefined;
  const x = argument(e);
  // Where it is infinite it is positive, or has no logarithm: then it is left as it is.
  return [...powersOf(x).values()].some((n) => n > 1)
    ? where(apply("lt", x, infinity), e, logOfProduct(x))
    : undefined;
}

/** Quotients by 1 + S, S a product that overflows: S is then all that counts, and may go against what is above it. */
function largeQuotient(e: Expr): Expr | undefined {
  if (!isApply(e, "div")) return undefined;
  const powers = powersOf(e);
  for (const [f, n] of powers) {
    if (n >= 0 || !isSum(f)) continue;
    const large = signedTerms(f).filter((t) => [...powersOf(t.of).values()].some((m) => m > 1));
    const [only, ...more] = large;
    if (!only || more.length > 0 || only.sign === -1) continue;
    const rest = new Map(powers);
    rest.delete(f);
    for (const [g, m] of powersOf(only.of)) {
      const sum = (rest.get(g) ?? 0) + m * n;
      if (sum === 0) rest.delete(g);
      else rest.set(g, sum);
    }
    return where(isFinite(only.of), e, expression(rest));
  }
  return undefined;
}

/** What a choice takes where a sum of squares is not 0, by the squared numbers: their squares may underflow. */
function chosenByRoots(e: Expr): Expr | undefined {
  if (e.kind !== "where" || !isApply(e.guard, "ne") || !isNum(e.guard.args[1]!, 0)) return undefined;
  const roots = squared(argument(e.guard));
  return roots && where(apply("or", ...roots.map(isNotZero)), e.then, e.else);
}

const isNotZero = (x: Expr): Expr => apply("ne", x, num(0));

// prettier-ignore
export const squareRows: readonly Row[] = [
  { name: "Euclidean norm", from: "sqrt(sum(d, x[d]^2))", to: "2^600 * sqrt(sum(d, (x[d] / 2^600)^2)) where the sum overflows, the other way round where it underflows", holds: "everywhere",
    counterexample: { text: "sqrt(sum(d, x[d]^2))", at: { x: [3e200, 4e200] } },
    rewrite: scaledNorm },
  { name: "power of a sum of squares", from: "(1 + x^2)^p", to: "hypot(1, x)^(2*p) where the sum overflows", holds: "everywhere",
    counterexample: { text: "(1 + x^2)^p", at: { x: 1e200, p: 0.5 } },
    rewrite: (e) => {
      if (!isApply(e, "pow") || isNum(e.args[1]!, 2)) return undefined;
      const roots = squared(argument(e));
      return roots && where(isFinite(argument(e)), e, apply("pow", apply("hypot", ...roots), apply("mul", num(2), e.args[1]!)));
    } },
  { name: "log of one and a square", from: "log1p(x^2)", to: "2*log(abs(x)) where x^2 overflows", holds: "1 is less than an ulp of it there",
    counterexample: { text: "log1p(x^2)", at: { x: 1e200 } },
    has: "log1p",
    rewrite: largeLog1p },
  { name: "quotient by one and a square", from: "x / (1 + x^2)", to: "1 / x where x^2 overflows", holds: "1 is less than an ulp of x^2 there",
    counterexample: { text: "x / (1 + x^2)", at: { x: 1e200 } },
    has: "div",
    rewrite: largeQuotient },
  { name: "hypotenuse", from: "sqrt(x^2 + y^2)", to: "hypot(x, y)", holds: "everywhere",
    counterexample: { text: "sqrt(x^2 + y^2)", at: { x: 3e200, y: 4e200 } },
    has: "sqrt",
    rewrite: (e) => {
      const roots = isApply(e, "sqrt") ? squared(argument(e)) : undefined;
      return roots && apply("hypot", ...roots);
    } },
  { name: "choice by squares", from: "x^2 + y^2 != 0 ? a : b", to: "x != 0 or y != 0 ? a : b", holds: "everywhere",
    counterexample: { text: "x^2 + y^2 != 0 ? x / hypot(x, y) : 0", at: { x: 3e-200, y: 4e-200 } },
    rewrite: chosenByRoots },
];
