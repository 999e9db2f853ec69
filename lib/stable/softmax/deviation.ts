/** A value less its mean under the probabilities. */
import {
  apply,
  at,
  freeIndices,
  num,
  occursFree,
  reduce,
  where,
  type Expr,
  type Node,
} from "../../expr/node.ts";
import { fresh, substitute } from "../../expr/substitute.ts";
import { factors, opposite, product, signedTerms, sumOf, without, type Signed } from "../terms.ts";
import { cancelled } from "../polynomial.ts";
import { decided, deviation } from "../weighted.ts";
import { bestOf } from "./family.ts";
import { probability } from "./probability.ts";
import type { Found, Making } from "./way.ts";

/** ±(F[x] − Σ_j p[j]·F[j]); terms of F that are the same for all j are in both and go. */
export function deviationOf(terms: readonly Signed[], { families, fired, go }: Making): Found | undefined {
  for (const t of terms) {
    const mean = factors(t.of).find(isPlainSum);
    const scale = mean && without(factors(t.of), [mean]);
    if (!mean || !scale) continue;
    const scaled = (all: readonly Signed[]): readonly Signed[] =>
      all.map(({ sign, of }) => ({ sign, of: product([...scale, ...factors(of)]) }));
    const { over } = mean;
    const parts = factors(mean.body);
    const exp = parts.find((f) => f.kind === "apply" && f.op === "exp");
    const p = exp?.kind === "apply" ? probability(families, signedTerms(exp.args[0]!)) : undefined;
    if (!p || p.rest.length > 0 || p.x !== at(over) || p.member.family.lse.guard) continue;
    const all = signedTerms(product(parts.filter((f) => f !== exp)));
    const varying = all.filter((f) => occursFree(over, f.of));
    const found = families.among(
      scaled(varying),
      over,
      terms.filter((other) => other !== t),
      t.sign === 1 ? -1 : 1,
    );
    if (!found) continue;
    const { member, total } = p;
    const { x } = found;
    const once = families.once(varying, over);
    const f = (j: Expr): readonly Signed[] =>
      once.map(({ sign, of }) => ({ sign, of: substitute(of, new Map([[over, j]])) }));
    const best = bestOf(member);
    const own = fresh(over.name, over.extent, new Set(freeIndices(best).map((i) => i.name)));
    const e = (j: Expr): Expr => families.read(member, "e", j);
    const apart = product([e(at(own)), go(sumOf([...f(at(own)), ...opposite(f(best))]))]);
    const rest = where(
      decided(total),
      reduce("sum", own, apply("ne", at(own), best), apply("precise", apart)),
      num(0),
    );
    const value = deviation(
      total,
      go(sumOf(f(x))),
      go(sumOf([...f(x), ...opposite(f(best))])),
      families.named("drift", rest),
      reduce("sum", over, undefined, product([e(at(over)), go(sumOf(f(at(over))))])),
    );
    fired("value above its mean", sumOf([...f(x), { sign: -1, of: mean }]), value);
    const constant = scaled(all.filter((f) => !varying.includes(f)));
    return {
      sign: t.sign === 1 ? -1 : 1,
      value: product([...scale.map(go), value]),
      left: cancelled([...found.left, ...(t.sign === 1 ? constant : opposite(constant))]),
    };
  }
  return undefined;
}

const isPlainSum = (e: Expr): e is Node<"reduce"> =>
  e.kind === "reduce" && e.op === "sum" && e.guard === undefined;
