/**
 * Two shares and their mean m = (p + q)/2, as in the divergence of Jensen and Shannon, where they are nearly equal.
 *
 * With d = log p - log q and r = (p - q)/(p + q) = tanh(d/2),
 *
 *   log p - log m                                =  -log1p((exp(-d) - 1)/2)
 *   p*(log p - log m) + q*(log q - log m)        =  m*((1 + r)*log(1 + r) + (1 - r)*log(1 - r))
 *                                                =  m*r^2*(1/1 + r^2/6 + r^4/15 + ...)
 *
 * the second being of second order, a difference of terms of first order as it is written.
 */
import { apply, num, occursFree, where, type Expr, type Index, type Node } from "../../expr/node.ts";
import { instance } from "../../expr/substitute.ts";
import { powersOf, quotient } from "../powers.ts";
import {
  factors,
  isSum,
  negative,
  product,
  signedTerms,
  sumOf,
  without,
  withoutTerms,
  type Signed,
} from "../terms.ts";
import { nearlyEqual } from "../weighted.ts";
import type { Families } from "./families.ts";
import { isLogSumExp, type Member } from "./family.ts";
import { exponent, isExp, probability } from "./probability.ts";
import type { Written } from "./means.ts";
import type { Found, Making, Way } from "./way.ts";

/** A share as it is written, and the softmax that it is of. */
interface Share {
  readonly exp: Node<"apply">;
  readonly member: Member;
  readonly x: Expr;
}

/** ±c·(p·(log p − log m) + q·(log q − log m)). */
export const jensen =
  (written: Written): Way =>
  (terms, { families, fired, go }) => {
    for (const a of terms) {
      const [one] = weighted(a, written);
      if (!one) continue;
      for (const b of terms) {
        if (a === b) continue;
        const other = weighted(b, written).find((w) => w.p === one.q && w.q === one.p);
        if (!other || one.sign !== other.sign || without(one.by, other.by)?.length !== 0) continue;
        const [p, q] = [shareOf(one.p, families), shareOf(one.q, families)];
        if (!p || !q) continue;
        const d = apart(p, q, families);
        const r = apply("tanh", apply("div", d, num(2)));
        const near = product([valueOf(p, q, families), ofSecondOrder(r)]);
        const plain = sumOf([a, b].map((t) => ({ sign: t.sign, of: product(factors(t.of).map(go)) })));
        const isNear = apply("lt", apply("abs", d), num(1));
        const scaled = product([...one.by.map(go), one.sign === 1 ? near : negative(near)]);
        const value = where(isNear, scaled, plain);
        fired("divergence from the mean", sumOf([a, b]), value);
        return { sign: 1, value, left: terms.filter((t) => t !== a && t !== b) };
      }
    }
    return undefined;
  };

/** ±(log p − log m), by d = log p − log q: log 2 − softplus(−d), also where m underflows. */
export const besideMean =
  (written: Written): Way =>
  (terms, making) => {
    const found = logsIn(terms, written, making);
    if (!found) return undefined;
    const { t, one, d, sign, left } = found;
    const near = apply("neg", apply("log1p", apply("div", apply("expm1", negative(d)), num(2))));
    const far = apply("sub", apply("log", num(2, "real")), apply("softplus", negative(d)));
    const value = where(apply("lt", apply("abs", d), num(1)), near, far);
    making.fired(
      "log of a share less that of a mean",
      sumOf([...exponent(one), { sign: -1, of: t.of }]),
      value,
    );
    return { sign, value, left } satisfies Found;
  };

/** log p − log m, where terms are that and what is the same for all classes, but for what is: −softplus(−d). */
export const aboveMeanOfTwo =
  (written: Written) =>
  (terms: readonly Signed[], over: Index, making: Making): Signed | undefined => {
    const found = logsIn(terms, written, making);
    if (!found || found.left.some((t) => occursFree(over, t.of))) return undefined;
    return { sign: found.sign === 1 ? -1 : 1, of: apply("softplus", negative(found.d)) };
  };

/** Terms that are ±(log p − log m), and the others. */
function logsIn(terms: readonly Signed[], written: Written, { families }: Making) {
  for (const t of terms) {
    const mean = meanIn(t.of, written);
    if (!mean) continue;
    const sign = t.sign === 1 ? -1 : 1;
    for (const [one, other] of [mean, mean.toReversed()] as [Node<"apply">, Node<"apply">][]) {
      const left = withoutTerms(
        terms.filter((u) => u !== t),
        exponent(one),
        sign,
      );
      const [p, q] = left ? [shareOf(one, families), shareOf(other, families)] : [];
      if (left && p && q) return { t, one, sign, left, d: apart(p, q, families) } as const;
    }
  }
  return undefined;
}

/** The terms of a product p·(log p − log m), for p and for q, times others. */
function weighted({ sign, of }: Signed, written: Written) {
  const all = factors(of);
  const exp = all.find(isExp);
  const logs = all.find(isSum);
  if (!exp || !logs || !exponent(exp).some((t) => isLogSumExp(t.of))) return [];
  const inner = signedTerms(logs);
  const log = inner.find((t) => meanIn(t.of, written));
  const mean = log && meanIn(log.of, written);
  if (!log || !mean?.includes(exp)) return [];
  const own = log.sign === 1 ? -1 : 1;
  if (
    withoutTerms(
      inner.filter((t) => t !== log),
      exponent(exp),
      own,
    )?.length !== 0
  )
    return [];
  const by = all.filter((f) => f !== exp && f !== logs);
  return [{ sign: sign * own, p: exp, q: mean.find((e) => e !== exp) ?? exp, by }];
}

/** p and q where an expression is the log of half of their sum. */
function meanIn(e: Expr, written: Written): readonly Node<"apply">[] | undefined {
  if (e.kind !== "apply" || e.op !== "log") return undefined;
  const of = e.args[0]!;
  const d = of.kind === "read" ? written.get(of.name) : undefined;
  const body = of.kind === "read" && d ? instance(d, of.at) : of;
  const powers = powersOf(body);
  const sum = [...powers].find(([f, n]) => n === 1 && isSum(f))?.[0];
  const rest = sum && [...quotient(powers, new Map([[sum, 1]]))];
  const isHalf = rest?.length === 1 && rest[0]![0] === num(2) && rest[0]![1] === -1;
  const terms = sum && isHalf ? signedTerms(sum) : [];
  const exps = terms.map((t) => t.of).filter(isExp);
  return terms.length === 2 && exps.length === 2 && terms.every((t) => t.sign === 1) ? exps : undefined;
}

function shareOf(exp: Node<"apply">, families: Families): Share | undefined {
  const p = probability(families, exponent(exp));
  if (!p || p.rest.length > 0 || p.x === undefined || p.member.lse.guard) return undefined;
  return { exp, member: p.member, x: p.x };
}

/** log p − log q. */
function apart(p: Share, q: Share, families: Families): Expr {
  const [a, b] = [p, q].map(({ member, x }) => families.parts(member, x)) as [Parts, Parts];
  const slight = apply("log1p", apply("div", apply("sub", a.excess, b.excess), b.total));
  const even = apply("and", nearlyEqual(a), nearlyEqual(b));
  const totals = where(even, slight, apply("log", apply("div", a.total, b.total)));
  const [f, g] = [p, q].map(({ member, x }) => families.exponent(member, x)) as [Expr, Expr];
  return apply("sub", apply("sub", f, g), families.named("totals", totals));
}

type Parts = ReturnType<Families["parts"]>;

/** (p + q)/2. */
const valueOf = (p: Share, q: Share, families: Families): Expr =>
  apply("div", sumOf([p, q].map(({ member, x }) => ({ sign: 1, of: families.share(member, x) }))), num(2));

/** (1 + r)·log(1 + r) + (1 − r)·log(1 − r) to the last digits for |r| < tanh(1/2). */
function ofSecondOrder(r: Expr): Expr {
  const square = apply("mul", r, r);
  let series = coefficient(22);
  for (let k = 21; k >= 1; k--) series = apply("add", coefficient(k), apply("mul", square, series));
  return apply("mul", square, series);
}

const coefficient = (k: number): Expr => num(1 / (k * (2 * k - 1)));
