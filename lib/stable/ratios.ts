/** Quotients of powers as powers of quotients: x^2 and y^2 overflow and underflow where x/y is an ordinary number. */
import { apply, freeIndices, num, type Expr } from "../expr/node.ts";
import { isApply, isReal } from "./pattern.ts";
import { expression, powersOf } from "./powers.ts";
import type { Row } from "./row.ts";
import { isSum, product } from "./terms.ts";

/** A value that varies, or a difference of such: not a number, a count or what is 1 and more beside it. */
const isBase = (f: Expr): boolean => isReal(f) && f.kind !== "num" && f.kind !== "size";

/** x^n/y^m with the powers that both have in one. */
function ofPowers(e: Expr): Expr | undefined {
  if (!isApply(e, "div")) return undefined;
  const powers = [...powersOf(e)].filter(([f]) => isBase(f));
  const above = powers.find(([, n]) => n >= 2 && Number.isInteger(n));
  const below = powers.find(([, n]) => n <= -2 && Number.isInteger(n));
  if (!above || !below) return undefined;
  const [[x, n], [y, m]] = [above, below];
  const both = Math.min(n, -m);
  const left = new Map(powersOf(e));
  for (const [f, exponent] of [
    [x, n - both],
    [y, m + both],
  ] as const)
    if (exponent === 0) left.delete(f);
    else left.set(f, exponent);
  // As products: of a power less one, others take the logarithm.
  const ratio = apply("div", x, y);
  const power =
    both > 3 ? apply("pow", ratio, num(both)) : product(Array.from({ length: both }, () => ratio));
  return times(power, expression(left));
}

/** x/S^2 as x/S/S, S a sum over an index or one beside it. */
function byOneThenTheOther(e: Expr): Expr | undefined {
  if (!isApply(e, "div")) return undefined;
  const powers = powersOf(e);
  const square = [...powers].find(([f, n]) => n === -2 && isSum(f) && freeIndices(f).length === 0)?.[0];
  if (square === undefined) return undefined;
  const left = new Map(powers);
  left.set(square, -1);
  return apply("div", expression(left), square);
}

const times = (f: Expr, rest: Expr): Expr =>
  isApply(rest, "div") ? apply("div", product([f, rest.args[0]!]), rest.args[1]!) : product([f, rest]);

// prettier-ignore
export const ratioRows: readonly Row[] = [
  { name: "quotient of powers", from: "x^2 / y^2", to: "(x / y)^2", holds: "y is not 0",
    counterexample: { text: "x^2 / y^2", at: { x: 3e-200, y: 2e-200 } },
    has: "div",
    rewrite: ofPowers },
  { name: "quotient by a square", from: "x / (a + b)^2", to: "x / (a + b) / (a + b)", holds: "a + b is not 0",
    counterexample: { text: "x / (a + b)^2", at: { x: 3e-200, a: 2e-200, b: 1e-200 } },
    has: "div",
    rewrite: byOneThenTheOther },
];
