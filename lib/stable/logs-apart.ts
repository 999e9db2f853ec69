/** Logs of complements of exponentials, one less the other: log of a quotient where both are nearly log(0). */
import { apply, num, where, type Expr } from "../expr/node.ts";
import { argument, isApply, pair } from "./pattern.ts";
import type { Row } from "./row.ts";
import { isSum, negative, signedTerms } from "./terms.ts";

/** z of log1p(-exp(z)). */
function complemented(e: Expr): Expr | undefined {
  if (!isApply(e, "log1p")) return undefined;
  const [exp, ...more] = signedTerms(argument(e));
  if (exp === undefined || more.length > 0 || exp.sign === 1 || !isApply(exp.of, "exp")) return undefined;
  return argument(exp.of);
}

function apart(a: Expr, b: Expr): Expr | undefined {
  const [x, y] = [complemented(a), complemented(b)];
  if (x === undefined || y === undefined) return undefined;
  const quotient = apply("log", apply("div", apply("expm1", x), apply("expm1", y)));
  const inside = [x, y].flatMap((z) => [isSlight(z), apply("lt", z, num(0))]);
  return where(apply("and", ...inside), quotient, apply("sub", logOf(x, a), logOf(y, b)));
}

/** exp(z) is nearly 1. */
const isSlight = (z: Expr): Expr => apply("gt", z, num(-0.7));

/** log(1 - exp(z)), which is `written` so. */
const logOf = (z: Expr, written: Expr): Expr =>
  where(isSlight(z), apply("log", negative(apply("expm1", z))), written);

// prettier-ignore
export const logsApartRows: readonly Row[] = [
  { name: "logs of complements apart", from: "log1p(-exp(x)) - log1p(-exp(y))", to: "-0.7 < x < 0 and -0.7 < y < 0 ? log(expm1(x) / expm1(y)) : log1p(-exp(x)) - log1p(-exp(y))", holds: "x < 0, y < 0",
    counterexample: { text: "log1p(-exp(x)) - log1p(-exp(y))", at: { x: -1e-300, y: -2.5e-300 } },
    whole: true,
    rewrite: (e) => (isSum(e) ? pair(e, apart) : undefined) },
];
