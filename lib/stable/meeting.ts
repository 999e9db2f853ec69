/**
 * Factors that meet what divides by them: a probability that underflows beside its own power or its own reciprocal
 * is 0 times infinity, where the product is a number.
 */
import { apply, where, type Expr } from "../expr/node.ts";
import { isApply, isNum } from "./pattern.ts";
import type { Row } from "./row.ts";
import { factors, product, signedTerms, sumOf, without } from "./terms.ts";

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

/** f*(a/f + b) as a + f*b, for every such factor. */
function quotientsMeet(e: Expr): Expr | undefined {
  if (!isApply(e, "mul")) return undefined;
  const all = factors(e);
  for (const f of all) {
    if (!mayVanish(f)) continue;
    for (const other of all) {
      const whole = other === f ? undefined : times(other, f);
      const rest = whole && without(all, [f, other]);
      if (!rest) continue;
      const made = product([...rest, whole]);
      return quotientsMeet(made) ?? made;
    }
  }
  return undefined;
}

/** e*f where something in e is divided by f, without that division; undefined where nothing is. */
function times(e: Expr, f: Expr): Expr | undefined {
  if (e.kind === "where" && e.type === "real") {
    return ofParts([e.then, e.else], f, ([yes, no]) => where(e.guard, yes!, no!));
  }
  if (e.kind !== "apply") return undefined;
  if (e.op === "neg") return ofParts(e.args, f, ([inner]) => apply("neg", inner!));
  if (e.op === "mul") return inOne(factors(e), f);
  if (e.op === "div") {
    const [above, below] = e.args as [Expr, Expr];
    const left = without(factors(below), [f]);
    return left ? over(above, left) : ofParts([above], f, ([inner]) => apply("div", inner!, below));
  }
  const terms = signedTerms(e);
  if (terms.length < 2) return undefined;
  return ofParts(
    terms.map((t) => t.of),
    f,
    (made) => sumOf(terms.map((t, n) => ({ sign: t.sign, of: made[n]! }))),
  );
}

const over = (above: Expr, below: readonly Expr[]): Expr =>
  below.length === 0 ? above : apply("div", above, product(below));

/** A product times f, by the first of its factors that is divided by f. */
function inOne(all: readonly Expr[], f: Expr): Expr | undefined {
  for (const [n, g] of all.entries()) {
    const met = times(g, f);
    if (met !== undefined) return product(all.with(n, met));
  }
  return undefined;
}

/** What is made of several parts times f, where one of them at least is divided by f. */
function ofParts(parts: readonly Expr[], f: Expr, make: (made: readonly Expr[]) => Expr): Expr | undefined {
  const met = parts.map((part) => times(part, f));
  if (met.every((m) => m === undefined)) return undefined;
  return make(parts.map((part, n) => met[n] ?? (isNum(part, 0) ? part : product([part, f]))));
}

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
];
