/** The difference of two sigmoids, which are both nearly 1, both nearly 0, or nearly equal: a product has no such fault. */
import { apply, where, type Expr } from "../expr/node.ts";
import { argument, factored, pair } from "./pattern.ts";
import type { Row } from "./row.ts";
import {
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

// prettier-ignore
export const sigmoidDifferenceRows: readonly Row[] = [
  { name: "difference of sigmoids", from: "sigmoid(x) - sigmoid(y)", to: "-sigmoid(x) * sigmoid(-y) * expm1(y - x), or the other way round where y > x", holds: "everywhere",
    counterexample: { text: "sigmoid(x) - sigmoid(y)", at: { x: 40, y: 38 } },
    whole: true,
    has: "sigmoid",
    rewrite: (e) => pair(e, difference) },
];
