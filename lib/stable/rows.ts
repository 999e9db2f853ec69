/**
 * Rewrites of expressions for floating point, one row each. Every row is an identity over
 * the reals where it holds; the spec compares both sides with 64 digits at the counterexample
 * and around it. Where the better form depends on the point, the right side branches.
 *
 * Rows are tried in order, at every expression, its parts first.
 */
import { apply, children, freeIndices, num, reduce, where, type Expr, type Node } from "../expr/node.ts";
import type { Op } from "../expr/ops.ts";
import { logisticRows } from "./logistic.ts";
import { normalRows } from "./normal.ts";
import { expression, powersOf } from "./powers.ts";
import type { Row } from "./row.ts";
import {
  factors,
  guarded,
  isLeaf,
  isSum,
  negative,
  positive,
  product,
  signed,
  signedTerms,
  sumOf,
  without,
  type Signed,
} from "./terms.ts";

const isApply = <P extends Op>(e: Expr, op: P): e is Node<"apply"> => e.kind === "apply" && e.op === op;
const argument = (e: Node<"apply">): Expr => e.args[0]!;
const isNum = (e: Expr, value: number): boolean => e.kind === "num" && e.value === value;
const isReal = (e: Expr): boolean => e.type === "real";
const one = num(1);
const infinity = num(Infinity, "real");
const isFinite = (e: Expr): Expr => apply("lt", apply("abs", e), infinity);

/** 2^-64 and its inverse: exact scales, so large that no sum of doubles overflows. */
const down = num(2 ** -64, "real");
const up = num(2 ** 64, "real");

/** Two terms of opposite signs that `pick` makes one of, and the others. */
function pair(e: Expr, pick: (a: Expr, b: Expr) => Expr | undefined): Expr | undefined {
  if (!isSum(e)) return undefined;
  const terms = signedTerms(e);
  for (const a of terms)
    for (const b of terms) {
      if (a.sign === b.sign) continue;
      const made = pick(a.of, b.of);
      if (made === undefined) continue;
      const rest: readonly Signed[] = terms.filter((t) => t !== a && t !== b);
      return rest.length === 0
        ? signed({ sign: a.sign, of: made })
        : sumOf([{ sign: a.sign, of: made }, ...rest]);
    }
  return undefined;
}

/** The one factor of a product that is `op` of something, and the others. */
function factored(
  e: Expr,
  op: Op,
): { readonly f: Node<"apply">; readonly rest: readonly Expr[] } | undefined {
  const all = factors(e);
  const f = all.find((g) => isApply(g, op));
  return f?.kind === "apply" ? { f, rest: all.filter((g) => g !== f) } : undefined;
}

/** exp(−|z|), which value and gradient share; sigmoid(−|z|) is e / (1 + e), and softplus(−|z|) is log1p(e). */
const smallExp = (z: Expr): Expr => apply("exp", negative(apply("abs", z)));

function logistic(a: Expr, b: Expr): Expr | undefined {
  const found = factored(a, "softplus");
  if (!found) return undefined;
  const z = argument(found.f);
  const t = without(factors(b), [...factors(z), ...found.rest]);
  if (t === undefined || t.some((f) => !isLeaf(f))) return undefined;
  const label = product(t);
  const linear = where(positive(z), guarded(apply("sub", one, label), z), negative(guarded(label, z)));
  return product([...found.rest, apply("add", linear, apply("log1p", smallExp(z)))]);
}

function sigmoidMinus(a: Expr, b: Expr): Expr | undefined {
  const found = factored(a, "sigmoid");
  if (!found) return undefined;
  const t = without(factors(b), found.rest);
  if (t === undefined || t.some((f) => !isLeaf(f))) return undefined;
  const [z, label] = [argument(found.f), product(t)];
  if (isNum(label, 1)) return product([...found.rest, apply("neg", apply("sigmoid", negative(z)))]);
  const small = apply("div", smallExp(z), apply("add", one, smallExp(z)));
  const here = where(positive(z), apply("sub", apply("sub", one, label), small), apply("sub", small, label));
  return product([...found.rest, here]);
}

/** c·exp(x) − c for a number c, however it is written: exp(x) / 2 − 0.5. */
function numericExpm1(a: Expr, b: Expr): Expr | undefined {
  const powers = powersOf(a);
  const f = [...powers.keys()].find((g) => isApply(g, "exp"));
  if (f?.kind !== "apply" || powers.get(f) !== 1 || b.kind !== "num") return undefined;
  const scale = [...powers].filter(([g]) => g !== f);
  if (scale.length === 0 || scale.some(([g]) => g.kind !== "num")) return undefined;
  const value = scale.reduce((c, [g, n]) => (g.kind === "num" ? c * g.value ** n : c), 1);
  return value === b.value ? apply("mul", num(value), apply("expm1", argument(f))) : undefined;
}

/** (x − y)² of values as they stand, which is 0 where they are equal. */
const isSquareOfTerms = (e: Expr): boolean =>
  isApply(e, "pow") && isNum(e.args[1]!, 2) && signedTerms(argument(e)).every(({ of }) => isLeaf(of));

/** t·exp(z) that is 0 where t is, also when the exponential overflows. */
function labelled(e: Expr): Expr | undefined {
  if (!isApply(e, "mul") || e.args.length !== 2) return undefined;
  const power = e.args.find((f) => isApply(f, "exp"));
  const label = e.args.find((f) => f !== power);
  if (power === undefined || label === undefined || !isReal(label)) return undefined;
  return label.kind === "read" || isSquareOfTerms(label) ? guarded(label, power) : undefined;
}

/** b − t·exp(z) near z = 0 and t = b. */
function labelledMinus(a: Expr, b: Expr): Expr | undefined {
  // A label at an exponential may have been told from 0 already.
  const found = factored(a.kind === "where" && a.then === num(0) ? a.else : a, "exp");
  const label = found && product(found.rest);
  if (!found || !label || label === b || !isLeaf(label) || !isLeaf(b) || label.kind === "num")
    return undefined;
  const z = argument(found.f);
  const apart = apply("sub", label, b);
  const off = apply("lt", apply("mul", num(4), apply("abs", apart)), apply("abs", b));
  const near = apply("add", apply("mul", label, apply("expm1", z)), apart);
  return where(apply("and", apply("lt", apply("abs", z), num(0.25)), off), near, apply("sub", a, b));
}

/** exp(z) − n near z = 0 as expm1(z) − (n − 1): n − 1 is exact there or does not matter. */
function exponentialMinus(a: Expr, b: Expr): Expr | undefined {
  const found = factored(a, "exp");
  const n = found && without(factors(b), found.rest);
  if (!found || n === undefined || n.length === 0 || n.some((f) => !isLeaf(f))) return undefined;
  const [z, count] = [argument(found.f), product(n)];
  const near = apply("sub", apply("expm1", z), apply("sub", count, one));
  // Where both are near 1: elsewhere the difference is as good, and expm1 takes long. What is asked does
  // not wait for the exponential.
  const off = apply("add", apply("abs", z), apply("abs", apply("sub", count, one)));
  const far = apply("sub", found.f, count);
  return product([...found.rest, where(apply("lt", off, num(0.25)), near, far)]);
}

/** The terms of a sum, those of parts of it that were made exact among them. */
const summands = (e: Expr): readonly Signed[] =>
  signedTerms(e).flatMap(({ sign, of }) =>
    isApply(of, "exactsum") ? of.args.flatMap((a) => signedTerms(a, sign)) : [{ sign, of }],
  );

/** The terms of f of a sum, at most three: of four, two are added to each other, and what that loses is the third. */
function ofSum(e: Expr, op: Op): readonly Expr[] | undefined {
  if (!isApply(e, op) || !isSum(argument(e))) return undefined;
  const terms = summands(argument(e));
  if (terms.length < 2 || terms.length > 4 || !terms.some((t) => isReal(t.of))) return undefined;
  const [a, b, c, d] = terms.map(signed);
  if (a === undefined || b === undefined || c === undefined || d === undefined) return terms.map(signed);
  const lost = apply("add", apply("roundoff", a, b), apply("roundoff", c, d));
  return [apply("add", a, b), apply("add", c, d), lost];
}
const expsum = (terms: readonly Expr[]): Expr => apply("expsum", ...terms);

/** The index and the body of √Σ body². */
function norm(e: Expr): { readonly sum: Node<"reduce">; readonly body: Expr } | undefined {
  const sum = isApply(e, "sqrt") ? argument(e) : undefined;
  if (sum?.kind !== "reduce" || sum.op !== "sum") return undefined;
  const { body } = sum;
  return isApply(body, "pow") && isNum(body.args[1]!, 2) ? { sum, body: argument(body) } : undefined;
}

function scaledNorm(e: Expr): Expr | undefined {
  const found = norm(e);
  if (!found) return undefined;
  const { sum, body } = found;
  const unit = where(apply("lt", sum, one), num(2 ** 600, "real"), num(2 ** -600, "real"));
  const square = apply("pow", apply("mul", unit, body), num(2));
  const scaled = apply("div", apply("sqrt", reduce("sum", sum.over, sum.guard, square)), unit);
  const ordinary = apply("and", apply("gt", sum, num(1e-290, "real")), apply("lt", sum, infinity));
  return where(ordinary, e, scaled);
}

/** Whether an expression is a count of terms: it has no real in it and is not 0 in a point of use. */
const isCount = (e: Expr): boolean => e.type === "int" && children(e).every(isCount) && e.kind !== "read";

/** A sum that is itself a term of two sums: compensated on its own, so that both can have it. */
const rowSum = (e: Expr): Expr =>
  e.kind === "reduce" && e.op === "sum" && isReal(e) && !isApply(e.body, "precise")
    ? reduce("sum", e.over, e.guard, apply("precise", rowSum(e.body)))
    : e;

function mean(e: Expr): Expr | undefined {
  if (!isApply(e, "div")) return undefined;
  const [sum, count] = e.args as [Expr, Expr];
  if (sum.kind !== "reduce" || sum.op !== "sum" || !isReal(sum) || !isCount(count)) return undefined;
  if (isApply(sum.body, "precise")) return undefined;
  const term = rowSum(sum.body);
  const precise = reduce("sum", sum.over, sum.guard, apply("precise", term));
  const scaled = reduce("sum", sum.over, sum.guard, apply("mul", down, term));
  return where(
    isFinite(precise),
    apply("div", precise, count),
    apply("mul", apply("div", scaled, count), up),
  );
}

/** A scalar times a sum over inputs: reg·Σ w². */
function scaledSum(e: Expr): Expr | undefined {
  if (!isApply(e, "mul")) return undefined;
  const sums = e.args.filter((f) => f.kind === "reduce" && f.op === "sum" && isReal(f));
  const [sum] = sums;
  if (sums.length !== 1 || sum?.kind !== "reduce" || freeIndices(e).length > 0) return undefined;
  const scale = e.args.filter((f) => f !== sum);
  if (!scale.every(isLeaf)) return undefined;
  const inside = (body: Expr): Expr => {
    if (body.kind === "reduce" && body.op === "sum")
      return reduce("sum", body.over, body.guard, inside(body.body));
    if (isApply(body, "pow") && isNum(body.args[1]!, 2))
      return apply("mul", ...scale, body.args[0]!, body.args[0]!);
    return apply("mul", ...scale, ...factors(body));
  };
  return where(isFinite(sum), e, inside(sum));
}

/** c·x/n with a number c > 1 as x·(c/n). */
function ratioFirst(e: Expr): Expr | undefined {
  if (!isApply(e, "div") || !isApply(e.args[0]!, "mul")) return undefined;
  const [c, ...rest] = e.args[0].args as [Expr, ...Expr[]];
  if (c.kind !== "num" || Math.abs(c.value) <= 1 || e.args[1]!.kind !== "size") return undefined;
  return apply("mul", product(rest), apply("div", c, e.args[1]!));
}

/** A value that is there without rounding, or a product of such. */
const isTerm = (e: Expr): boolean => factors(isApply(e, "neg") ? argument(e) : e).every(isLeaf);

function cancelling(e: Expr): Expr | undefined {
  if (!isSum(e)) return undefined;
  const all = summands(e);
  const terms = all.map(signed);
  if (all.length < 3 || all.length > 6 || !terms.every(isTerm) || !all.some((t) => isReal(t.of)))
    return undefined;
  const [a, b, c, d, x, y] = terms;
  if (a === undefined || b === undefined || c === undefined || d === undefined || x === undefined)
    return apply("exactsum", ...terms);
  const lost = apply("add", apply("roundoff", a, b), apply("roundoff", c, d));
  const last = y === undefined ? x : apply("add", x, y);
  const more = y === undefined ? lost : apply("add", lost, apply("roundoff", x, y));
  return apply("exactsum", apply("add", a, b), apply("add", c, d), last, more);
}

function focal(e: Expr): Expr | undefined {
  if (!isApply(e, "exp")) return undefined;
  const [exponent, ...others] = signedTerms(argument(e));
  if (exponent === undefined || others.length > 0) return undefined;
  const found = factored(exponent.of, "softplus");
  if (!found || found.rest.length === 0) return undefined;
  const u = argument(found.f);
  const power = product(found.rest);
  const above = apply("max", num(0), u);
  const terms = [
    apply("mul", power, above),
    apply("mulroundoff", power, above),
    apply("mul", power, apply("softplus", negative(apply("abs", u)))),
  ];
  return expsum(terms.map((of) => signed({ sign: exponent.sign, of })));
}

/** √S − c where c² is a term of S, from what else S has. */
function rootLess(a: Expr, c: Expr): Expr | undefined {
  const hypot = factored(a, "hypot");
  if (hypot) return hypotLess(hypot.f, hypot.rest, c);
  const found = factored(a, "sqrt");
  if (!found || !isSum(argument(found.f))) return undefined;
  const root = without(factors(c), found.rest);
  const main = root && product(root);
  if (main === undefined || !isLeaf(main) || (main.kind === "num" && main.value <= 0)) return undefined;
  const square = main.kind === "num" ? num(main.value ** 2, main.type) : apply("pow", main, num(2));
  const terms = signedTerms(argument(found.f));
  const n = terms.findIndex((t) => t.sign === 1 && t.of === square);
  if (n < 0) return undefined;
  const rest = sumOf(terms.toSpliced(n, 1));
  const small = apply("lt", rest, apply("mul", num(3), square));
  return product([
    ...found.rest,
    where(
      main.kind === "num" ? small : apply("and", small, positive(main)),
      apply("div", rest, apply("add", found.f, main)),
      apply("sub", found.f, main),
    ),
  ]);
}

/** hypot(x, c) − c as x²/(hypot(x, c) + c), in an order in which nothing overflows. */
function hypotLess(f: Node<"apply">, rest: readonly Expr[], b: Expr): Expr | undefined {
  const left = without(factors(b), rest);
  const [x, y] = f.args as [Expr, Expr];
  const c = left && product(left);
  if (c === undefined || (c !== x && c !== y)) return undefined;
  const other = c === x ? y : x;
  const less = apply("mul", other, apply("div", other, apply("add", f, c)));
  return product([
    ...rest,
    c.kind === "num" && c.value > 0 ? less : where(positive(c), less, apply("sub", f, c)),
  ]);
}

/** b^p − 1 where it is small, by logarithms. */
function powerLess(a: Expr, b: Expr): Expr | undefined {
  const found = factored(a, "pow");
  if (!found || product(found.rest) !== b) return undefined;
  const [base, exponent] = found.f.args as [Expr, Expr];
  const terms = signedTerms(base);
  const n = terms.findIndex((t) => t.sign === 1 && isNum(t.of, 1));
  const log = n < 0 || terms.length < 2 ? apply("log", base) : apply("log1p", sumOf(terms.toSpliced(n, 1)));
  const less = apply("sub", found.f, one);
  const small = apply("and", positive(base), apply("lt", apply("abs", less), num(0.5)));
  return product([...found.rest, where(small, apply("expm1", apply("mul", exponent, log)), less)]);
}

/** The terms of a sum of squares, of which 1 is one, without their squares. */
function squared(e: Expr): readonly Expr[] | undefined {
  if (!isSum(e)) return undefined;
  const roots = signedTerms(e).map(({ sign, of }): Expr | undefined => {
    if (sign === -1) return undefined;
    if (of.kind === "num") return num(Math.sqrt(of.value));
    const powers = [...powersOf(of)];
    if (powers.some(([f, n]) => n % 2 !== 0 && !(f.kind === "num" && f.value > 0))) return undefined;
    return expression(new Map(powers.map(([f, n]) => [f, n / 2])));
  });
  return roots.length === 2 && roots.every((r) => r !== undefined) ? roots : undefined;
}

/** log of a product that may overflow, its factors apart. */
const logOfProduct = (e: Expr): Expr =>
  sumOf(
    [...powersOf(e)].map(([f, n]) => ({
      sign: n < 0 ? -1 : 1,
      of: product([num(Math.abs(n)), apply("log", f.kind === "num" ? f : apply("abs", f))]),
    })),
  );

function largeLog1p(e: Expr): Expr | undefined {
  if (!isApply(e, "log1p")) return undefined;
  const x = argument(e);
  // Where it is infinite it is positive, or has no logarithm: then it is left as it is.
  return [...powersOf(x).values()].some((n) => n > 1)
    ? where(apply("lt", x, infinity), e, logOfProduct(x))
    : undefined;
}

/** Quotients by 1 + S, S a product that overflows: S is then all that counts, and may go against what is above it. */
function largeQuotient(e: Expr): Expr | undefined {
  if (!isApply(e, "div")) return undefined;
  const powers = powersOf(e);
  for (const [f, n] of powers) {
    if (n >= 0 || !isSum(f)) continue;
    const large = signedTerms(f).filter((t) => [...powersOf(t.of).values()].some((m) => m > 1));
    const [only, ...more] = large;
    if (!only || more.length > 0 || only.sign === -1) continue;
    const rest = new Map(powers);
    rest.delete(f);
    for (const [g, m] of powersOf(only.of)) {
      const sum = (rest.get(g) ?? 0) + m * n;
      if (sum === 0) rest.delete(g);
      else rest.set(g, sum);
    }
    return where(isFinite(only.of), e, expression(rest));
  }
  return undefined;
}

/** sinh(x)^n / cosh(x)^n. */
function tanhOf(e: Expr): Expr | undefined {
  if (!isApply(e, "div")) return undefined;
  const powers = powersOf(e);
  for (const [f, n] of powers) {
    if (!isApply(f, "sinh") || n <= 0) continue;
    const below = apply("cosh", argument(f));
    if (powers.get(below) !== -n) continue;
    const rest = new Map([...powers].filter(([g]) => g !== f && g !== below));
    return expression(new Map([...rest, [apply("tanh", argument(f)), n]]));
  }
  return undefined;
}

/** a > 4·b. */
const more = (a: Expr, b: Expr): Expr => apply("gt", a, apply("mul", num(4), b));

/** log(exp(z) + r) by the larger of the two. */
function logBesideExp(e: Expr): Expr | undefined {
  if (!isApply(e, "log") || !isSum(argument(e))) return undefined;
  const terms = signedTerms(argument(e));
  const exp = terms.find((t) => t.sign === 1 && isApply(t.of, "exp"));
  const others = terms.filter((t) => t !== exp);
  if (exp === undefined || !others.every(({ of }) => isLeaf(of))) return undefined;
  const [power, r] = [exp.of, sumOf(others)];
  const z = argument(power as Node<"apply">);
  const above = apply("add", z, apply("log1p", apply("mul", r, apply("exp", negative(z)))));
  const below = apply("add", apply("log", r), apply("log1p", apply("div", power, r)));
  return where(more(power, apply("abs", r)), above, where(more(r, power), below, e));
}

/** exp(z) / (exp(z) + r) where exp(z) may overflow. */
function shareBesideExp(e: Expr): Expr | undefined {
  if (!isApply(e, "div")) return undefined;
  const powers = powersOf(e);
  for (const [f, n] of powers) {
    if (n !== -1 || !isSum(f)) continue;
    const terms = signedTerms(f);
    const exp = terms.find((t) => t.sign === 1 && isApply(t.of, "exp") && powers.get(t.of) === 1)?.of;
    if (exp === undefined || !terms.every(({ of }) => of === exp || isLeaf(of))) continue;
    const z = argument(exp as Node<"apply">);
    const r = sumOf(terms.filter((t) => t.of !== exp));
    const less = apply("add", one, apply("mul", r, apply("exp", negative(z))));
    const rest = [...powers].filter(([g]) => g !== f && g !== exp);
    return where(positive(z), expression(new Map([...rest, [less, -1]])), e);
  }
  return undefined;
}

/** x / cosh(u)^n, which is 0 where cosh(u) overflows, also when x does. */
function decaying(e: Expr): Expr | undefined {
  if (!isApply(e, "mul")) return undefined;
  const powers = powersOf(e);
  const cosh = [...powers].find(([f, n]) => isApply(f, "cosh") && n < 0)?.[0];
  const others = [...powers.keys()].some((f) => f !== cosh && !isLeaf(f));
  return cosh && others ? where(isFinite(cosh), e, num(0)) : undefined;
}

/** 1 ± f(x) by its `complement`, which is 1 − f and keeps the small part where f is nearly 1. */
function lessThanOne(
  e: Expr,
  op: "erf" | "tanh",
  complement: (x: Expr) => readonly Expr[],
): Expr | undefined {
  if (!isSum(e)) return undefined;
  const terms = signedTerms(e);
  for (const a of terms)
    for (const b of terms) {
      const found = factored(b.of, op);
      if (!found || a.sign === -1 || product(found.rest) !== a.of) continue;
      const x = argument(found.f);
      const made = product([...found.rest, ...complement(b.sign === 1 ? negative(x) : x)]);
      const rest = terms.filter((t) => t !== a && t !== b);
      return rest.length === 0 ? made : sumOf([{ sign: 1, of: made }, ...rest]);
    }
  return undefined;
}

// prettier-ignore
export const rows: readonly Row[] = [
  // One minus, one plus, exponentials less one: the small part survives.
  { name: "log1p", from: "log(1 + x)", to: "log1p(x)", holds: "x > -1",
    counterexample: { text: "log(1 + x)", at: { x: 1e-20 } },
    rewrite: (e) => {
      if (!isApply(e, "log") || !isSum(argument(e))) return undefined;
      const terms = signedTerms(argument(e));
      const n = terms.findIndex((t) => t.sign === 1 && isNum(t.of, 1));
      return n < 0 || terms.length < 2 ? undefined : apply("log1p", sumOf(terms.toSpliced(n, 1)));
    } },
  { name: "expm1", from: "exp(x) - 1", to: "expm1(x)", holds: "everywhere",
    counterexample: { text: "exp(x) - 1", at: { x: 1e-20 } },
    rewrite: (e) => pair(e, (a, b) => {
      const found = factored(a, "exp");
      return found && product(found.rest) === b ? product([...found.rest, apply("expm1", argument(found.f))]) : numericExpm1(a, b);
    }) },
  { name: "exponential minus a count", from: "exp(z) - n", to: "abs(z) + abs(n - 1) < 1/4 ? expm1(z) - (n - 1) : exp(z) - n", holds: "everywhere",
    counterexample: { text: "exp(z) - n", at: { z: 1e-12, n: 1 } },
    rewrite: (e) => pair(e, exponentialMinus) },
  { name: "label times an exponential minus a count", from: "t*exp(z) - n", to: "abs(z) < 1/4 and 4*abs(t - n) < abs(n) ? t*expm1(z) + (t - n) : t*exp(z) - n", holds: "everywhere",
    counterexample: { text: "t * exp(z) - n", at: { t: 1, z: 1e-12, n: 1 } },
    rewrite: (e) => pair(e, labelledMinus) },
  { name: "label times an exponential", from: "t*exp(z)", to: "t == 0 ? 0 : t*exp(z)", holds: "everywhere",
    counterexample: { text: "t * exp(z)", at: { t: 0, z: 1000 } },
    always: "a trial has few labels that are 0 at an exponential that overflows",
    rewrite: labelled },
  { name: "logistic loss", from: "softplus(z) - t*z", to: "(z > 0 ? (1 - t)*z : -t*z) + log1p(exp(-abs(z)))", holds: "everywhere",
    counterexample: { text: "softplus(z) - t * z", at: { z: 40, t: 1 } },
    rewrite: (e) => pair(e, logistic) },
  { name: "logistic gradient", from: "sigmoid(z) - t", to: "z > 0 ? (1 - t) - q : q - t, q = sigmoid(-abs(z))", holds: "everywhere",
    counterexample: { text: "sigmoid(z) - t", at: { z: 40, t: 1 } },
    rewrite: (e) => pair(e, sigmoidMinus) },
  ...logisticRows,
  { name: "log of a sigmoid", from: "log(sigmoid(z))", to: "-softplus(-z)", holds: "everywhere",
    counterexample: { text: "log(sigmoid(z))", at: { z: -800 } },
    rewrite: (e) => isApply(e, "log") && isApply(argument(e), "sigmoid") ? negative(apply("softplus", negative(argument(argument(e) as Node<"apply">)))) : undefined },
  { name: "1 - tanh^2", from: "1 - tanh(x)^2", to: "1 / cosh(x)^2", holds: "everywhere",
    counterexample: { text: "1 - tanh(x)^2", at: { x: 20 } },
    rewrite: (e) => pair(e, (a, b) => {
      if (!isNum(a, 1) || !isApply(b, "pow") || !isNum(b.args[1]!, 2) || !isApply(argument(b), "tanh")) return undefined;
      const c = apply("div", one, apply("cosh", argument(argument(b) as Node<"apply">)));
      return apply("mul", c, c);
    }) },
  { name: "1 - cos", from: "1 - cos(x)", to: "2 * sin(x/2)^2", holds: "everywhere",
    counterexample: { text: "1 - cos(x)", at: { x: 1e-9 } },
    rewrite: (e) => pair(e, (a, b) => {
      if (!isNum(a, 1) || !isApply(b, "cos")) return undefined;
      const s = apply("sin", apply("div", argument(b), num(2)));
      return apply("mul", num(2), s, s);
    }) },
  { name: "difference of squares", from: "x^2 - y^2", to: "(x - y) * (x + y)", holds: "everywhere",
    counterexample: { text: "x^2 - y^2", at: { x: 1 + 2 ** -40, y: 1 } },
    rewrite: (e) => pair(e, (a, b) => {
      const square = (f: Expr): Expr | undefined => (isApply(f, "pow") && isNum(f.args[1]!, 2) && isLeaf(argument(f)) ? argument(f) : undefined);
      const [x, y] = [square(a), isNum(b, 1) ? one : square(b)];
      return x && y ? apply("mul", apply("sub", x, y), apply("add", x, y)) : undefined;
    }) },
  { name: "complement of erf", from: "1 - erf(x)", to: "erfc(x)", holds: "everywhere",
    counterexample: { text: "1 - erf(x)", at: { x: 5 } },
    rewrite: (e) => lessThanOne(e, "erf", (x) => [apply("erfc", x)]) },
  { name: "complement of tanh", from: "1 - tanh(x)", to: "2 * sigmoid(-2*x)", holds: "everywhere",
    counterexample: { text: "1 - tanh(x)", at: { x: 20 } },
    rewrite: (e) => lessThanOne(e, "tanh", (x) => [num(2), apply("sigmoid", apply("mul", num(2), negative(x)))]) },
  ...normalRows,
  { name: "root less its main part", from: "sqrt(1 + u) - 1", to: "u / (sqrt(1 + u) + 1) where u < 3", holds: "everywhere",
    counterexample: { text: "sqrt(1 + x^2) - 1", at: { x: 1e-7 } },
    rewrite: (e) => pair(e, rootLess) },
  { name: "power less one", from: "(1 + u)^p - 1", to: "expm1(p * log1p(u)) where it is less than 1/2", holds: "1 + u > 0",
    counterexample: { text: "(1 + u)^p - 1", at: { u: 1e-10, p: 0.3 } },
    rewrite: (e) => pair(e, powerLess) },
  { name: "log of cosh", from: "log(cosh(x))", to: "abs(x) < 1 ? log1p(2 * sinh(x/2)^2) : abs(x) + (log1p(exp(-2*abs(x))) - log(2))", holds: "everywhere",
    counterexample: { text: "log(cosh(x))", at: { x: 1e-5 } },
    rewrite: (e) => {
      if (!isApply(e, "log") || !isApply(argument(e), "cosh")) return undefined;
      const x = argument(argument(e) as Node<"apply">);
      const near = apply("log1p", apply("mul", num(2), apply("pow", apply("sinh", apply("div", x, num(2))), num(2))));
      const far = apply("sub", apply("log1p", apply("exp", apply("mul", num(-2), apply("abs", x)))), apply("log", num(2)));
      return where(apply("lt", apply("abs", x), one), near, apply("add", apply("abs", x), far));
    } },

  // What feeds an exponential must not have lost anything: the size of the exponent multiplies the loss.
  { name: "power of a probability", from: "exp(-g * softplus(u))", to: "exp(-g * max(0, u) - g * softplus(-abs(u)))", holds: "everywhere",
    counterexample: { text: "exp(-g * softplus(u))", at: { g: 1.9, u: 371.7 } },
    rewrite: focal },
  { name: "exponential of a sum", from: "exp(x - y)", to: "exp(hi) + exp(hi) * lo, hi + lo = x - y", holds: "lo is at most half an ulp of hi, so its square does not count",
    counterexample: { text: "exp(x - y)", at: { x: 0.1, y: 700.3 } },
    rewrite: (e) => { const terms = ofSum(e, "exp"); return terms && expsum(terms); } },
  { name: "softplus of a sum", from: "softplus(x - y)", to: "x - y > 0 ? x - y + log1p(exp(y - x)) : log1p(exp(x - y))", holds: "everywhere",
    counterexample: { text: "softplus(x - y)", at: { x: 0.1, y: 700.3 } },
    rewrite: (e) => {
      const terms = ofSum(e, "softplus");
      return terms && where(positive(argument(e as Node<"apply">)), apply("exactsum", ...terms, apply("log1p", expsum(terms.map(negative)))), apply("log1p", expsum(terms)));
    } },
  { name: "sigmoid of a sum", from: "sigmoid(x - y)", to: "x - y > 0 ? 1 / (1 + exp(y - x)) : exp(x - y) / (1 + exp(x - y))", holds: "everywhere",
    counterexample: { text: "sigmoid(x - y)", at: { x: 0.1, y: 700.3 } },
    rewrite: (e) => {
      const terms = ofSum(e, "sigmoid");
      if (!terms) return undefined;
      const [high, low] = [expsum(terms.map(negative)), expsum(terms)];
      return where(positive(argument(e as Node<"apply">)), apply("div", one, apply("add", one, high)), apply("div", low, apply("add", one, low)));
    } },
  { name: "sum whose terms cancel", from: "x - y + z", to: "x - y + z with one rounding", holds: "everywhere; to the last bit where x, y, z are inputs as they stand",
    counterexample: { text: "x - y + z", at: { x: 1000.1, y: -0.3, z: -1000.4 } },
    rewrite: cancelling },

  // Products, quotients and sums that overflow only on the way.
  { name: "Euclidean norm", from: "sqrt(sum(d, x[d]^2))", to: "2^600 * sqrt(sum(d, (x[d] / 2^600)^2)) where the sum overflows, the other way round where it underflows", holds: "everywhere",
    counterexample: { text: "sqrt(sum(d, x[d]^2))", at: { x: [3e200, 4e200] } },
    rewrite: scaledNorm },
  { name: "power of a sum of squares", from: "(1 + x^2)^p", to: "hypot(1, x)^(2*p) where the sum overflows", holds: "everywhere",
    counterexample: { text: "(1 + x^2)^p", at: { x: 1e200, p: 0.5 } },
    rewrite: (e) => {
      if (!isApply(e, "pow") || isNum(e.args[1]!, 2)) return undefined;
      const roots = squared(argument(e));
      return roots && where(isFinite(argument(e)), e, apply("pow", apply("hypot", ...roots), apply("mul", num(2), e.args[1]!)));
    } },
  { name: "log of one and a square", from: "log1p(x^2)", to: "2*log(abs(x)) where x^2 overflows", holds: "1 is less than an ulp of it there",
    counterexample: { text: "log1p(x^2)", at: { x: 1e200 } },
    rewrite: largeLog1p },
  { name: "quotient by one and a square", from: "x / (1 + x^2)", to: "1 / x where x^2 overflows", holds: "1 is less than an ulp of x^2 there",
    counterexample: { text: "x / (1 + x^2)", at: { x: 1e200 } },
    rewrite: largeQuotient },
  { name: "quotient of hyperbolic functions", from: "sinh(x) / cosh(x)", to: "tanh(x)", holds: "everywhere",
    counterexample: { text: "sinh(x) / cosh(x)", at: { x: 800 } },
    rewrite: tanhOf },
  { name: "quotient by a hyperbolic cosine", from: "x / cosh(u)^2", to: "0 where cosh(u) overflows", holds: "x is less than cosh(u)",
    counterexample: { text: "(1 / cosh(z)) * (1 / cosh(z)) * (z^3 + z)", at: { z: 1e200 } },
    rewrite: decaying },
  { name: "hypotenuse", from: "sqrt(x^2 + y^2)", to: "hypot(x, y)", holds: "everywhere",
    counterexample: { text: "sqrt(x^2 + y^2)", at: { x: 3e200, y: 4e200 } },
    rewrite: (e) => {
      const roots = isApply(e, "sqrt") ? squared(argument(e)) : undefined;
      return roots && apply("hypot", ...roots);
    } },
  { name: "log of an exponential and a value", from: "log(exp(z) + r)", to: "exp(z) > 4*abs(r) ? z + log1p(r*exp(-z)) : r > 4*exp(z) ? log(r) + log1p(exp(z)/r) : log(exp(z) + r)", holds: "everywhere",
    counterexample: { text: "log(exp(z) + r)", at: { z: 800, r: 2 } },
    rewrite: logBesideExp },
  { name: "share of an exponential beside a value", from: "exp(z) / (exp(z) + r)", to: "z > 0 ? 1 / (1 + r*exp(-z)) : exp(z) / (exp(z) + r)", holds: "everywhere",
    counterexample: { text: "exp(z) / (exp(z) + r)", at: { z: 800, r: 2 } },
    rewrite: shareBesideExp },
  { name: "quotient of exponentials", from: "exp(x) / exp(y)", to: "exp(x - y)", holds: "everywhere",
    counterexample: { text: "exp(x) / exp(y)", at: { x: 1000, y: 999 } },
    rewrite: (e) => isApply(e, "div") && isApply(e.args[0]!, "exp") && isApply(e.args[1]!, "exp")
      ? expsum([argument(e.args[0]), negative(argument(e.args[1]))]) : undefined },
  { name: "mean", from: "sum(i, x[i]) / n", to: "compensated; where the sum overflows, of x[i]/2^64", holds: "everywhere",
    counterexample: { text: "mean(i, x[i])", at: { x: [1.5e308, 1.5e308, -1.5e308] } },
    always: "a trial has few terms",
    rewrite: mean },
  { name: "scaled sum", from: "a * sum(d, w[d]^2)", to: "sum(d, a * w[d] * w[d]) where the sum overflows", holds: "everywhere",
    counterexample: { text: "a * sum(d, w[d]^2)", at: { a: 0, w: [1e200] } },
    always: "a trial has few terms",
    rewrite: scaledSum },
  { name: "scale before product", from: "2 * x / n", to: "x * (2 / n)", holds: "everywhere",
    counterexample: { text: "2 * x / extent(v, 0) + 0 * v[0]", at: { x: 1.5e308, v: [0, 0, 0, 0] } },
    rewrite: ratioFirst },
];
