/** What feeds an exponential must not have lost anything: the size of the exponent multiplies the loss. */
import { apply, num, where, type Expr, type Node } from "../expr/node.ts";
import type { Op } from "../expr/ops.ts";
import { isApply, argument, isReal, one, pair, factored } from "./pattern.ts";
import type { Row } from "./row.ts";
import { tangentRows } from "./tangents.ts";
import {
  factors,
  isLeaf,
  isSum,
  negative,
  positive,
  product,
  signed,
  signedTerms,
  type Signed,
} from "./terms.ts";

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

/** exp of a sum with what the rounding of it takes. */
export const expsum = (terms: readonly Expr[]): Expr => apply("expsum", ...terms);

/** exp(−|u|) for f of a sum u: one exponential for both signs, which value and gradient share. */
function smallExp(f: Node<"apply">, terms: readonly Expr[]): Expr {
  const sign = where(positive(argument(f)), num(-1, "real"), num(1, "real"));
  return expsum(terms.map((t) => apply("mul", sign, t)));
}

/** c·exp(x − y) − c, near 0 by expm1: far from it, what the rounding of x − y takes counts. */
function expLess(a: Expr, b: Expr): Expr | undefined {
  const found = factored(a, "exp");
  if (!found || product(found.rest) !== b || !signedTerms(argument(found.f)).every((t) => isLeaf(t.of)))
    return undefined;
  const terms = ofSum(found.f, "exp");
  const z = argument(found.f);
  const far = terms && apply("sub", expsum(terms), one);
  return far && product([...found.rest, where(apply("lt", apply("abs", z), one), apply("expm1", z), far)]);
}

/** Whether more than 1 is taken from an exponential: its tangent. */
const isLessTangent = (e: Expr): boolean => tangentRows.some((row) => row.rewrite(e) !== undefined);

/** exp(−|u|) for f(u) of a sum u of values as they stand; undefined for others. */
export function smallExpOfSum(f: Node<"apply">): Expr | undefined {
  const u = argument(f);
  const terms = isSum(u) && summands(u).every((t) => isLeaf(t.of)) ? ofSum(f, f.op) : undefined;
  return terms && smallExp(f, terms);
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

/** A value that is there without rounding, or a product of such. */
const isTerm = (e: Expr): boolean => factors(isApply(e, "neg") ? argument(e) : e).every(isLeaf);

/** More terms than this are not made exact. */
const mostTerms = 6;

function cancelling(e: Expr): Expr | undefined {
  if (!isSum(e) || signedTerms(e).length > mostTerms) return undefined;
  const all = summands(e);
  const terms = all.map(signed);
  if (all.length < 3 || all.length > mostTerms || !terms.every(isTerm) || !all.some((t) => isReal(t.of)))
    return undefined;
  const [a, b, c, d, x, y] = terms;
  if (a === undefined || b === undefined || c === undefined || d === undefined || x === undefined)
    return apply("exactsum", ...terms);
  const lost = apply("add", apply("roundoff", a, b), apply("roundoff", c, d));
  const last = y === undefined ? x : apply("add", x, y);
  const more = y === undefined ? lost : apply("add", lost, apply("roundoff", x, y));
  return apply("exactsum", apply("add", a, b), apply("add", c, d), last, more);
}

// prettier-ignore
export const exponentRows: readonly Row[] = [
  { name: "exponential of a sum less one", from: "exp(x - y) - 1", to: "abs(x - y) < 1 ? expm1(x - y) : exp(x - y) - 1", holds: "everywhere",
    counterexample: { text: "c * exp(x - y) - c", at: { x: 1e-20, y: 3e-20, c: 2 } },
    whole: true,
    has: "exp",
    rewrite: (e) => isLessTangent(e) ? undefined : pair(e, expLess) },
  { name: "power of a probability", from: "exp(-g * softplus(u))", to: "exp(-g * max(0, u) - g * softplus(-abs(u)))", holds: "everywhere",
    counterexample: { text: "exp(-g * softplus(u))", at: { g: 1.9, u: 371.7 } },
    has: "exp",
    rewrite: focal },
  { name: "exponential of a sum", from: "exp(x - y)", to: "exp(hi) + exp(hi) * lo, hi + lo = x - y", holds: "lo is at most half an ulp of hi, so its square does not count",
    counterexample: { text: "exp(x - y)", at: { x: 0.1, y: 700.3 } },
    has: "exp",
    rewrite: (e) => { const terms = ofSum(e, "exp"); return terms && expsum(terms); } },
  { name: "softplus of a sum", from: "softplus(x - y)", to: "x - y > 0 ? x - y + log1p(e) : log1p(e), e = exp(-abs(x - y))", holds: "everywhere",
    counterexample: { text: "softplus(x - y)", at: { x: 0.1, y: 700.3 } },
    has: "softplus",
    rewrite: (e) => {
      const terms = ofSum(e, "softplus");
      if (!terms) return undefined;
      const [isAbove, small] = [positive(argument(e as Node<"apply">)), apply("log1p", smallExp(e as Node<"apply">, terms))];
      return where(isAbove, apply("exactsum", ...terms, small), small);
    } },
  { name: "sigmoid of a sum", from: "sigmoid(x - y)", to: "(x - y > 0 ? 1 : e) / (1 + e), e = exp(-abs(x - y))", holds: "everywhere",
    counterexample: { text: "sigmoid(x - y)", at: { x: 0.1, y: 700.3 } },
    has: "sigmoid",
    rewrite: (e) => {
      const terms = ofSum(e, "sigmoid");
      if (!terms) return undefined;
      const [isAbove, small] = [positive(argument(e as Node<"apply">)), smallExp(e as Node<"apply">, terms)];
      return apply("div", where(isAbove, one, small), apply("add", one, small));
    } },
  { name: "sum whose terms cancel", from: "x - y + z", to: "x - y + z with one rounding", holds: "everywhere; to the last bit where x, y, z are inputs as they stand",
    counterexample: { text: "x - y + z", at: { x: 1000.1, y: -0.3, z: -1000.4 } },
    rewrite: cancelling },
];
