/** The order of terms. */
import type { Expr } from "../../expr/node.ts";
import type { Algebra } from "../algebra.ts";
import { termOf } from "../term.ts";
import { isGuard } from "./cases.ts";

/** What varies before scalars, scalars before numbers. */
const weight = (t: Expr): number => {
  const { factors } = termOf(t);
  if (factors.length === 0) return 3;
  if (factors.every(isGuard)) return 2;
  return factors.every((f) => f.kind === "size" || (f.kind === "read" && f.at.length === 0)) ? 2 : 1;
};

/** Arrays before scalars before numbers, and what the program names first before the rest; a positive term first. */
export function orderTerms(terms: readonly Expr[], s: Algebra): readonly Expr[] {
  const sorted = terms.toSorted(
    (a, b) => weight(a) - weight(b) || compareNumbers(s.earliest(a), s.earliest(b)),
  );
  const first = sorted.findIndex((t) => !isNegative(t));
  return first > 0 ? [sorted[first]!, ...sorted.toSpliced(first, 1)] : sorted;
}

const compareNumbers = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);
export const isNegative = (t: Expr): boolean => termOf(t).coefficient.n < 0;
