/**
 * Conditions in normal form.
 *
 * Comparisons have 0 on the right. Integers: `L >= 0`, `L == 0`, `L != 0` with L a
 * linear form. Reals: `d > 0`, `d >= 0`, `d == 0`, `d != 0`. What the ranges of
 * indices and labels decide is decided: `always` and `never` are the two constants.
 * Over the reals: the negation of d > 0 is −d ≥ 0, so a NaN satisfies neither.
 */
import { apply, listKey, num, type Expr } from "../expr/node.ts";
import type { Type } from "../expr/ops.ts";
import type { Algebra } from "./algebra.ts";
import { answers } from "./answers.ts";
import {
  combined,
  linearOf,
  multipleIsNonnegative,
  provablyNonnegative,
  provablyNonnegativeLinear,
} from "./linear.ts";
import { exprOf, summands, termOf } from "./term.ts";
import { isNonnegative, isPositive } from "./sign.ts";
import { gcd, invertRatio, mulRatio, ratio } from "./ratio.ts";

const zero = num(0);
export const always: Expr = apply("eq", zero, zero);
export const never: Expr = apply("ne", zero, zero);

export type Relation = "gt" | "ge" | "eq" | "ne";

export function compare(op: "lt" | "le" | Relation, a: Expr, b: Expr, s: Algebra): Expr {
  const minus = (x: Expr, y: Expr, plus = 0): Expr => s.add([x, s.mul([num(-1), y]), num(plus)]);
  const integers = a.type === "int" && b.type === "int";
  switch (op) {
    case "gt":
      return integers ? relation("ge", minus(a, b, -1), s) : relation("gt", minus(a, b), s);
    case "lt":
      return integers ? relation("ge", minus(b, a, -1), s) : relation("gt", minus(b, a), s);
    case "ge":
      return relation("ge", minus(a, b), s);
    case "le":
      return relation("ge", minus(b, a), s);
    case "eq":
    case "ne":
      return relation(op, minus(a, b), s);
  }
}

/** `form op 0`, decided where it can be. */
export function relation(op: Relation, form: Expr, s: Algebra): Expr {
  if (form.kind === "num") return holds(op, form.value) ? always : never;
  const integer = form.type === "int";
  if (integer && op === "gt") return relation("ge", s.add([form, num(-1)]), s);
  const reduced = integer
    ? op === "eq" || op === "ne"
      ? withoutDivisor(form, s)
      : form
    : scaledDown(form, s);
  if (reduced === undefined) return op === "eq" ? never : always;
  if (reduced !== form) return relation(op, reduced, s);
  if (op === "eq" || op === "ne") {
    if (integer && excludesZero(form, s)) return op === "eq" ? never : always;
    if (!integer && isPositive(form)) return op === "eq" ? never : always;
    return apply(op, leadPositive(form, s), zero);
  }
  if (integer) {
    if (provablyNonnegative(form, s)) return always;
    if (multipleIsNonnegative(-1, form, -1, s)) return never;
    return apply("ge", form, zero);
  }
  const negated = s.mul([num(-1), form]);
  if (op === "gt" ? isPositive(form) : isNonnegative(form)) return always;
  if (op === "gt" ? isNonnegative(negated) : isPositive(negated)) return never;
  return apply(op, form, zero);
}

const holds = (op: Relation, value: number): boolean =>
  op === "gt" ? value > 0 : op === "ge" ? value >= 0 : op === "eq" ? value === 0 : value !== 0;

const excludesZero = (form: Expr, s: Algebra): boolean =>
  multipleIsNonnegative(1, form, -1, s) || multipleIsNonnegative(-1, form, -1, s);

/** ±form, whichever has a positive first coefficient. */
export const leadPositive = (form: Expr, s: Algebra): Expr =>
  termOf(summands(form)[0]!).coefficient.n < 0 ? s.mul([num(-1), form]) : form;

/**
 * An integer form divided by what divides the coefficients of all that varies in it; the same form when
 * that is 1, and undefined when it does not divide the constant: 2·i − 2·j + 1 is never 0.
 */
function withoutDivisor(form: Expr, s: Algebra): Expr | undefined {
  const terms = summands(form).map(termOf);
  if (!terms.every((t) => t.coefficient.d === 1 && Number.isSafeInteger(t.coefficient.n))) return form;
  const divisor = terms.reduce((g, t) => (t.factors.length === 0 ? g : gcd(g, Math.abs(t.coefficient.n))), 0);
  if (divisor <= 1) return form;
  if (terms.some((t) => t.coefficient.n % divisor !== 0)) return undefined;
  return s.add(
    terms.map((t) => s.mul([exprOf({ coefficient: ratio(t.coefficient.n / divisor), factors: t.factors })])),
  );
}

/** A real form without what divides all its terms and is known to be positive: numbers, exponentials, sizes. */
function scaledDown(form: Expr, s: Algebra): Expr {
  const terms = summands(form).map(termOf);
  const shared = terms[0]!.factors.filter((f) => isPositive(f) && terms.every((t) => t.factors.includes(f)));
  const inverse = invertRatio(ratio(Math.abs(terms[0]!.coefficient.n), terms[0]!.coefficient.d));
  const whole = inverse !== undefined && terms.every((t) => mulRatio(t.coefficient, inverse) !== undefined);
  if (shared.length === 0 && (!whole || (inverse.n === 1 && inverse.d === 1))) return form;
  return s.add(
    terms.map((t) =>
      s.mul([
        exprOf({
          coefficient: whole ? mulRatio(t.coefficient, inverse)! : t.coefficient,
          factors: t.factors.filter((f) => !shared.includes(f)),
        }),
      ]),
    ),
  );
}

const negations = answers<Expr, Expr>();

export const negate = (condition: Expr, s: Algebra): Expr =>
  negations(s, condition, () => negation(condition, s));

function negation(condition: Expr, s: Algebra): Expr {
  if (condition.kind !== "apply") return apply("not", condition);
  const [form] = condition.args;
  switch (condition.op) {
    case "eq":
      return relation("ne", form!, s);
    case "ne":
      return relation("eq", form!, s);
    case "gt":
      return relation("ge", s.mul([num(-1), form!]), s);
    case "ge":
      return form!.type === "int"
        ? relation("ge", s.add([s.mul([num(-1), form!]), num(-1)]), s)
        : relation("gt", s.mul([num(-1), form!]), s);
    case "and":
      return either(
        condition.args.map((c) => negate(c, s)),
        s,
      );
    case "or":
      return both(
        condition.args.map((c) => negate(c, s)),
        s,
      );
    case "not":
      return form!;
    default:
      return apply("not", condition);
  }
}

/** The conjuncts of a condition in normal form; none for `always`. */
export const conjuncts = (condition: Expr | undefined): readonly Expr[] =>
  condition === undefined || condition === always
    ? []
    : condition.kind === "apply" && condition.op === "and"
      ? condition.args
      : [condition];

const conjunctions = answers<string | number, Expr>();

/** The conjunction, with what the others imply left out; `never` when they contradict each other. */
export const both = (conditions: readonly Expr[], s: Algebra): Expr =>
  conditions.length === 0 ? always : conjunctions(s, listKey(conditions), () => conjunction(conditions, s));

function conjunction(conditions: readonly Expr[], s: Algebra): Expr {
  const kept: Expr[] = [];
  const all = conditions.flatMap(conjuncts);
  for (const [m, c] of all.entries()) {
    if (c === never || kept.some((k) => contradicts(k, c, s))) return never;
    if (kept.some((k) => implies(k, c, s))) continue;
    for (let n = kept.length - 1; n >= 0; n--) if (implies(c, kept[n]!, s)) kept.splice(n, 1);
    const other = kept.find((k) => strictly(k, c, s) !== undefined);
    if (other !== undefined)
      return conjunction(
        [...kept.filter((k) => k !== other), strictly(other, c, s)!, ...all.slice(m + 1)],
        s,
      );
    kept.push(c);
  }
  kept.sort(s.compare);
  return kept.length === 0 ? always : kept.length === 1 ? kept[0]! : apply("and", ...kept);
}

/** a ≥ 0 and a ≠ 0 is a > 0, in either order; undefined for all others. */
function strictly(a: Expr, b: Expr, s: Algebra): Expr | undefined {
  const [p, q] = [relationOf(a), relationOf(b)];
  if (p?.op === "ne" && q?.op === "ge") return strictly(b, a, s);
  if (p?.op !== "ge" || q?.op !== "ne") return undefined;
  const same = q.form === p.form || q.form === s.mul([num(-1), p.form]);
  return same ? relation("gt", p.form, s) : undefined;
}

export function either(conditions: readonly Expr[], s: Algebra): Expr {
  const kept: Expr[] = [];
  for (const c of conditions.flatMap((c) => (c.kind === "apply" && c.op === "or" ? c.args : [c]))) {
    if (c === always || kept.some((k) => implies(negate(k, s), c, s))) return always;
    if (c === never || kept.some((k) => implies(c, k, s))) continue;
    for (let n = kept.length - 1; n >= 0; n--) if (implies(kept[n]!, c, s)) kept.splice(n, 1);
    kept.push(c);
  }
  kept.sort(s.compare);
  return kept.length === 0 ? never : kept.length === 1 ? kept[0]! : apply("or", ...kept);
}

interface RelationToZero {
  readonly op: Relation;
  readonly form: Expr;
}

const relationOf = (c: Expr): RelationToZero | undefined =>
  c.kind === "apply" && (c.op === "gt" || c.op === "ge" || c.op === "eq" || c.op === "ne")
    ? { op: c.op, form: c.args[0]! }
    : undefined;

const implications = answers<string | number, boolean>();

/** Whether `a` proves `b`; false when it is not known. */
export function implies(a: Expr, b: Expr, s: Algebra): boolean {
  if (a === b || b === always || a === never) return true;
  const [p, q] = [relationOf(a), relationOf(b)];
  return p && q ? implications(s, listKey([a, b]), () => proves(p, q, s)) : false;
}

function proves(p: RelationToZero, q: RelationToZero, s: Algebra): boolean {
  for (const sign of p.op === "eq" ? [1, -1] : [1]) {
    // q's form is at least the gap where p's form is at least 0
    const gap = gapBetween(q.form, p.form, 1, -sign, s);
    if (gap.value !== undefined && provedBy(p.op, q.op, gap.value)) return true;
    const weaker = q.op === "ge" && p.op !== "ne" && gap.type === "int" && p.form.type === "int";
    if (weaker && gap.isNonnegative()) return true;
  }
  if (q.op === "ne" && (p.op === "gt" || p.op === "ge")) {
    // p ≥ 0 (or > 0) and ±q = p + gap
    for (const sign of [1, -1]) {
      const { value } = gapBetween(q.form, p.form, sign, -1, s);
      if (value !== undefined && (value > 0 || (value === 0 && p.op === "gt"))) return true;
    }
  }
  return false;
}

interface Gap {
  readonly type: Type;
  /** Undefined where it is no number. */
  readonly value: number | undefined;
  readonly isNonnegative: () => boolean;
}

/** m·q + n·p; for indices, labels and sizes in numbers, without an expression of it. */
function gapBetween(q: Expr, p: Expr, m: number, n: number, s: Algebra): Gap {
  const [a, b] = [linearOf(q, s), linearOf(p, s)];
  if (a !== undefined && b !== undefined) {
    const form = combined(a, m, b, n);
    const value = form.coefficients.size === 0 ? form.constant : undefined;
    return { type: "int", value, isNonnegative: () => provablyNonnegativeLinear(form, s) };
  }
  const form = s.add([s.mul([num(m), q]), s.mul([num(n), p])]);
  const value = form.kind === "num" ? form.value : undefined;
  return { type: form.type, value, isNonnegative: () => provablyNonnegative(form, s) };
}

function provedBy(known: Relation, wanted: Relation, gap: number): boolean {
  switch (wanted) {
    case "ge":
      return (known === "ge" || known === "gt" || known === "eq") && gap >= 0;
    case "gt":
      return known === "gt" ? gap >= 0 : (known === "ge" || known === "eq") && gap > 0;
    case "eq":
      return known === "eq" && gap === 0;
    case "ne":
      return known === "eq" ? gap !== 0 : known === "ne" && gap === 0;
  }
}

/** Whether `a` and `b` cannot both hold; false when it is not known. */
export function contradicts(a: Expr, b: Expr, s: Algebra): boolean {
  return implies(a, negate(b, s), s) || implies(b, negate(a, s), s);
}
