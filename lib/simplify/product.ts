/**
 * Products in normal form: flat, one factor a base, conditions kept consistent.
 *
 * A condition in a product is an Iverson factor [p]. The other factors only matter
 * where all conditions hold, so they are simplified under them: [k = y]·f(k) is
 * [k = y]·f(y), and contradicting conditions make the product 0 (true over the reals:
 * at 0 · ∞ the condition selects, as the emitted code does).
 */
import { apply, num, type Expr } from "../expr/node.ts";
import type { Algebra } from "./algebra.ts";
import { both, conjuncts, never } from "./condition.ts";
import { invertRatio, mulRatio, one, type Ratio } from "./ratio.ts";
import { exprOf, factorsOf, numeric, summands, termOf } from "./term.ts";
import { isFinite } from "./outside.ts";
import { rewriteProduct } from "./product-rules.ts";

export function product(factors: readonly Expr[], s: Algebra): Expr {
  let coefficient: Ratio = one;
  const loose: Expr[] = [];
  const conditions: Expr[] = [];
  const powers = new Map<Expr, Expr[]>();
  const take = (f: Expr): void => {
    const value = numeric(f);
    const folded = value && mulRatio(coefficient, value);
    if (folded) coefficient = folded;
    else if (f.kind === "apply" && f.op === "iverson") conditions.push(f.args[0]!);
    else if (f.kind === "apply" && f.op === "pow" && f.args[1]!.kind === "num")
      push(powers, f.args[0]!, f.args[1]!);
    else if (f.kind === "apply" && f.op === "pow") loose.push(f);
    else push(powers, f, num(1));
  };
  const flat = factors.flatMap(factorsOf);
  const alone = flat.every((f) => numeric(f) !== undefined || isSum(f)) && flat.filter(isSum).length === 1;
  for (const f of alone ? flat : flat.flatMap((g) => primitive(g, s))) take(f);
  if (coefficient.n === 0) return num(0);
  if (oppositesMet(powers)) coefficient = { n: -coefficient.n, d: coefficient.d };

  const condition = both(conditions, s);
  if (condition === never) return s.record("contradiction", apply("mul", ...factors, num(1)), num(0));
  const all = conjuncts(condition);
  const guards = all.filter((g) => !hingeAbsorbs(g, powers, loose));
  const merged = [...powers].flatMap(([base, exponents]) =>
    exponents.length === 1 ? [rejoin(base, exponents[0]!)] : factorsOf(s.pow(base, s.add(exponents))),
  );
  const under = [...merged, ...loose].map((f) => (guards.length > 0 ? s.assume(f, guards) : f));
  const plain = rewriteProduct(under, s);
  const before = [...merged, ...loose];
  // Factors that met may have left a number: x·x^-1.
  const changed =
    plain.length !== before.length || plain.some((f, n) => f !== before[n] || folds(f, coefficient));
  if (changed)
    return product(
      [exprOf({ coefficient, factors: [] }), ...plain, ...guards.map((g) => apply("iverson", g))],
      s,
    );
  return assemble(coefficient, plain, guards, s);
}

/** Whether a factor is a number that the coefficient can take up. */
function folds(f: Expr, coefficient: Ratio): boolean {
  const value = numeric(f);
  return value !== undefined && mulRatio(coefficient, value) !== undefined;
}

/**
 * [x > 0]·x^n is max(0, x)^n, and a hinge needs no condition that it is positive; but the
 * condition stays where it keeps another factor from being evaluated, as in [x > 0]·x·log(x).
 * The base x is replaced in `powers`; true when the condition may go.
 */
function hingeAbsorbs(guard: Expr, powers: Map<Expr, Expr[]>, loose: readonly Expr[]): boolean {
  if (guard.kind !== "apply" || guard.op !== "gt") return false;
  const factors = [...powers].flatMap(([base, exponents]) => exponents.map((n) => rejoin(base, n)));
  if (![...factors, ...loose].every(isFinite)) return false;
  const x = guard.args[0]!;
  const hinge = apply("max", num(0), x);
  for (const base of [hinge, x]) {
    const exponents = powers.get(base);
    if (!exponents?.every((n) => n.kind === "num" && n.value > 0)) continue;
    powers.delete(base);
    for (const n of exponents) push(powers, hinge, n);
    return true;
  }
  return false;
}

/**
 * Of two sums that are each other's negatives, (p - 2)·(2 - p)^-1, the first takes up the powers of the second;
 * true when that leaves a sign.
 */
function oppositesMet(powers: Map<Expr, Expr[]>): boolean {
  const sums = [...powers.keys()].filter(isSum);
  let isNegative = false;
  for (const [n, sum] of sums.entries())
    for (const other of sums.slice(n + 1)) {
      const exponents = powers.get(other) ?? [];
      const whole = exponents.flatMap((e) =>
        e.kind === "num" && Number.isSafeInteger(e.value) ? [e.value] : [],
      );
      if (whole.length === 0 || whole.length < exponents.length || !powers.has(sum)) continue;
      if (!areOpposite(sum, other)) continue;
      powers.delete(other);
      for (const e of exponents) push(powers, sum, e);
      if (whole.reduce((a, b) => a + b) % 2 !== 0) isNegative = !isNegative;
    }
  return isNegative;
}

/** Whether two sums have the same terms with the other signs. */
function areOpposite(a: Expr, b: Expr): boolean {
  const [own, other] = [summands(a).map(termOf), summands(b).map(termOf)];
  return (
    own.length === other.length &&
    own.every(({ coefficient, factors }) =>
      other.some(
        (t) =>
          t.coefficient.n === -coefficient.n &&
          t.coefficient.d === coefficient.d &&
          t.factors.length === factors.length &&
          factors.every((f, n) => f === t.factors[n]),
      ),
    )
  );
}

const rejoin = (base: Expr, exponent: Expr): Expr =>
  exponent.kind === "num" && exponent.value === 1 ? base : apply("pow", base, exponent);

function assemble(coefficient: Ratio, plain: readonly Expr[], guards: readonly Expr[], s: Algebra): Expr {
  const only = plain[0];
  // A number times a sum is the sum of the multiples, so that like terms meet.
  if (
    plain.length === 1 &&
    guards.length === 0 &&
    only?.kind === "apply" &&
    only.op === "add" &&
    (coefficient.n !== 1 || coefficient.d !== 1)
  ) {
    const multiples = only.args.map((t) => {
      const term = termOf(t);
      const c = mulRatio(term.coefficient, coefficient);
      return c && exprOf({ coefficient: c, factors: term.factors });
    });
    if (multiples.every((m) => m !== undefined)) return s.add(multiples);
  }
  const sorted = [...plain, ...guards.map((g) => apply("iverson", g))].toSorted(s.compare);
  return exprOf({ coefficient, factors: sorted });
}

const isGuard = (f: Expr): boolean => f.kind === "apply" && f.op === "iverson";
const isSum = (f: Expr): boolean => f.kind === "apply" && f.op === "add";

/**
 * A sum among other factors, its numeric content and sign in front, 2·x − 2·t as 2 and x − t, t − x as −1 and x − t;
 * and the conditions that all its terms have, so that they hold for the other factors too.
 */
function primitive(f: Expr, s: Algebra): readonly Expr[] {
  if (f.kind !== "apply" || f.op !== "add") return [f];
  const terms = f.args.map(termOf);
  const conditions = terms[0]!.factors.filter((g) => isGuard(g) && terms.every((t) => t.factors.includes(g)));
  if (conditions.length > 0) {
    const rest = terms.map((t) =>
      s.mul([exprOf({ ...t, factors: t.factors.filter((g) => !conditions.includes(g)) })]),
    );
    return [...conditions, ...primitive(s.add(rest), s)];
  }
  const first = terms[0]!.coefficient;
  const size = terms.every(
    (t) => Math.abs(t.coefficient.n) === Math.abs(first.n) && t.coefficient.d === first.d,
  )
    ? Math.abs(first.n)
    : 1;
  const content: Ratio = { n: Math.sign(first.n) * size, d: size === 1 ? 1 : first.d };
  if (content.n === 1 && content.d === 1) return [f];
  const inverse = invertRatio(content);
  const reduced = inverse && terms.map((t) => mulRatio(t.coefficient, inverse));
  if (!reduced?.every((c) => c !== undefined)) return [f];
  return [
    exprOf({ coefficient: content, factors: [] }),
    s.add(terms.map((t, n) => exprOf({ coefficient: reduced[n]!, factors: t.factors }))),
  ];
}

function push(map: Map<Expr, Expr[]>, key: Expr, value: Expr): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** The product multiplied out: a list of terms, or undefined when there would be more than `most`. */
export function expand(e: Expr, s: Algebra, most = 24): readonly Expr[] | undefined {
  let terms: Expr[] = [num(1)];
  for (const f of factorsOf(e)) {
    const parts = summands(wholeSquare(f) ?? f);
    const repeat = wholeSquare(f) === undefined ? 1 : 2;
    for (let n = 0; n < repeat; n++) {
      if (terms.length * parts.length > most) return undefined;
      terms = terms.flatMap((t) => parts.map((p) => s.mul([t, p])));
    }
  }
  return terms;
}

/** The base of a squared sum. */
function wholeSquare(f: Expr): Expr | undefined {
  if (f.kind !== "apply" || f.op !== "pow") return undefined;
  const [base, exponent] = f.args;
  return exponent!.kind === "num" && exponent!.value === 2 && base!.kind === "apply" && base!.op === "add"
    ? base
    : undefined;
}
