/**
 * One minus a quotient, as what its denominator has more than its numerator: sums over the same
 * index meet in one sum, term by term, so that what cancels in the terms is seen there.
 *
 *   1 - (2*sum(j, p[j]*t[j]) + 1) / (sum(j, p[j]) + sum(j, t[j]) + 1)
 *     = sum(j, p[j] + t[j] - 2*p[j]*t[j]) / (sum(j, p[j]) + sum(j, t[j]) + 1)
 */
import { apply, at, num, reduce, type Expr, type Index, type Node } from "../expr/node.ts";
import { anywhere } from "../expr/parts.ts";
import { substitute } from "../expr/substitute.ts";
import { logisticRows } from "./logistic.ts";
import { cancelled, expanded } from "./polynomial.ts";
import { factors, opposite, product, sumOf, type Signed } from "./terms.ts";

/** 1 − b, the larger part of a quotient b gone; undefined when b is no such quotient. */
export function oneLess(b: Expr, meaning: (e: Expr) => Expr): Expr | undefined {
  if (b.kind !== "apply" || b.op !== "div") return undefined;
  const [above, below] = b.args as [Expr, Expr];
  const [a, d] = [expanded(inParts(above, meaning)), expanded(inParts(below, meaning))];
  if (!a || !d) return undefined;
  const terms = cancelled([...d, ...opposite(a)]);
  const met = merged(terms);
  return met && apply("div", met, below);
}

/** Reads of sums as the sums that they are. */
function inParts(e: Expr, meaning: (e: Expr) => Expr): Expr {
  if (e.kind === "apply" && ["add", "sub", "neg", "mul"].includes(e.op))
    return apply(e.op, ...e.args.map((a) => inParts(a, meaning)));
  const whole = meaning(e);
  return isPlainSum(whole) ? whole : e;
}

const isPlainSum = (e: Expr): e is Node<"reduce"> =>
  e.kind === "reduce" && e.op === "sum" && e.guard === undefined;

/** Terms with all sums in one; undefined where there are not several, or they do not range over the same. */
function merged(terms: readonly Signed[]): Expr | undefined {
  const inner: Signed[] = [];
  const outer: Signed[] = [];
  let over: Index | undefined;
  for (const { sign, of } of terms) {
    const sum = factors(of).find(isPlainSum);
    if (!sum) {
      outer.push({ sign, of });
      continue;
    }
    over ??= sum.over;
    if (sum.over.extent !== over.extent) return undefined;
    const by = factors(of).filter((f) => f !== sum);
    const body = substitute(sum.body, new Map([[sum.over, at(over)]]));
    inner.push({ sign, of: product([...by, ...factors(body)]) });
  }
  if (over === undefined || inner.length < 2 || !inner.some((t) => t.sign === -1)) return undefined;
  const body = squareOfDifference(inner) ?? sumOf(inner);
  const whole = reduce("sum", over, undefined, apply("precise", body));
  return outer.length === 0 ? whole : sumOf([{ sign: 1, of: whole }, ...outer]);
}

/** a² + b² − 2ab as the square of a − b; undefined for others. */
function squareOfDifference(terms: readonly Signed[]): Expr | undefined {
  const roots = terms.flatMap(({ sign, of }) => (sign === 1 ? (squareRoot(of) ?? []) : []));
  const [a, b] = roots;
  if (terms.length !== 3 || !a || !b) return undefined;
  const difference: readonly Signed[] = [
    { sign: 1, of: a },
    { sign: -1, of: b },
  ];
  const square = apply("pow", sumOf(difference), num(2));
  const written = expanded(square);
  if (!written || cancelled([...terms, ...opposite(written)]).length > 0) return undefined;
  const form = logisticRows.map((row) => row.rewrite(sumOf(difference))).find((e) => e !== undefined);
  return form === undefined ? square : apply("pow", form, num(2));
}

const squareRoot = (e: Expr): Expr | undefined =>
  e.kind === "apply" && e.op === "pow" && e.args[1] === num(2) ? e.args[0] : undefined;

/** Whether what was made of one minus a quotient has squares of a sigmoid less a label: a trial has few labels at which it is 0. */
export const hasSquares = (e: Expr): boolean =>
  anywhere(e, (part) => part.kind === "apply" && part.op === "pow" && part.args[0]!.kind === "where");

/** The reason for it, as of a row. */
// prettier-ignore
export const quotientReason = {
  name: "one minus a quotient", from: "1 - a / d", to: "(d - a) / d, sums over the same index as one", holds: "d is not 0",
  counterexample: { text: "1 - (2 * sum(j, sigmoid(z[j]) * t[j]) + 1) / (sum(j, sigmoid(z[j])) + sum(j, t[j]) + 1)", at: { z: [40, -40, 38], t: [1, 0, 1] } },
};
