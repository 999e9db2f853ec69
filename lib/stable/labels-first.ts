/** Labels and numbers of a sum first: where they cancel, what is added to them is left as it is. */
import { type Expr } from "../expr/node.ts";
import type { Row } from "./row.ts";
import { isLeaf, isSum, signedTerms, sumOf } from "./terms.ts";
import { apply } from "../expr/node.ts";

/** t + x - 1 as (t - 1) + x. */
function labelsFirst(e: Expr): Expr | undefined {
  if (!isSum(e)) return undefined;
  const terms = signedTerms(e);
  const [labels, others] = [terms.filter((t) => isLeaf(t.of)), terms.filter((t) => !isLeaf(t.of))];
  const number = labels.find((t) => t.of.kind === "num");
  if (labels.length !== 2 || others.length === 0 || number === undefined) return undefined;
  if (labels.every((t) => t.sign === number.sign)) return undefined;
  return others.reduce((sum, { sign, of }) => apply(sign === 1 ? "add" : "sub", sum, of), sumOf(labels));
}

// prettier-ignore
export const labelsFirstRows: readonly Row[] = [
  { name: "labels first", from: "t + x - 1", to: "(t - 1) + x", holds: "everywhere",
    counterexample: { text: "t + exp(x) - 1", at: { t: 1, x: -40 } },
    always: "a trial has few labels at which they cancel",
    rewrite: labelsFirst },
];
