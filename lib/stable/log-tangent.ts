/** log1p(x) less its tangent, however it is multiplied: (1 + x)*log1p(x) - x is of second order near 0. */
import type { Expr, Node } from "../expr/node.ts";
import { argument, isApply } from "./pattern.ts";
import { cancelled, expanded } from "./polynomial.ts";
import { expression, powersOf, quotient } from "./powers.ts";
import type { Row } from "./row.ts";
import { lessLog1p } from "./tangents.ts";
import { factors, isSum, opposite, product, sumOf, type Signed } from "./terms.ts";

/** The longest sum that is looked at. */
const mostTerms = 6;

function lessTangent(e: Expr): Expr | undefined {
  if (!isSum(e)) return undefined;
  const terms = expanded(e, false);
  if (!terms || terms.length > mostTerms) return undefined;
  for (const t of terms) {
    const found = [...powersOf(t.of)].find(([f, n]) => n === 1 && isApply(f, "log1p"))?.[0];
    if (found === undefined) continue;
    const by = expression(quotient(powersOf(t.of), new Map([[found, 1]])));
    const x = argument(found as Node<"apply">);
    const line = expanded(product([...factors(by), x]), false);
    if (!line) continue;
    const others = terms.filter((other) => other !== t);
    const left = cancelled([...others, ...(t.sign === 1 ? line : opposite(line))]);
    if (left.length !== others.length - line.length) continue;
    const less: Signed = { sign: t.sign === 1 ? -1 : 1, of: product([by, lessLog1p(x)]) };
    return sumOf([...left, less]);
  }
  return undefined;
}

// prettier-ignore
export const logTangentRows: readonly Row[] = [
  { name: "log less its tangent", from: "(1 + x)*log1p(x) - x", to: "x*log1p(x) - (x - log1p(x)), by a series for abs(x) < 1/2", holds: "everywhere, to the digits of a double",
    counterexample: { text: "(3 * r + 1) * log1p(3 * r) / 3 - r", at: { r: 1e-9 } },
    digits: 16,
    has: "log1p",
    rewrite: lessTangent },
];
