/** A probability less one. */
import { apply, num, where, type Expr } from "../../expr/node.ts";
import { product, without, type Signed } from "../terms.ts";
import type { Families } from "./families.ts";
import { whereMember } from "./family.ts";
import { exponent, factorsOf, isExp, probability } from "./probability.ts";
import type { Found, Making } from "./way.ts";

/** ±c·(p[x] − 1) and ±c·(p[x] − [x == z]), c any common factors. */
export function complement(terms: readonly Signed[], { families, fired, go }: Making): Found | undefined {
  for (const t of terms) {
    // A probability that is 0 under some condition: what it is less stays.
    const chosen = t.of.kind === "where" && t.of.else === num(0) ? t.of : undefined;
    const parts = factorsOf(families, chosen ? chosen.then : t.of);
    for (const [n, exp] of parts.entries()) {
      const p = isExp(exp) ? probability(families, exponent(exp)) : undefined;
      if (!p || p.rest.length > 0 || p.x === undefined) continue;
      const scale = parts.toSpliced(n, 1);
      const found = lessOne(families, terms, t, p.x, scale);
      if (!found) continue;
      const { u, one, z } = found;
      const minus = apply("neg", apply("div", families.others(p.member, z), p.total));
      const here = whereMember(p.member, z, minus, apply("sub", apply("div", p.e, p.total), num(1)));
      const value =
        one.kind === "num"
          ? here
          : where(one.kind === "apply" ? one.args[0]! : one, here, apply("div", p.e, p.total));
      fired("one minus a probability", apply("sub", exp, one), value);
      const scaled = product([...scale.map(go), value]);
      return {
        sign: t.sign,
        value: chosen ? where(chosen.guard, scaled, apply("neg", u.of)) : scaled,
        left: terms.filter((v) => v !== t && v !== u),
      };
    }
  }
  return undefined;
}

/** The term that p[x]·scale is less: scale, or scale·[x == z]; then z, or x. */
function lessOne(families: Families, terms: readonly Signed[], t: Signed, x: Expr, scale: readonly Expr[]) {
  for (const u of terms) {
    if (u.sign === t.sign) continue;
    const left = without(factorsOf(families, u.of), scale);
    if (left === undefined || left.length > 1) continue;
    const one = left[0] ?? num(1);
    const z = one.kind === "num" && one.value === 1 ? x : sameAs(x, one);
    if (z !== undefined) return { u, one, z };
  }
  return undefined;
}

/** z of [x == z]. */
export function sameAs(x: Expr, iverson: Expr): Expr | undefined {
  if (iverson.kind !== "apply" || iverson.op !== "iverson") return undefined;
  const eq = iverson.args[0]!;
  if (eq.kind !== "apply" || eq.op !== "eq") return undefined;
  if (eq.args[0] === x) return eq.args[1];
  return eq.args[1] === x ? eq.args[0] : undefined;
}
