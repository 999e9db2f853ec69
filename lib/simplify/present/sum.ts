/** Sums: what terms share in front, cases of one condition together, differences, e^x - 1. */
import { apply, num, where, type Expr } from "../../expr/node.ts";
import type { Algebra } from "../algebra.ts";
import { mayStandOutside } from "../outside.ts";
import { gcd, mulRatio, ratio, type Ratio } from "../ratio.ts";
import { exprOf, summands, termOf, type Term } from "../term.ts";
import { isGuard, pairCases } from "./cases.ts";
import { isNegative, orderTerms } from "./order.ts";
import { flipped, writeProduct } from "./product.ts";
import { writer, type Go } from "./writer.ts";

export function writeSum(e: Expr & { kind: "apply" }, go: Go, s: Algebra): Expr {
  const terms = e.args.map(termOf);
  const common = terms[0]!.factors.filter((f) => terms.every((t) => t.factors.includes(f)));
  const cases = terms.map((t) => t.factors.filter((f) => isGuard(f) && !common.includes(f)));
  // Where one term has no case of its own, all of its factors are evaluated anyway.
  const free = cases.some((guards) => guards.length === 0);
  const shared = common.filter((f) => free || isGuard(f) || mayStandOutside(f, cases.flat(), s.facts));
  const scale = sharedScale(terms);
  if (shared.length > 0 || scale) {
    const inner = terms.map((t) =>
      exprOf({
        coefficient: scale
          ? (mulRatio(t.coefficient, { n: scale.d, d: Math.abs(scale.n) }) ?? t.coefficient)
          : t.coefficient,
        factors: t.factors.filter((f) => !shared.includes(f)),
      }),
    );
    const sum = s.add(inner);
    if (sum.kind !== "apply" || sum.op !== "add")
      return go(s.mul([exprOf({ coefficient: scale ?? ratio(1), factors: shared }), sum]));
    const product = flipped({ coefficient: scale ?? ratio(1), factors: [...shared, sum] }, s, go.multiples);
    const rest = product.factors.at(-1)!;
    const written = writeTerms(summands(rest), go, s);
    return writeProduct(
      product,
      writer((f: Expr) => (f === rest ? written : go(f)), go.factors, go.multiples),
    );
  }
  return writeTerms(e.args, go, s);
}

/** The magnitude that all coefficients share, or the integer that divides them all, when it is not 1. */
function sharedScale(terms: readonly Term[]): Ratio | undefined {
  const { n, d } = terms[0]!.coefficient;
  if ((Math.abs(n) === 1 && d === 1) || terms.some((t) => t.factors.length === 0)) return undefined;
  if (terms.every((t) => t.coefficient.d === 1 && Number.isSafeInteger(t.coefficient.n))) {
    const divisor = terms.reduce((g, t) => gcd(g, Math.abs(t.coefficient.n)), 0);
    return divisor === 1 ? undefined : ratio(divisor);
  }
  return terms.every((t) => Math.abs(t.coefficient.n) === Math.abs(n) && t.coefficient.d === d)
    ? ratio(Math.abs(n), d)
    : undefined;
}

function writeTerms(terms: readonly Expr[], go: Go, s: Algebra): Expr {
  const grouped = groupBySharedCall(terms);
  if (grouped) {
    const first = writeProduct(
      flipped({ coefficient: ratio(1), factors: [...grouped.shared, s.add(grouped.inner)] }, s, go.multiples),
      go,
    );
    return grouped.rest.length === 0 ? first : joinTerms(orderTerms(grouped.rest, s), go, first);
  }
  const minusOne = expMinusOne(terms);
  if (minusOne) return writeProduct(minusOne, go);
  const cases = go.factors ? undefined : pairCases(terms, s);
  if (cases) {
    const choice = where(go(cases.guard), go(cases.then), go(cases.else));
    return cases.rest.length === 0 ? choice : joinTerms(orderTerms(cases.rest, s), go, choice);
  }
  return joinTerms(orderTerms(terms, s), go);
}

interface Grouped {
  readonly shared: readonly Expr[];
  readonly inner: readonly Expr[];
  readonly rest: readonly Expr[];
}

/** Some of the terms share a factor that is more than a name: it is written once, in front of what they have besides. */
function groupBySharedCall(terms: readonly Expr[]): Grouped | undefined {
  const split = terms.map(termOf);
  const calls = split.flatMap((t) => t.factors.filter(isCall));
  const last = new Map(calls.map((f, n) => [f, n]));
  const repeated = new Set(calls.filter((f, n) => last.get(f) !== n));
  for (const [n, a] of split.entries()) {
    if (!a.factors.some((f) => repeated.has(f))) continue;
    for (const b of split.slice(n + 1)) {
      const shared = a.factors.filter((f) => !isGuard(f) && b.factors.includes(f));
      if (!shared.some(isCall)) continue;
      const group = split.filter((t) => shared.every((f) => t.factors.includes(f)));
      if (group.length === terms.length || group.some((t) => t.factors.some(isGuard))) continue;
      const rest = (t: Term): Expr =>
        exprOf({ coefficient: t.coefficient, factors: t.factors.filter((f) => !shared.includes(f)) });
      return { shared, inner: group.map(rest), rest: terms.filter((_, m) => !group.includes(split[m]!)) };
    }
  }
  return undefined;
}

/** A factor that is more than a name and no condition. */
const isCall = (f: Expr): boolean =>
  f.kind === "reduce" ||
  (f.kind === "apply" && f.op !== "iverson" && (f.op !== "pow" || f.args[0]!.kind === "apply"));

/** c·e^x − c = c·expm1(x), alone in a sum. */
function expMinusOne(terms: readonly Expr[]): Term | undefined {
  if (terms.length !== 2) return undefined;
  const parts = terms.map(termOf);
  for (const [a, b] of [parts, parts.toReversed()]) {
    const exp = a!.factors.find((f) => f.kind === "apply" && f.op === "exp");
    if (exp?.kind !== "apply" || a!.factors.length !== b!.factors.length + 1) continue;
    const rest = a!.factors.filter((f) => f !== exp);
    if (
      !rest.every((f) => b!.factors.includes(f)) ||
      a!.coefficient.n !== -b!.coefficient.n ||
      a!.coefficient.d !== b!.coefficient.d
    )
      continue;
    return { coefficient: a!.coefficient, factors: [...rest, apply("expm1", exp.args[0]!)] };
  }
  return undefined;
}

export function joinTerms(terms: readonly Expr[], go: Go, start?: Expr): Expr {
  let total = start;
  for (const t of terms) {
    const { coefficient, factors } = termOf(t);
    const size = writeProduct({ coefficient: ratio(Math.abs(coefficient.n), coefficient.d), factors }, go);
    if (total === undefined) total = isNegative(t) ? apply("neg", size) : size;
    else total = apply(isNegative(t) ? "sub" : "add", total, size);
  }
  return total ?? num(0);
}
