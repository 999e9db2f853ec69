/** The log of a probability and more. */
import { apply, where, type Expr } from "../../expr/node.ts";
import { isSum, signedTerms, sumOf } from "../terms.ts";
import { dominates } from "../weighted.ts";
import { exponent, isExp, probability } from "./probability.ts";
import type { Making } from "./way.ts";

/** log(p[x] + c) where p[x] is more than half: by what it is less than 1. */
export function logOfShare(e: Expr, { families, fired, go }: Making): Expr | undefined {
  if (e.kind !== "apply" || e.op !== "log" || !isSum(e.args[0]!)) return undefined;
  const terms = signedTerms(e.args[0]!);
  for (const t of terms) {
    const p = t.sign === 1 && isExp(t.of) ? probability(families, exponent(t.of)) : undefined;
    if (!p || p.rest.length > 0 || p.x === undefined || p.member.family.lse.guard) continue;
    const rest = terms.filter((u) => u !== t).map(({ sign, of }) => ({ sign, of: go(of) }));
    const [share, others] = [p.e, families.others(p.member, p.x)].map((part) =>
      apply("div", part, p.total),
    ) as [Expr, Expr];
    const value = where(
      dominates(p),
      apply("log1p", sumOf([...rest, { sign: -1, of: others }])),
      apply("log", sumOf([{ sign: 1, of: share }, ...rest])),
    );
    fired("log of a share and more", e, value);
    return value;
  }
  return undefined;
}
