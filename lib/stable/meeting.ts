/**
 * Factors that meet what divides by them: a probability that underflows beside its own power or its own reciprocal
 * is 0 times infinity, where the product is a number.
 */
import { apply, num, where, type Expr } from "../expr/node.ts";
import { bothSigmoids, weighsNothing } from "./logistic.ts";
import { isDistance } from "./near-one.ts";
import { argument, isApply, isNum } from "./pattern.ts";
import type { Row } from "./row.ts";
import { sigmoidOverSoftplus } from "./slight-softplus.ts";
import {
  factors,
  guarded,
  isLeaf,
  negative,
  product,
  signed,
  signedTerms,
  sumOf,
  without,
  type Signed,
} from "./terms.ts";

/** b^(q - 1)*b as b^q. */
function powersMeet(e: Expr): Expr | undefined {
  if (!isApply(e, "mul")) return undefined;
  const all = factors(e);
  for (const power of all) {
    if (!isApply(power, "pow") || power.args[1]!.kind === "num") continue;
    const [base, exponent] = power.args as [Expr, Expr];
    const terms = signedTerms(exponent);
    const less = terms.find((t) => t.sign === -1 && isNum(t.of, 1));
    const rest = less && without(all, [power, base]);
    if (!rest) continue;
    return product([...rest, apply("pow", base, sumOf(terms.filter((t) => t !== less)))]);
  }
  return undefined;
}

/** Elements and what underflows: scalars such as a scale are what other rows know squares over. */
const mayVanish = (f: Expr): boolean =>
  (f.kind === "read" && f.at.length > 0) || isApply(f, "sigmoid") || isApply(f, "exp");

/** A factor, and what a quotient by some factors is once it is multiplied by it; undefined where they have nothing in common. */
interface Meeting {
  readonly f: Expr;
  readonly over: (above: Expr, below: Expr) => Expr | undefined;
}

/** f*(a/f + b) as a + f*b, for every such factor. */
export function quotientsMeet(e: Expr): Expr | undefined {
  if (!isApply(e, "mul")) return undefined;
  const all = factors(e);
  for (const f of all) {
    const rest = mayVanish(f) ? without(all, [f]) : undefined;
    const made = rest && inOne(rest, { f, over: (above, below) => quotient(above, below, f) });
    if (made !== undefined) return quotientsMeet(made) ?? made;
  }
  return undefined;
}

/** sigmoid(u)*sigmoid(-u)*(a/(b*sigmoid(u) + c*sigmoid(-u)) + d), of one of both where the other's weight is 0. */
function sigmoidsMeet(e: Expr): Expr | undefined {
  if (!isApply(e, "mul") && !isApply(e, "div")) return undefined;
  const all = factors(isApply(e, "div") ? argument(e) : e);
  for (const p of all) {
    const q = isApply(p, "sigmoid") ? apply("sigmoid", negative(argument(p))) : p;
    const rest = q === p ? undefined : without(all, [p, q]);
    if (!rest) continue;
    const over = (above: Expr, below: Expr): Expr | undefined => ofBoth(above, below, [p, q]);
    return isApply(e, "div") ? over(product(rest), e.args[1]!) : inOne(rest, { f: product([p, q]), over });
  }
  return undefined;
}

/** sigmoid(u)*(a/softplus(u) + b) as a*(sigmoid(u)/softplus(u)) + b*sigmoid(u). */
function softplusMeets(e: Expr): Expr | undefined {
  if (!isApply(e, "mul") && !isApply(e, "div")) return undefined;
  const all = factors(isApply(e, "div") ? argument(e) : e);
  for (const f of all) {
    const rest = isApply(f, "sigmoid") ? without(all, [f]) : undefined;
    if (!rest) continue;
    const over = (above: Expr, below: Expr): Expr | undefined => sigmoidOverSoftplus(above, below, f);
    const made = isApply(e, "div") ? over(product(rest), e.args[1]!) : inOne(rest, { f, over });
    if (made !== undefined) return made;
  }
  return undefined;
}

/** p*q*above/below, where a factor of below is a weighted sum of p and q. */
function ofBoth(above: Expr, below: Expr, pair: readonly Expr[]): Expr | undefined {
  const all = factors(below);
  for (const mixture of all) {
    const both = bothSigmoids(mixture);
    if (!both || !both.every((w) => pair.includes(w.f))) continue;
    const [a, b] = both;
    const alone = (w: typeof a, other: typeof a): Expr => apply("div", other.f, signed(w.by));
    const share = where(
      weighsNothing(b),
      alone(a, b),
      where(weighsNothing(a), alone(b, a), apply("div", product(pair), mixture)),
    );
    const rest = all.filter((g) => g !== mixture);
    return product([rest.length === 0 ? above : apply("div", above, product(rest)), share]);
  }
  return undefined;
}

/** above*f/below without f; undefined where it is not a factor of below. */
function quotient(above: Expr, below: Expr, f: Expr): Expr | undefined {
  const left = without(factors(below), [f]);
  if (left === undefined) return overLessOne(above, below, f);
  return left.length === 0 ? above : apply("div", above, product(left));
}

/** f*above/below where expm1(f) or expm1(-f) is below: f over it goes to 1 where f underflows. */
function overLessOne(above: Expr, below: Expr, f: Expr): Expr | undefined {
  const [term, ...more] = signedTerms(below);
  if (term === undefined || more.length > 0) return undefined;
  const all = factors(term.of);
  const less = all.find((g) => isApply(g, "expm1") && (argument(g) === f || argument(g) === negative(f)));
  if (!less || !isApply(less, "expm1")) return undefined;
  const sign = argument(less) === f ? term.sign : term.sign === 1 ? -1 : 1;
  const quotient = apply("div", f, signed({ sign: term.sign, of: less }));
  const share = where(apply("lt", f, num(2 ** -60)), num(sign), quotient);
  const rest = all.filter((g) => g !== less);
  const value = guarded(above, share);
  return rest.length === 0 ? value : apply("div", value, product(rest));
}

/** e*f where something in e is divided by what f meets; undefined where nothing is. */
function times(e: Expr, by: Meeting): Expr | undefined {
  if (e.kind === "where" && e.type === "real") {
    return ofParts([e.then, e.else], by, ([yes, no]) => where(e.guard, yes!, no!));
  }
  if (e.kind !== "apply") return undefined;
  if (e.op === "neg") return ofParts(e.args, by, ([inner]) => apply("neg", inner!));
  if (e.op === "mul") return inOne(factors(e), by);
  if (e.op === "div") {
    const [above, below] = e.args as [Expr, Expr];
    return by.over(above, below) ?? ofParts([above], by, ([inner]) => apply("div", inner!, below));
  }
  const terms = labelsTogether(signedTerms(e));
  if (terms.length < 2) return undefined;
  return ofParts(
    terms.map((t) => t.of),
    by,
    (made) => sumOf(terms.map((t, n) => ({ sign: t.sign, of: made[n]! }))),
  );
}

/** Labels and numbers of a sum as one term: they may cancel. */
function labelsTogether(terms: readonly Signed[]): readonly Signed[] {
  const labels = terms.filter((t) => isLeaf(t.of));
  return labels.length < 2 ? terms : [{ sign: 1, of: sumOf(labels) }, ...terms.filter((t) => !isLeaf(t.of))];
}

/** A product times f, by the first of its factors that is divided by what f meets. */
function inOne(all: readonly Expr[], by: Meeting): Expr | undefined {
  for (const [n, g] of all.entries()) {
    const made = times(g, by);
    if (made !== undefined) return product(all.with(n, made));
  }
  return undefined;
}

/** What is made of several parts times f, where one of them at least is divided by what f meets. */
function ofParts(
  parts: readonly Expr[],
  by: Meeting,
  make: (made: readonly Expr[]) => Expr,
): Expr | undefined {
  const some = parts.map((part) => times(part, by));
  if (some.every((m) => m === undefined)) return undefined;
  const alone = (part: Expr): Expr =>
    isApply(by.f, "exp") && isDistance(part) ? guarded(part, by.f) : product([part, by.f]);
  return make(parts.map((part, n) => some[n] ?? (isNum(part, 0) ? part : alone(part))));
}

// prettier-ignore
export const sigmoidRows: readonly Row[] = [
  { name: "share of two sigmoids", from: "sigmoid(z) * sigmoid(-z) / (t*sigmoid(z) + (1 - t)*sigmoid(-z))", to: "t == 1 ? sigmoid(-z) : t == 0 ? sigmoid(z) : as it is", holds: "everywhere",
    counterexample: { text: "sigmoid(z) * sigmoid(-z) * (a / (t * sigmoid(z) - (t - 1) * sigmoid(-z)))", at: { z: -720, t: 1, a: 1 } },
    always: "a trial has few labels at which one sigmoid is alone",
    has: "sigmoid",
    rewrite: sigmoidsMeet },
  { name: "sigmoid over softplus", from: "sigmoid(u) * (a / softplus(u) + b)", to: "a * (u < -30 ? 1 - exp(u)/2 : sigmoid(u) / softplus(u)) + b * sigmoid(u)", holds: "everywhere, to the digits of a double",
    counterexample: { text: "sigmoid(u) * (1 - t / softplus(u))", at: { u: -800, t: 2 } },
    digits: 16,
    has: "sigmoid",
    rewrite: softplusMeets },
];

// prettier-ignore
export const meetingRows: readonly Row[] = [
  { name: "powers that meet", from: "b^(q - 1) * b", to: "b^q", holds: "b > 0",
    counterexample: { text: "b^(q - 1) * b", at: { b: 1e-200, q: -0.8 } },
    has: "pow",
    rewrite: powersMeet },
  { name: "factor of a quotient", from: "f * (a / f + b)", to: "a + f * b", holds: "f != 0",
    counterexample: { text: "exp(z) * (a / exp(z) + b)", at: { z: -800, a: 1, b: 1 } },
    has: "div",
    rewrite: quotientsMeet },
  ...sigmoidRows,
];
