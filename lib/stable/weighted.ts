/**
 * What is left of a sum when a probability in it goes to 1, or all of them to the same value.
 *
 * p[j] = e[j] / total are the probabilities of a softmax, e[j] at most 1, C of them. The two forms
 * that gradients come in cancel for the class that has nearly all of the probability:
 *
 *   F[x] - sum(j, p[j]*F[j])   by which F[x] is above its mean
 *   p[x]*S - b                 by which a share of S is above what it is to be
 *
 * In the first, the value of the best class may be nearly the mean: it is taken from all. In the second, S - b
 * is left, and of it what the other classes have. Where all scores are nearly equal, p[x] is 1/C and a little:
 * with r[j] = e[j] - 1, which expm1 gives, total is C + sum(j, r[j]).
 */
import { apply, num, where, type Expr } from "../expr/node.ts";
import { product, sumOf } from "./terms.ts";

/** The parts of a softmax that have to do with one class x. */
export interface Share {
  /** e[x]. */
  readonly e: Expr;
  readonly total: Expr;
  /** sum(j != x, e[j]). */
  readonly others: Expr;
  /** The number of classes. */
  readonly count: Expr;
  /** e[x] - 1. */
  readonly slight: Expr;
  /** total - C, where scores are nearly equal. */
  readonly excess: Expr;
}

/** One class has more than half of the probability: its e is 1, the others together are less. */
export const decided = (total: Expr): Expr => apply("lt", total, num(2));

/** More than half of the probability: so has one class at most, which is asked once for all of them. */
export const dominates = ({ e, total }: Pick<Share, "e" | "total">): Expr =>
  apply("and", decided(total), apply("gt", apply("mul", num(2), e), total));

/** All e are near 1: the mean of them is above 3/4, which is more than one class among others can bring about. */
export const nearlyEqual = ({ total, count }: Pick<Share, "total" | "count">): Expr =>
  apply("gt", apply("mul", num(4), total), apply("mul", num(3), count));

/** p[x]*S - b; `left` is S - b without cancellation, where S is known to have b in it, and `sum` is S as precise as can be. */
export function balance(share: Share, s: Expr, b: Expr, left: Expr, sum: Expr): Expr {
  const { e, total, others, count, slight, excess } = share;
  const even = sumOf([
    { sign: 1, of: sum },
    { sign: -1, of: product([count, b]) },
  ]);
  const uneven = apply("sub", product([slight, sum]), product([b, excess]));
  const near = apply("div", apply("add", even, uneven), total);
  const top = apply("sub", left, apply("div", product([s, others]), total));
  const plain = apply("sub", product([apply("div", e, total), s]), b);
  return where(nearlyEqual(share), near, where(dominates(share), top, plain));
}

/** F[x] - sum(j, p[j]*F[j]): `above` is F[x] - F[best], `rest` is sum(j != best, e[j] * (F[j] - F[best])). */
export const deviation = (total: Expr, above: Expr, rest: Expr): Expr =>
  apply("sub", above, apply("div", rest, total));
