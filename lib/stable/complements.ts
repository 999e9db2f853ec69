/** One less a function that goes to 1, by what it lacks; and what is left of a difference of squares. */
import { apply, num, type Expr, type Node } from "../expr/node.ts";
import { isApply, argument, isNum, one, pair, factored } from "./pattern.ts";
import type { Row } from "./row.ts";
import { isLeaf, isSum, negative, product, signedTerms, sumOf } from "./terms.ts";

/** 1 ± f(x) by its `complement`, which is 1 − f and keeps the small part where f is nearly 1. */
function lessThanOne(
  e: Expr,
  op: "erf" | "tanh",
  complement: (x: Expr) => readonly Expr[],
): Expr | undefined {
  if (!isSum(e)) return undefined;
  const terms = signedTerms(e);
  const functions = terms.flatMap((b) => {
    const found = factored(b.of, op);
    return found ? [{ b, x: argument(found.f), factors: found.rest, scale: product(found.rest) }] : [];
  });
  for (const a of terms)
    for (const { b, x, factors, scale } of functions) {
      if (a.sign === -1 || scale !== a.of) continue;
      const made = product([...factors, ...complement(b.sign === 1 ? negative(x) : x)]);
      const rest = terms.filter((t) => t !== a && t !== b);
      return rest.length === 0 ? made : sumOf([{ sign: 1, of: made }, ...rest]);
    }
  return undefined;
}

/** x of x², a value as it stands. */
const squareRoot = (e: Expr): Expr | undefined =>
  isApply(e, "pow") && isNum(e.args[1]!, 2) && isLeaf(argument(e)) ? argument(e) : undefined;

// prettier-ignore
export const complementRows: readonly Row[] = [
  { name: "1 - tanh^2", from: "1 - tanh(x)^2", to: "1 / cosh(x)^2", holds: "everywhere",
    counterexample: { text: "1 - tanh(x)^2", at: { x: 20 } },
    has: "pow",
    rewrite: (e) => pair(e, (a, b) => {
      if (!isNum(a, 1) || !isApply(b, "pow") || !isNum(b.args[1]!, 2) || !isApply(argument(b), "tanh")) return undefined;
      const c = apply("div", one, apply("cosh", argument(argument(b) as Node<"apply">)));
      return apply("mul", c, c);
    }) },
  { name: "1 - cos", from: "1 - cos(x)", to: "2 * sin(x/2)^2", holds: "everywhere",
    counterexample: { text: "1 - cos(x)", at: { x: 1e-9 } },
    has: "cos",
    rewrite: (e) => pair(e, (a, b) => {
      if (!isNum(a, 1) || !isApply(b, "cos")) return undefined;
      const s = apply("sin", apply("div", argument(b), num(2)));
      return apply("mul", num(2), s, s);
    }) },
  { name: "difference of squares", from: "x^2 - y^2", to: "(x - y) * (x + y)", holds: "everywhere",
    counterexample: { text: "x^2 - y^2", at: { x: 1 + 2 ** -40, y: 1 } },
    has: "pow",
    rewrite: (e) => pair(e, (a, b) => {
      const [x, y] = [squareRoot(a), isNum(b, 1) ? one : squareRoot(b)];
      return x && y ? apply("mul", apply("sub", x, y), apply("add", x, y)) : undefined;
    }) },
  { name: "complement of erf", from: "1 - erf(x)", to: "erfc(x)", holds: "everywhere",
    counterexample: { text: "1 - erf(x)", at: { x: 5 } },
    has: "erf",
    rewrite: (e) => lessThanOne(e, "erf", (x) => [apply("erfc", x)]) },
  { name: "complement of tanh", from: "1 - tanh(x)", to: "2 * sigmoid(-2*x)", holds: "everywhere",
    counterexample: { text: "1 - tanh(x)", at: { x: 20 } },
    has: "tanh",
    rewrite: (e) => lessThanOne(e, "tanh", (x) => [num(2), apply("sigmoid", apply("mul", num(2), negative(x)))]) },
];
