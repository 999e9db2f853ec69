/** The difference of two sigmoids, which are both nearly 1, both nearly 0, or nearly equal: a product has no such fault. */
import { apply, num, where, type Expr, type Node } from "../expr/node.ts";
import { argument, factored, isApply, pair } from "./pattern.ts";
import { expression, powersOf } from "./powers.ts";
import type { Row } from "./row.ts";
import {
  factors,
  isSum,
  negative,
  opposite,
  positive,
  product,
  signedTerms,
  sumOf,
  without,
  withoutOpposites,
} from "./terms.ts";

const minus = (a: Expr, b: Expr): Expr =>
  sumOf(withoutOpposites([...signedTerms(a), ...opposite(signedTerms(b))]));

const sigmoid = (z: Expr): Expr => apply("sigmoid", z);

/** sigmoid(a) - sigmoid(b) = sigmoid(a) * sigmoid(-b) * (1 - exp(b - a)). */
function difference(a: Expr, b: Expr): Expr | undefined {
  const [one, other] = [factored(a, "sigmoid"), factored(b, "sigmoid")];
  const rest = one && other && without(one.rest, other.rest);
  if (!one || !other || rest?.length !== 0) return undefined;
  const [x, y] = [argument(one.f), argument(other.f)];
  const apart = minus(y, x);
  const less = product([sigmoid(x), sigmoid(negative(y)), negative(apply("expm1", apart))]);
  const more = product([sigmoid(y), sigmoid(negative(x)), apply("expm1", negative(apart))]);
  return product([...one.rest, where(positive(apart), more, less)]);
}

/** log(sigmoid(x) - sigmoid(y)), x > y: the logs of the factors, none of which underflows. */
function logOfDifference(e: Expr): Expr | undefined {
  if (!isApply(e, "log") || !isSum(argument(e))) return undefined;
  const [a, b, ...more] = signedTerms(argument(e));
  if (!a || !b || more.length > 0 || a.sign === b.sign) return undefined;
  const [x, y] = (a.sign === 1 ? [a, b] : [b, a]).map(({ of }) => (isSigmoid(of) ? argument(of) : undefined));
  if (!x || !y) return undefined;
  return sumOf([
    { sign: 1, of: apply("log1p", negative(apply("exp", minus(y, x)))) },
    { sign: -1, of: apply("softplus", negative(x)) },
    { sign: -1, of: apply("softplus", y) },
  ]);
}

/** (sigmoid(x)·sigmoid(-x) - sigmoid(y)·sigmoid(-y)) / (sigmoid(x) - sigmoid(y)), times others. */
function slopesOver(e: Expr): Expr | undefined {
  if (!isApply(e, "div")) return undefined;
  const powers = powersOf(e);
  const [above, below] = [1, -1].map((n) => [...powers].find(([f, m]) => m === n && isSum(f))?.[0]);
  if (!above || !below) return undefined;
  const [a, b, ...more] = signedTerms(above);
  const [c, d, ...others] = signedTerms(below);
  if (!a || !b || !c || !d || more.length + others.length > 0) return undefined;
  if (a.sign === b.sign || c.sign === d.sign || !isSigmoid(c.of) || !isSigmoid(d.of)) return undefined;
  const [x, y] = [argument(c.of), argument(d.of)];
  const straight = isSlope(a.of, x) && isSlope(b.of, y);
  if (!straight && !(isSlope(a.of, y) && isSlope(b.of, x))) return undefined;
  // With c and d positive and negative, or the other way round, the same sign is gained or lost above and below.
  const sum = apply("sub", sigmoid(negative(x)), sigmoid(y));
  const quotient = pair(sum, difference) ?? sum;
  const same = (straight ? a : b).sign === c.sign;
  const left = new Map([...powers].filter(([f]) => f !== above && f !== below));
  const value = expression(powersOf(same ? quotient : negative(quotient), 1, left));
  // 0/0 stays what it is.
  const apart = minus(y, x);
  return where(apply("eq", apart, num(0)), apply("div", num(0), apart), value);
}

const isSigmoid = (e: Expr): e is Node<"apply"> => isApply(e, "sigmoid");

/** Whether it is sigmoid(x)·sigmoid(-x). */
function isSlope(e: Expr, x: Expr): boolean {
  const args = factors(e).map((f) => (isSigmoid(f) ? argument(f) : undefined));
  const [p, q] = args;
  if (!p || !q || args.length > 2) return false;
  return isSame(p, negative(q)) && (isSame(p, x) || isSame(q, x));
}

const isSame = (a: Expr, b: Expr): boolean => minus(a, b) === num(0);

// prettier-ignore
export const sigmoidDifferenceRows: readonly Row[] = [
  { name: "difference of sigmoids", from: "sigmoid(x) - sigmoid(y)", to: "-sigmoid(x) * sigmoid(-y) * expm1(y - x), or the other way round where y > x", holds: "everywhere",
    counterexample: { text: "sigmoid(x) - sigmoid(y)", at: { x: 40, y: 38 } },
    whole: true,
    has: "sigmoid",
    rewrite: (e) => pair(e, difference) },
  { name: "log of a difference of sigmoids", from: "log(sigmoid(x) - sigmoid(y))", to: "log1p(-exp(y - x)) - softplus(-x) - softplus(y)", holds: "x > y",
    counterexample: { text: "log(sigmoid(x) - sigmoid(y))", at: { x: -800, y: -801 } },
    whole: true,
    rewrite: logOfDifference },
  { name: "slopes of sigmoids over their difference", from: "(sigmoid(x)*sigmoid(-x) - sigmoid(y)*sigmoid(-y)) / (sigmoid(x) - sigmoid(y))", to: "sigmoid(-x) - sigmoid(y)", holds: "x is not y",
    counterexample: { text: "(sigmoid(x) * sigmoid(-x) - sigmoid(y) * sigmoid(-y)) / (sigmoid(x) - sigmoid(y))", at: { x: 40, y: 38 } },
    whole: true,
    rewrite: slopesOver },
];
