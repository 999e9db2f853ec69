/** A weighted sum of exponentials, and its terms less their peak. */
import { apply, at, freeIndices, num, reduce, where, type Expr, type Node } from "../../expr/node.ts";
import { fresh, substitute } from "../../expr/substitute.ts";
import { argument, isApply } from "../pattern.ts";
import { expression, powersOf, quotient } from "../powers.ts";
import { isLeaf, signedTerms, sumOf } from "../terms.ts";

/** w and exp(f) of the terms of a sum. */
export interface Mixture {
  readonly sum: Node<"reduce">;
  readonly weight: Expr;
  readonly exp: Node<"apply">;
}

export const isExp = (e: Expr): e is Node<"apply"> => isApply(e, "exp");

export function mixtureOf(e: Expr): Mixture | undefined {
  if (e.kind !== "reduce" || e.op !== "sum" || e.type !== "real") return undefined;
  const powers = powersOf(e.body);
  const [exp, ...more] = [...powers.keys()].filter(isExp);
  if (!exp || more.length > 0 || powers.get(exp) !== 1) return undefined;
  const others = quotient(powers, new Map([[exp, 1]]));
  return others.size > 0 && [...others.keys()].every(isLeaf)
    ? { sum: e, weight: expression(others), exp }
    : undefined;
}

export const lessPeak = (exp: Node<"apply">, peak: Expr): Expr =>
  apply("exp", sumOf([...signedTerms(argument(exp)), { sign: -1, of: peak }]));

/** w[j]*exp(f[j] - peak), 0 where w[j] is. */
export const termOf = ({ weight, exp }: Mixture, peak: Expr): Expr =>
  where(apply("eq", weight, num(0)), num(0), apply("mul", weight, lessPeak(exp, peak)));

/** The sum of all terms but the one at x. */
export function othersOf({ sum }: Mixture, term: Expr, x: Expr): Expr {
  const names = new Set([...freeIndices(x), ...freeIndices(sum)].map((i) => i.name));
  const own = fresh(sum.over.name, sum.over.extent, names);
  const moved = (e: Expr): Expr => substitute(e, new Map([[sum.over, at(own)]]));
  const apart = apply("ne", at(own), x);
  const guard = sum.guard ? apply("and", moved(sum.guard), apart) : apart;
  return reduce("sum", own, guard, apply("precise", moved(term)));
}
