/**
 * The divergence of two softmaxes, where they are nearly equal.
 *
 * With d[j] = (f[j] - g[j]) - sum(k, p[k] * (f[k] - g[k])), p of f and q of g,
 *
 *   sum(j, p[j] * (log p[j] - log q[j]))  =  log(sum(j, p[j] * exp(-d[j])))
 *                                         =  log1p(sum(j, p[j] * (exp(-d[j]) - 1 + d[j])))
 *
 * as the mean of d is 0. The terms are never negative and of second order, as the divergence is; those of
 * the sum on the left are of first order, and cancel.
 */
import {
  apply,
  at,
  num,
  occursFree,
  reduce,
  where,
  type Expr,
  type Index,
  type Node,
} from "../../expr/node.ts";
import { nearTangent } from "../tangents.ts";
import { factors, isSum, negative, product, signedTerms, withoutTerms, type Signed } from "../terms.ts";
import type { Families } from "./families.ts";
import { isLogSumExp } from "./family.ts";
import { exponent, isExp, probability } from "./probability.ts";
import type { Making } from "./way.ts";

/** ±c·Σ_j p[j]·(log p[j] − log q[j]). */
export function divergence(e: Expr, { families, fired, go }: Making): Expr | undefined {
  if (e.kind !== "reduce" || e.op !== "sum" || e.guard !== undefined) return undefined;
  const parts = factors(e.body);
  const exp = parts.find(isExp);
  const logs = parts.find(isSum);
  const scale = parts.filter((f) => f !== exp && f !== logs);
  if (!exp || !logs || scale.some((f) => occursFree(e.over, f))) return undefined;
  const p = probability(families, exponent(exp));
  if (!p || p.rest.length > 0 || p.x !== at(e.over) || p.member.lse.guard) return undefined;
  const other = logsOf(families, e.over, exponent(exp), signedTerms(logs));
  if (!other || !families.computable(e)) return undefined;
  const { sign, member } = other;
  const [pj, qj] = [p.member, member].map((m) => families.share(m, at(e.over))) as [Expr, Expr];
  const plain = sumOver(e, apply("mul", pj, sign === 1 ? go(logs) : negative(go(logs))));
  const whole = families.named("divergence", plain);
  const near = apply("lt", whole, num(0.5));
  // Each less its greatest: exact where all are nearly the same.
  const [f, g] = [p.member, member].map((m) => families.exponent(m, at(e.over))) as [Expr, Expr];
  const apart = apply("sub", f, g);
  const mean = sumOver(e, apply("precise", apply("mul", pj, apart)));
  const d = apply("sub", apart, families.named("apart", where(near, mean, num(0))));
  const far = apply("add", apply("mul", pj, apply("sub", d, num(1))), apply("mul", qj, apply("exp", whole)));
  const small = apply("lt", apply("abs", d), num(1));
  const term = where(small, apply("mul", pj, nearTangent(negative(d))), far);
  const value = where(near, apply("log1p", sumOver(e, apply("precise", term))), whole);
  fired("divergence of softmaxes", e, value);
  return product([...scale.map(go), sign === 1 ? value : negative(value)]);
}

const sumOver = ({ over }: Node<"reduce">, body: Expr): Expr => reduce("sum", over, undefined, body);

/** q and the sign, where terms are those of ±(log p[j] − log q[j]). */
function logsOf(families: Families, over: Index, logp: readonly Signed[], terms: readonly Signed[]) {
  for (const sign of [1, -1] as const) {
    const rest = withoutTerms(terms, logp, sign);
    const lse = rest?.find((t) => t.sign === sign && isLogSumExp(t.of));
    const member = lse && isLogSumExp(lse.of) ? families.member(lse.of) : undefined;
    if (!rest || !lse || !member || member.lse.guard) continue;
    const found = families.position(
      member,
      rest.filter((t) => t !== lse),
      sign === 1 ? -1 : 1,
    );
    if (found?.x === at(over) && found.left.length === 0) return { sign, member };
  }
  return undefined;
}
