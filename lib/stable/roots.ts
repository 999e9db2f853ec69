/** Roots and powers less what they are nearly equal to. */
import { apply, num, where, type Expr, type Node } from "../expr/node.ts";
import { logOfSigmoids } from "./logistic.ts";
import { argument, besideOne, isApply, infinity, isNum, one, pair, factored } from "./pattern.ts";
import type { Row } from "./row.ts";
import { factors, isLeaf, isSum, positive, product, signedTerms, sumOf, without } from "./terms.ts";

/** √S − c where c² is a term of S, from what else S has. */
function rootLess(a: Expr, c: Expr): Expr | undefined {
  const hypot = factored(a, "hypot");
  if (hypot) return hypotLess(hypot.f, hypot.rest, c);
  const found = factored(a, "sqrt");
  if (!found || !isSum(argument(found.f))) return undefined;
  const root = without(factors(c), found.rest);
  const main = root && product(root);
  if (main === undefined || !isLeaf(main) || (main.kind === "num" && main.value <= 0)) return undefined;
  const square = main.kind === "num" ? num(main.value ** 2, main.type) : apply("pow", main, num(2));
  const terms = signedTerms(argument(found.f));
  const n = terms.findIndex((t) => t.sign === 1 && t.of === square);
  if (n < 0) return undefined;
  const rest = sumOf(terms.toSpliced(n, 1));
  const small = apply("lt", rest, apply("mul", num(3), square));
  return product([
    ...found.rest,
    where(
      main.kind === "num" ? small : apply("and", small, positive(main)),
      apply("div", rest, apply("add", found.f, main)),
      apply("sub", found.f, main),
    ),
  ]);
}

/** hypot(x, c) − c as x²/(hypot(x, c) + c), in an order in which nothing overflows. */
function hypotLess(f: Node<"apply">, rest: readonly Expr[], b: Expr): Expr | undefined {
  const left = without(factors(b), rest);
  const [x, y] = f.args as [Expr, Expr];
  const c = left && product(left);
  if (c === undefined || (c !== x && c !== y)) return undefined;
  const other = c === x ? y : x;
  const less = apply("mul", other, apply("div", other, apply("add", f, c)));
  return product([
    ...rest,
    c.kind === "num" && c.value > 0 ? less : where(positive(c), less, apply("sub", f, c)),
  ]);
}

/** b^p − 1 where it is small, by logarithms. */
function powerLess(a: Expr, b: Expr): Expr | undefined {
  const found = factored(a, "pow");
  if (!found || product(found.rest) !== b) return undefined;
  const [base, exponent] = found.f.args as [Expr, Expr];
  const [x, whole] = [besideOne(base), apply("log", base)];
  const log = x === undefined ? (logOfSigmoids(whole) ?? whole) : apply("log1p", x);
  const less = apply("sub", found.f, one);
  // A base beyond the largest double to the power of 0 is 1 as it stands.
  const there = exponent.kind === "num" ? [positive(base)] : [positive(base), apply("lt", base, infinity)];
  const small = apply("and", ...there, apply("lt", apply("abs", less), num(0.5)));
  return product([...found.rest, where(small, apply("expm1", apply("mul", exponent, log)), less)]);
}

/** acosh(1 + x), by x and the root of x*(2 + x); where x is large, its square may overflow. */
function acoshBesideOne(e: Expr): Expr | undefined {
  const x = isApply(e, "acosh") ? besideOne(argument(e)) : undefined;
  if (x === undefined) return undefined;
  const root = apply("mul", apply("sqrt", x), apply("sqrt", apply("add", num(2), x)));
  return where(apply("lt", x, one), apply("log1p", apply("add", x, root)), e);
}

/** (1 + x)^2 - 1. */
function squareLess(a: Expr, b: Expr): Expr | undefined {
  const x = isNum(b, 1) ? besideOneIn(a, 2) : undefined;
  return x && apply("mul", x, apply("add", num(2), x));
}

/** (1 + x)^3 - 1. */
function cubeLess(a: Expr, b: Expr): Expr | undefined {
  const x = isNum(b, 1) ? besideOneIn(a, 3) : undefined;
  return x && apply("mul", x, apply("add", num(3), apply("mul", x, apply("add", num(3), x))));
}

/** x of (1 + x)^n. */
const besideOneIn = (e: Expr, n: number): Expr | undefined =>
  isApply(e, "pow") && isNum(e.args[1]!, n) ? besideOne(argument(e)) : undefined;

// prettier-ignore
export const rootRows: readonly Row[] = [
  { name: "root less its main part", from: "sqrt(1 + u) - 1", to: "u / (sqrt(1 + u) + 1) where u < 3", holds: "everywhere",
    counterexample: { text: "sqrt(1 + x^2) - 1", at: { x: 1e-7 } },
    rewrite: (e) => pair(e, rootLess) },
  { name: "square less one", from: "(1 + x)^2 - 1", to: "x * (2 + x)", holds: "everywhere",
    counterexample: { text: "(1 + x)^2 - 1", at: { x: 1e-12 } },
    has: "pow",
    rewrite: (e) => pair(e, squareLess) },
  { name: "cube less one", from: "(1 + x)^3 - 1", to: "x * (3 + x * (3 + x))", holds: "everywhere",
    counterexample: { text: "(1 + x)^3 - 1", at: { x: 1e-12 } },
    has: "pow",
    rewrite: (e) => pair(e, cubeLess) },
  { name: "area of a cosine beside one", from: "acosh(1 + x)", to: "x < 1 ? log1p(x + sqrt(x) * sqrt(2 + x)) : acosh(1 + x)", holds: "x >= 0",
    counterexample: { text: "acosh(1 + x)", at: { x: 1e-12 } },
    has: "acosh",
    rewrite: acoshBesideOne },
  { name: "power less one", from: "(1 + u)^p - 1", to: "expm1(p * log1p(u)) where it is less than 1/2", holds: "1 + u > 0",
    counterexample: { text: "(1 + u)^p - 1", at: { u: 1e-10, p: 0.3 } },
    has: "pow",
    rewrite: (e) => pair(e, powerLess) },
];
