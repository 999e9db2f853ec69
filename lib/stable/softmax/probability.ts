/** Exponentials of scores less their log-sum-exp, in the terms and factors that they stand in. */
import { apply, type Expr, type Node } from "../../expr/node.ts";
import { substitute } from "../../expr/substitute.ts";
import { factors, signedTerms, sumOf, type Signed } from "../terms.ts";
import type { Families } from "./families.ts";
import { isLogSumExp } from "./family.ts";

/** exp(f[x] − lse + rest) as exp(rest)·e/total; `x` is undefined when no value of the index gives the exponent. */
export function probability(families: Families, terms: readonly Signed[]) {
  for (const t of terms) {
    if (t.sign === 1 || !isLogSumExp(t.of)) continue;
    const member = families.member(t.of);
    if (!member) continue;
    const others = terms.filter((other) => other !== t);
    const found = families.position(member, others, 1);
    const total = families.read(member, "total");
    if (!found || member.family.lse.guard) {
      const e = apply("exp", sumOf([...others, { sign: -1, of: families.read(member, "top") }]));
      return { member, x: found?.left.length === 0 ? found.x : undefined, e, total, rest: [] };
    }
    return { member, x: found.x, e: families.read(member, "e", found.x), total, rest: found.left };
  }
  return undefined;
}

/** The factors of a term: of what is 0 but for a condition, that condition; of exponentials, the probabilities in them. */
export function factorsOf(families: Families, e: Expr): readonly Expr[] {
  if (e.kind === "where" && isZero(e.else))
    return [apply("iverson", e.guard), ...factorsOf(families, e.then)];
  if (isExp(e)) return apart(families, exponent(e));
  const all = factors(e);
  return all.length > 1 ? all.flatMap((f) => factorsOf(families, f)) : all;
}

/** exp of a sum of terms, exp(f[x] − lse) of each log-sum-exp in it a factor of its own. */
function apart(families: Families, terms: readonly Signed[]): readonly Expr[] {
  const p = probability(families, terms);
  if (!p || p.x === undefined) return [apply("exp", sumOf(terms))];
  const { lse } = p.member;
  const own = signedTerms(substitute(lse.body, new Map([[lse.over, p.x]])));
  const first = apply("exp", sumOf([...own, { sign: -1, of: lse }]));
  return p.rest.length === 0 ? [first] : [first, ...apart(families, p.rest)];
}

export const isExp = (e: Expr): e is Node<"apply"> => e.kind === "apply" && e.op === "exp";

/** The terms of an exponent; 2·lse is two of them. */
export const exponent = (exp: Node<"apply">): readonly Signed[] =>
  signedTerms(exp.args[0]!).flatMap((t) => {
    const [times, lse, ...more] = factors(t.of);
    const repeated =
      times?.kind === "num" &&
      lse !== undefined &&
      more.length === 0 &&
      isLogSumExp(lse) &&
      isFew(times.value);
    return repeated ? Array.from({ length: times.value }, () => ({ sign: t.sign, of: lse })) : [t];
  });

const isFew = (n: number): boolean => Number.isInteger(n) && n > 1 && n <= 8;

const isZero = (e: Expr): boolean => e.kind === "num" && e.value === 0;
