/** Terms with the same probability in them, put together. */
import { at, occursFree, rebuild, reduce, type Expr } from "../../expr/node.ts";
import { cancelled, expanded } from "../polynomial.ts";
import { common, expression, powersOf, quotient, type Powers } from "../powers.ts";
import { opposite, product, sumOf, type Signed } from "../terms.ts";
import type { Families } from "./families.ts";
import { exponent, isExp, probability } from "./probability.ts";

/** The terms with those that have the same p[x] in them as one, p[x]·S, what cancels in S gone. */
export function gathered(families: Families, terms: readonly Signed[]): readonly Signed[] {
  const all = terms.map((t) => ({ t, powers: powersOf(t.of) }));
  for (const { powers } of all)
    for (const [exp, n] of powers) {
      if (n !== 1 || !isExp(exp)) continue;
      const mine = all.filter((a) => a.powers.get(exp) === 1);
      const p = mine.length > 1 ? probability(families, exponent(exp)) : undefined;
      if (!p || p.rest.length > 0 || p.x === undefined) continue;
      const s = together(
        families,
        mine.map(({ t, powers }) => ({ t, by: quotient(powers, new Map([[exp, 1]])) })),
      );
      if (s === undefined) continue;
      return [{ sign: 1, of: product([s, exp]) }, ...terms.filter((t) => !mine.some((m) => m.t === t))];
    }
  return terms;
}

/** A sum over what its terms are all divided by, multiplied out; undefined where that is too much to write, or changes nothing. */
function together(
  families: Families,
  terms: readonly { readonly t: Signed; readonly by: Powers }[],
): Expr | undefined {
  const below = terms.map(({ by }) => by).reduce((a, b) => common(a, b));
  const divisor = new Map([...below].filter(([, n]) => n < 0));
  const parts: Signed[] = [];
  for (const { t, by } of terms) {
    const some = expanded(meansApart(families, expression(quotient(by, divisor))));
    if (!some) return undefined;
    parts.push(...(t.sign === 1 ? some : opposite(some)));
  }
  const left = cancelled(parts);
  return left.length < parts.length ? expression(new Map([[sumOf(left), 1], ...divisor])) : undefined;
}

/** Σ_j p[j]·(F[j] + c) as Σ_j p[j]·F[j] + c: all p together are 1. */
function meansApart(families: Families, e: Expr): Expr {
  if (e.kind === "apply" && !isExp(e)) return rebuild(e, (part) => meansApart(families, part));
  if (e.kind !== "reduce" || e.op !== "sum" || e.guard !== undefined) return e;
  const { over } = e;
  const powers = powersOf(e.body);
  const exp = [...powers.keys()].find(isExp);
  const p = exp && powers.get(exp) === 1 ? probability(families, exponent(exp)) : undefined;
  if (!exp || !p || p.rest.length > 0 || p.x !== at(over) || p.member.family.lse.guard) return e;
  const others = [...quotient(powers, new Map([[exp, 1]]))];
  const [scale, inner] = [false, true].map((own) =>
    expression(new Map(others.filter(([f]) => occursFree(over, f) === own))),
  ) as [Expr, Expr];
  const all = expanded(inner) ?? [];
  const varying = all.filter((t) => occursFree(over, t.of));
  if (varying.length === 0) return e;
  const mean = reduce("sum", over, undefined, product([exp, sumOf(varying)]));
  return product([scale, sumOf([{ sign: 1, of: mean }, ...all.filter((t) => !varying.includes(t))])]);
}
