/** Terms with f(u) and f(−u), of which one can be written by the other: σ(−u) = 1 − σ(u), softplus(−u) = softplus(u) − u. */
import { apply, num, type Expr } from "../expr/node.ts";
import { build, collect } from "./addition.ts";
import { cost, type Algebra } from "./algebra.ts";
import { leadPositive } from "./condition.ts";
import { addRatio } from "./ratio.ts";
import { expand } from "./product.ts";
import { exprOf, summands, type Term } from "./term.ts";

/** f(−u) as terms. */
// prettier-ignore
const reflections: Readonly<Record<string, (f: Expr, u: Expr, s: Algebra) => readonly Expr[]>> = {
  sigmoid:  (f, _, s) => [num(1), s.mul([num(-1), f])],
  softplus: (f, u, s) => [f, s.mul([num(-1), u])],
};

export function reflect(terms: readonly Term[], s: Algebra): readonly Expr[] | undefined {
  return mirrored(terms, s) ?? complementOfSigmoid(terms, s) ?? reflectedSoftplus(terms, s);
}

/** t·softplus(x) − t·x = t·softplus(−x), where softplus(±x) is in no other term: there it would come back. */
function reflectedSoftplus(terms: readonly Term[], s: Algebra): readonly Expr[] | undefined {
  for (const t of terms) {
    const softplus = t.factors.find((f) => f.kind === "apply" && f.op === "softplus");
    if (softplus?.kind !== "apply") continue;
    const x = softplus.args[0]!;
    const mirror = apply("softplus", s.mul([num(-1), x]));
    const rest = exprOf({ coefficient: t.coefficient, factors: t.factors.filter((f) => f !== softplus) });
    const gone = expand(s.mul([num(-1), rest, x]), s)?.flatMap(summands);
    const partners = gone && terms.filter((u) => gone.includes(exprOf(u)));
    if (partners?.length !== gone?.length || partners === undefined) continue;
    const others = terms.filter((u) => u !== t && !partners.includes(u));
    if (
      partners.includes(t) ||
      others.some((u) => u.factors.includes(softplus) || u.factors.includes(mirror))
    )
      continue;
    return [...others.map(exprOf), s.mul([rest, mirror])];
  }
  return undefined;
}

/** f(−u) by f(u), where both occur. */
function mirrored(terms: readonly Term[], s: Algebra): readonly Expr[] | undefined {
  const calls = new Set(
    terms.flatMap((t) => t.factors.filter((f) => f.kind === "apply" && f.op in reflections)),
  );
  for (const f of calls) {
    if (f.kind !== "apply") continue;
    if (leadPositive(f.args[0]!, s) !== f.args[0]) continue;
    const mirror = apply(f.op, s.mul([num(-1), f.args[0]!]));
    if (mirror === f || !calls.has(mirror)) continue;
    const by = reflections[f.op]!(f, f.args[0]!, s);
    const out: Expr[] = [];
    for (const t of terms) {
      const rest = exprOf({ coefficient: t.coefficient, factors: t.factors.filter((g) => g !== mirror) });
      const products = t.factors.includes(mirror) ? by.map((b) => apply("mul", rest, b)) : [exprOf(t)];
      for (const product of products) {
        const parts = expand(product, s);
        if (!parts) return undefined;
        out.push(...parts);
      }
    }
    // Only where something cancels: in f(u)·f(−u) nothing does, and one would lose digits.
    const met = collect(out);
    return met.length < out.length && cost(build(met, s)) < cost(build(terms, s)) ? out : undefined;
  }
  return undefined;
}

/** t − t·σ(x) = t·σ(−x) */
function complementOfSigmoid(terms: readonly Term[], s: Algebra): readonly Expr[] | undefined {
  for (const t of terms) {
    const sigmoid = t.factors.find((f) => f.kind === "apply" && f.op === "sigmoid");
    if (sigmoid?.kind !== "apply") continue;
    const rest = t.factors.filter((f) => f !== sigmoid);
    const partner = terms.find(
      (u) =>
        u.factors.length === rest.length &&
        u.factors.every((f) => rest.includes(f)) &&
        addRatio(u.coefficient, t.coefficient)?.n === 0,
    );
    if (!partner) continue;
    const negated = s.call("sigmoid", [s.mul([num(-1), sigmoid.args[0]!])]);
    return [...terms.filter((u) => u !== t && u !== partner).map(exprOf), s.mul([exprOf(partner), negated])];
  }
  return undefined;
}
