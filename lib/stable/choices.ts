/**
 * What a condition chooses, in a log or a sum: the log or the sum is taken on each side, where more is known of it.
 *
 *   log(t > 0 ? sigmoid(z) : sigmoid(-z))   is -softplus(-z) and -softplus(z)
 *   (t > 0 ? sigmoid(z) : sigmoid(-z)) - 1  is -sigmoid(-z) and -sigmoid(z)
 */
import { apply, where, type Expr, type Node } from "../expr/node.ts";
import { logisticRows } from "./logistic.ts";
import { argument, isApply } from "./pattern.ts";
import type { Row } from "./row.ts";
import { isSum, signedTerms, sumOf } from "./terms.ts";

type Choice = Node<"where">;

const isChoice = (e: Expr): e is Choice => e.kind === "where" && e.type === "real";

/** A log or a sum on each side of the choice in it, where a side has a better form. */
function onEachSide(e: Expr): Expr | undefined {
  if (isApply(e, "log") && isChoice(argument(e))) {
    return sides(argument(e) as Choice, (side) => apply("log", side));
  }
  if (!isSum(e)) return undefined;
  const terms = signedTerms(e);
  const n = terms.findIndex((t) => isChoice(t.of));
  if (n < 0) return undefined;
  return sides(terms[n]!.of as Choice, (side) => sumOf(terms.with(n, { sign: terms[n]!.sign, of: side })));
}

function sides(choice: Choice, taken: (side: Expr) => Expr): Expr | undefined {
  const [yes, no] = [taken(choice.then), taken(choice.else)];
  const [betterYes, betterNo] = [better(yes), better(no)];
  if (betterYes === undefined && betterNo === undefined) return undefined;
  return where(choice.guard, betterYes ?? yes, betterNo ?? no);
}

/** The first form that rows of logistic functions have of a side, or of the sides of a choice in it. */
function better(e: Expr): Expr | undefined {
  for (const row of logisticRows) {
    const form = row.rewrite(e);
    if (form !== undefined) return form;
  }
  return onEachSide(e);
}

// prettier-ignore
export const choiceRows: readonly Row[] = [
  { name: "log of a choice", from: "log(p ? sigmoid(z) : x)", to: "p ? -softplus(-z) : log(x)", holds: "everywhere",
    counterexample: { text: "log(t > 0 ? sigmoid(z) : sigmoid(-z))", at: { t: 1, z: 40 } },
    always: "a trial has few points at which both the condition holds and the sigmoid is nearly 1",
    has: "log",
    rewrite: (e) => isSum(e) ? undefined : onEachSide(e) },
  { name: "choice less what it goes to", from: "(p ? sigmoid(z) : x) - 1", to: "p ? -sigmoid(-z) : x - 1", holds: "everywhere",
    counterexample: { text: "(t > 0 ? sigmoid(z) : sigmoid(-z)) - 1", at: { t: 1, z: 40 } },
    always: "a trial has few points at which both the condition holds and the sigmoid is nearly 1",
    has: "sigmoid",
    rewrite: (e) => isSum(e) ? onEachSide(e) : undefined },
];
