/**
 * How far shares of two softmaxes are apart.
 *
 * Those of one class are nearly the same when all scores are, as a student's and its teacher's in the end.
 * With d[k] = f[k] − g[k], p of f and q of g,
 *
 *   p[x] − q[x]  =  q[x]·(exp(d[x] − shift) − 1),    shift = log1p(sum(k, q[k]·(exp(d[k]) − 1)))
 *
 * which is taken where scores that count are nearly the same: where some are apart, p − q loses no more than they do.
 *
 * What one class has more, the others have less: for the class with most of the probability they are asked.
 *
 * Those of two classes are where all scores of each are nearly equal: both shares are 1/C and a little, and
 * subtracted leave what rounding took from 1/C. With r[j] = e[j] − 1, R = sum(j, r[j]) and total = C + R in both
 * (r and R of p, v and V of q),
 *
 *   p[x] − q[z]  =  (C·(r[x] − v[z]) + (V − R) + (r[x]·V − v[z]·R)) / (total of p · total of q)
 */
import { apply, at, freeIndices, num, reduce, where, type Expr, type Index } from "../../expr/node.ts";
import { fresh } from "../../expr/substitute.ts";
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
      const isOneClass = p.x === q.x && p.member.family !== q.member.family;
      const value = isOneClass ? ofOneClass(p, q, families) : apart(p, q, families);
      fired(
        isOneClass ? "share less another's" : "shares of two softmaxes",
        apply("sub", p.exp, q.exp),
        value,
      );
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

/** p[x] − q[x]. */
function ofOneClass({ member: p, x }: Share, { member: q }: Share, families: Families): Expr {
  const names = [x, p.lse, q.lse].flatMap((e) => freeIndices(e)).map((i) => i.name);
  const own = fresh(p.lse.over.name, p.lse.over.extent, new Set(names));
  const above = (k: Expr): Expr => apply("sub", families.exponent(p, k), families.exponent(q, k));
  const more = apply("mul", families.share(q, at(own)), apply("expm1", above(at(own))));
  const near = families.named("near", nearIn(p, q, own, above(at(own)), families));
  const shift = families.named(
    "shift",
    where(isNear(near), apply("log1p", reduce("sum", own, undefined, apply("precise", more))), num(0)),
  );
  const difference = (k: Expr): Expr => {
    const d = apply("sub", above(k), shift);
    const slight = apply("mul", families.share(q, k), apply("expm1", d));
    return where(
      apply("and", isNear(near), apply("lt", apply("abs", d), num(1))),
      slight,
      apply("sub", families.share(p, k), families.share(q, k)),
    );
  };
  const others = reduce("sum", own, apply("ne", at(own), x), apply("precise", difference(at(own))));
  const mine = { e: families.read(p, "e", x), total: families.read(p, "total") };
  return where(dominates(mine), apply("neg", others), difference(x));
}

/** By how much scores of the two are apart, at most, among the classes that have a part in either that counts. */
function nearIn(p: Member, q: Member, own: Index, above: Expr, families: Families): Expr {
  const parts = apply("add", families.read(p, "e", at(own)), families.read(q, "e", at(own)));
  return reduce("max", own, apply("gt", parts, num(1 / 16)), apply("abs", above));
}

/** Whether the softmaxes are nearly the same, so that p − q would leave what rounding took. */
const isNear = (near: Expr): Expr => apply("lt", near, num(1));

/** p[x] − q[z]; where both are nearly 1, by what the others have. */
function apart(p: Share, q: Share, families: Families): Expr {
  const [a, b] = [p, q].map(({ member, x }) => families.parts(member, x)) as [Parts, Parts];
  if (a.total === b.total)
    return apply(
      "div",
      where(nearlyEqual(a), apply("sub", a.slight, b.slight), apply("sub", a.e, b.e)),
      a.total,
    );
  const [withoutX, withoutZ] = [p, q].map(({ member, x }) => families.others(member, x)) as [Expr, Expr];
  const top = apply("sub", apply("div", withoutZ, b.total), apply("div", withoutX, a.total));
  const plain = apply("sub", families.share(p.member, p.x), families.share(q.member, q.x));
  const even = apply("and", nearlyEqual(a), nearlyEqual(b));
  return where(even, slightly(a, b), where(apply("and", dominates(a), dominates(b)), top, plain));
}

type Parts = ReturnType<Families["parts"]>;

function slightly(a: Parts, b: Parts): Expr {
  const shares = product([a.count, apply("sub", a.slight, b.slight)]);
  const totals = apply("sub", b.excess, a.excess);
  const both = apply("sub", product([a.slight, b.excess]), product([b.slight, a.excess]));
  return apply("div", apply("add", apply("add", shares, totals), both), product([a.total, b.total]));
}
