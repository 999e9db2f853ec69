/**
 * A convex function less its tangent, where both are nearly equal: exp(z) - z - 1 at 0, and x - log(x) - 1 at 1.
 *
 * What is left is of second order, and a series gives it:
 *
 *   exp(z) - z - 1   z^2/2 * (1 + z/3 * (1 + z/4 * (1 + ...)))
 *   d - log1p(d)     w * (d - 2*w^2 * (1/3 + w^2/5 + w^4/7 + ...)), w = d / (2 + d)
 *
 * (the second from log1p(d) = 2*atanh(w)). So are divergences between distributions that are close.
 */
import { apply, num, where, type Expr, type Node } from "../expr/node.ts";
import { partsOf } from "../expr/parts.ts";
import { argument, isApply, isNum, one } from "./pattern.ts";
import { cancelled, expanded } from "./polynomial.ts";
import { expression, powersOf, quotient } from "./powers.ts";
import type { Row } from "./row.ts";
import {
  factors,
  guarded,
  isSum,
  negative,
  opposite,
  product,
  signedTerms,
  sumOf,
  type Signed,
} from "./terms.ts";

/** The longest sum that is looked at. */
const mostTerms = 8;

/** exp(z) - z - 1 to the last digits for |z| < 1: the next term is less than 2/20!. */
export function nearTangent(z: Expr): Expr {
  let series: Expr = one;
  for (let n = 19; n >= 3; n--) series = apply("add", one, apply("mul", apply("div", z, num(n)), series));
  return apply("mul", apply("div", apply("mul", z, z), num(2)), series);
}

const expLessTangent = (z: Expr): Expr =>
  where(apply("lt", apply("abs", z), one), nearTangent(z), apply("sub", apply("expm1", z), z));

/** d - log1p(d) to the last digits for 1/2 < 1 + d < 2, where w^2 < 1/9; elsewhere x - log(x) - 1. */
function lessLog(x: Expr, d: Expr): Expr {
  const far = apply("sub", apply("sub", x, one), apply("log", x));
  return where(apply("and", apply("gt", x, num(0.5)), apply("lt", x, num(2))), nearLog(d), far);
}

/** d - log1p(d), by the same. */
export function lessLog1p(d: Expr): Expr {
  const near = apply("and", apply("gt", d, num(-0.5)), apply("lt", d, one));
  return where(near, nearLog(d), apply("sub", d, apply("log1p", d)));
}

function nearLog(d: Expr): Expr {
  const w = apply("div", d, apply("add", num(2), d));
  const square = apply("mul", w, w);
  let series: Expr = apply("div", one, num(35));
  for (let n = 33; n >= 3; n -= 2) series = apply("add", num(1 / n), apply("mul", square, series));
  return apply("mul", w, apply("sub", d, apply("mul", apply("mul", num(2), square), series)));
}

/** What a sum has besides `part`; undefined unless that has all of its terms. */
function besides(terms: readonly Signed[], part: Expr): readonly Signed[] | undefined {
  const parts = expanded(part);
  if (!parts || parts.length < 2) return undefined;
  const left = withoutZero(cancelled([...terms, ...opposite(parts)]));
  return left.length <= terms.length - parts.length ? left : undefined;
}

/** Numbers that are 0 together left out, however they are written: 0.5 - 1/2. */
function withoutZero(terms: readonly Signed[]): readonly Signed[] {
  const values = terms.map(({ sign, of }) => sign * valueOf(of));
  const all = values.reduce((sum, x) => sum + (Number.isNaN(x) ? 0 : x), 0);
  return all === 0 ? terms.filter((_, n) => Number.isNaN(values[n]!)) : terms;
}

/** The value of a product of numbers; NaN for others. */
const valueOf = (e: Expr): number =>
  [...powersOf(e)].reduce((c, [f, n]) => (f.kind === "num" ? c * f.value ** n : NaN), 1);

/** A term with a factor f(x), by which it is multiplied. */
interface Times {
  readonly f: Node<"apply">;
  readonly by: Expr;
}

function timesOf({ sign, of }: Signed, op: "exp" | "log", wanted: 1 | -1): Times | undefined {
  const powers = powersOf(of);
  const f = [...powers.keys()].find((g) => (op === "exp" ? isExponential(g) : isApply(g, op)));
  if (f?.kind !== "apply" || powers.get(f) !== 1) return undefined;
  const by = expression(quotient(powers, new Map([[f, 1]])));
  return { f, by: sign === wanted ? by : negative(by) };
}

function termsOf(e: Expr): readonly Signed[] | undefined {
  if (!isSum(e) || signedTerms(e).length > mostTerms) return undefined;
  const terms = spread(e).map(({ sign, of }) => ({ sign, of: oneExponential(of) }));
  return terms.length >= 2 && terms.length <= mostTerms ? terms : undefined;
}

/** The terms of a sum, products of sums that have exponentials in them multiplied out. */
function spread(e: Expr): readonly Signed[] {
  return signedTerms(e).flatMap((t): readonly Signed[] => {
    const powers = powersOf(t.of);
    const sum = [...powers].find(([f, n]) => n === 1 && isSum(f) && signedTerms(f).some(hasExponential))?.[0];
    if (sum === undefined) return [t];
    const by = quotient(powers, new Map([[sum, 1]]));
    const times = ({ sign, of }: Signed): Signed => ({
      sign: sign === t.sign ? 1 : -1,
      of: expression(powersOf(of, 1, new Map(by))),
    });
    return signedTerms(sum).map(times);
  });
}

const hasExponential = ({ of }: Signed): boolean => [...powersOf(of).keys()].some(isExponential);

/** exp(x)*exp(y) as exp(x + y). */
function oneExponential(e: Expr): Expr {
  const powers = powersOf(e);
  const exps = [...powers].filter(([f, n]) => isExponential(f) && Math.abs(n) === 1);
  if (exps.length < 2) return e;
  const z = exps.flatMap(([f, n]) => (n === 1 ? exponentOf(f) : opposite(exponentOf(f))));
  const rest = [...powers].filter(([f]) => !exps.some(([g]) => g === f));
  return expression(new Map([...rest, [apply("exp", sumOf(z)), 1]]));
}

const isExponential = (e: Expr): e is Node<"apply"> => isApply(e, "exp") || isApply(e, "expsum");

const exponentOf = (e: Expr): readonly Signed[] =>
  isExponential(e) ? e.args.flatMap((a) => signedTerms(a)) : [];

const times = (by: Expr, e: Expr): Expr =>
  by === num(-1)
    ? negative(e)
    : by.kind === "apply" && by.op === "neg"
      ? negative(times(by.args[0]!, e))
      : product([...factors(by), e]);

function exponential(e: Expr): Expr | undefined {
  const terms = termsOf(e);
  for (const t of terms ?? []) {
    const found = timesOf(t, "exp", 1);
    if (!found) continue;
    const z = sumOf(exponentOf(found.f));
    const line = sumOf([{ sign: 1, of: found.f }, ...opposite(signedTerms(z)), { sign: -1, of: one }]);
    const left = besides(terms!, times(found.by, line));
    if (left)
      return sumOf([{ sign: 1, of: times(found.by, expLessTangent(z)) }, ...left.map(whereItIsThere)]);
  }
  return undefined;
}

/** 1 - (exp(u) + c)*exp(-v), the exponentials in one. */
function exponentialsMeet(e: Expr): Expr | undefined {
  const terms = termsOf(e);
  for (const t of terms ?? []) {
    const found = timesOf(t, "exp", 1);
    if (!found || partsOf(e).has(found.f)) continue;
    const less = sumOf([
      { sign: 1, of: found.f },
      { sign: -1, of: one },
    ]);
    const left = besides(terms!, times(found.by, less));
    const z = sumOf(exponentOf(found.f));
    if (left)
      return sumOf([{ sign: 1, of: times(found.by, apply("expm1", z)) }, ...left.map(whereItIsThere)]);
  }
  return undefined;
}

/** c*exp(z) as 0 where c is. */
function whereItIsThere({ sign, of }: Signed): Signed {
  const found = timesOf({ sign: 1, of }, "exp", 1);
  return { sign, of: found && found.by.kind !== "num" ? guarded(found.by, found.f) : of };
}

function logarithm(e: Expr): Expr | undefined {
  const terms = termsOf(e);
  for (const t of terms ?? []) {
    const found = timesOf(t, "log", -1);
    if (!found || isNum(argument(found.f), 2)) continue;
    const x = argument(found.f);
    const line = sumOf([
      { sign: 1, of: x },
      { sign: -1, of: found.f },
      { sign: -1, of: one },
    ]);
    const left = besides(terms!, times(found.by, line));
    if (left) return sumOf([{ sign: 1, of: times(found.by, lessLog(x, apply("sub", x, one))) }, ...left]);
    const ratio = quotientOfLogs(terms!, found);
    if (ratio) return ratio;
  }
  return undefined;
}

/** a/b - (log(a) - log(b)) - 1. */
function quotientOfLogs(terms: readonly Signed[], { f, by }: Times): Expr | undefined {
  for (const u of terms) {
    const other = timesOf(u, "log", 1);
    if (!other || other.by !== by) continue;
    const [a, b] = [argument(f), argument(other.f)];
    const x = apply("div", a, b);
    const line: readonly Signed[] = [
      { sign: 1, of: x },
      { sign: -1, of: f },
      { sign: 1, of: other.f },
      { sign: -1, of: one },
    ];
    const left = besides(terms, times(by, sumOf(line)));
    if (left)
      return sumOf([{ sign: 1, of: times(by, lessLog(x, apply("div", apply("sub", a, b), b))) }, ...left]);
  }
  return undefined;
}

// prettier-ignore
export const tangentRows: readonly Row[] = [
  { name: "exponential less its tangent", from: "exp(z) - z - 1", to: "abs(z) < 1 ? z^2/2 * (1 + z/3 * (1 + z/4 * ...)) : expm1(z) - z", holds: "everywhere, to the digits of a double",
    counterexample: { text: "exp(z) - z - 1", at: { z: 1e-7 } },
    digits: 16,
    rewrite: exponential },
  { name: "exponentials in one, less one", from: "1 - (exp(u) + c)*exp(-v)", to: "-expm1(u - v) - c*exp(-v)", holds: "everywhere",
    counterexample: { text: "1 - (exp(u) + c) * exp(-v)", at: { u: 1e-12, v: 3e-12, c: 0 } },
    rewrite: exponentialsMeet },
  { name: "value less its log", from: "x - log(x) - 1", to: "1/2 < x < 2 ? w * (d - 2*w^2 * (1/3 + w^2/5 + ...)) : x - log(x) - 1, d = x - 1, w = d / (2 + d)", holds: "everywhere, to the digits of a double",
    counterexample: { text: "x - log(x) - 1", at: { x: 1 + 2 ** -30 } },
    digits: 16,
    always: "a trial has few points at which x is nearly 1",
    has: "log",
    rewrite: logarithm },
];
