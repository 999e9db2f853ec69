/** Products of a sum written out. */
import type { Expr } from "../../expr/node.ts";
import { expression, powersOf, quotient } from "../powers.ts";
import { isSum, signedTerms, type Signed } from "../terms.ts";

/** More terms than this are not written out. */
const most = 12;

/** The terms of a product of one sum with what is none, and of their terms in turn; others, and a share of a sum, as they are. */
export function spread(term: Signed): readonly Signed[] {
  const done: Signed[] = [];
  const open = [...signedTerms(term.of, term.sign)];
  for (let t = open.pop(); t; t = open.pop()) {
    const powers = powersOf(t.of);
    const sums = [...powers].filter(([f, n]) => n === 1 && isSum(f));
    const isShare = [...powers.keys()].some(isExp);
    const sum = sums.length === 1 && !isShare ? sums[0]![0] : undefined;
    if (sum === undefined) done.push(t);
    else {
      const rest = quotient(powers, new Map([[sum, 1]]));
      const parts = signedTerms(sum, t.sign);
      if (done.length + open.length + parts.length > most) return [term];
      open.push(...parts.map((u) => ({ sign: u.sign, of: expression(powersOf(u.of, 1, new Map(rest))) })));
    }
  }
  return done.toReversed();
}

const isExp = (e: Expr): boolean => e.kind === "apply" && e.op === "exp";
