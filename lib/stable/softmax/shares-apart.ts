/**
 * How far the same share of two softmaxes is apart, where all scores of each are nearly the same.
 *
 * With r[j] = e[j] − 1, R = sum(j, r[j]) and total = C + R in both (r and R of p, v and V of q),
 *
 *   p[x] − q[z]  =  (C·(r[x] − v[z]) + (V − R) + (r[x]·V − v[z]·R)) / (total of p · total of q)
 *
 * Both shares are 1/C and a little: subtracted, they leave what rounding took from 1/C.
 */
import { apply, num, where, type Expr } from "../../expr/node.ts";
import { factors, product, without, type Signed } from "../terms.ts";
import { dominates, nearlyEqual } from "../weighted.ts";
import type { Families } from "./families.ts";
import { countOf, type Member } from "./family.ts";
import { exponent, isExp, probability } from "./probability.ts";
import type { Found, Making } from "./way.ts";

/** ±c·(p[x] − q[z]), c any common factors. */
export function sharesApart(terms: readonly Signed[], { families, fired, go }: Making): Found | undefined {
  const shares = terms.flatMap((term) => shareIn(term, families) ?? []);
  for (const p of shares)
    for (const q of shares) {
      const opposite = p.term.sign === 1 && q.term.sign === -1 && p.scale.length === q.scale.length;
      if (!opposite || without(p.scale, q.scale) === undefined) continue;
      if (countOf(p.member) !== countOf(q.member)) continue;
      const value = apart(p, q, families);
      fired("shares of two softmaxes", apply("sub", p.exp, q.exp), value);
      return {
        sign: 1,
        value: product([...p.scale.map(go), value]),
        left: terms.filter((t) => t !== p.term && t !== q.term),
      };
    }
  return undefined;
}

interface Share {
  readonly term: Signed;
  readonly exp: Expr;
  readonly scale: readonly Expr[];
  readonly member: Member;
  readonly x: Expr;
}

function shareIn(term: Signed, families: Families): Share | undefined {
  const all = factors(term.of);
  const exp = all.find(isExp);
  const p = exp && probability(families, exponent(exp));
  if (!exp || !p || p.rest.length > 0 || p.x === undefined || p.member.lse.guard) return undefined;
  return { term, exp, scale: all.filter((f) => f !== exp && f !== num(1)), member: p.member, x: p.x };
}

/** p[x] − q[z]; where both are nearly 1, by what the others have. */
function apart(p: Share, q: Share, families: Families): Expr {
  const [a, b] = [p, q].map(({ member, x }) => ({
    e: families.read(member, "e", x),
    total: families.read(member, "total"),
    count: countOf(member),
    slight: apply("expm1", families.exponent(member, x)),
    excess: families.excess(member),
  })) as [Parts, Parts];
  if (a.total === b.total)
    return apply(
      "div",
      where(nearlyEqual(a), apply("sub", a.slight, b.slight), apply("sub", a.e, b.e)),
      a.total,
    );
  const [withoutX, withoutZ] = [p, q].map(({ member, x }) => families.others(member, x)) as [Expr, Expr];
  const top = apply("sub", apply("div", withoutZ, b.total), apply("div", withoutX, a.total));
  const plain = apply("sub", apply("div", a.e, a.total), apply("div", b.e, b.total));
  const even = apply("and", nearlyEqual(a), nearlyEqual(b));
  return where(even, slightly(a, b), where(apply("and", dominates(a), dominates(b)), top, plain));
}

interface Parts {
  readonly e: Expr;
  readonly total: Expr;
  readonly count: Expr;
  readonly slight: Expr;
  readonly excess: Expr;
}

function slightly(a: Parts, b: Parts): Expr {
  const shares = product([a.count, apply("sub", a.slight, b.slight)]);
  const totals = apply("sub", b.excess, a.excess);
  const both = apply("sub", product([a.slight, b.excess]), product([b.slight, a.excess]));
  return apply("div", apply("add", apply("add", shares, totals), both), product([a.total, b.total]));
}
