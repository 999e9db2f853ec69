/**
 * Differences in which one coordinate of a vector is nearly all of its length.
 *
 * a[k] / |a| is then nearly ±1, and what two such quotients differ by, or a projection leaves
 * of that coordinate, is made of the other coordinates alone.
 */
import {
  apply,
  at,
  freeIndices,
  num,
  reduce,
  where,
  type Expr,
  type Index,
  type Node,
} from "../expr/node.ts";
import { holdsReduction, partsOf } from "../expr/parts.ts";
import { fresh, substitute } from "../expr/substitute.ts";
import type { Row } from "./row.ts";
import { common, equal, expression, powersOf, quotient, shared, type Powers } from "./powers.ts";
import { leverageReason, residual } from "./leverage.ts";
import { hasSquares, oneLess, quotientReason } from "./quotients.ts";
import { isSum, opposite, signedTerms, sumOf, withoutOpposites, type Signed } from "./terms.ts";

/** The rewrites that are made here, and why. */
// prettier-ignore
export const vectorReasons: readonly Omit<Row, "rewrite">[] = [
  { name: "coordinate less its projection", from: "x[k]*sum(j, f[j]) - y[k]*sum(j, g[j])", to: "x[k]*sum(j != k, f[j]) - y[k]*sum(j != k, g[j]) where k is most of both", holds: "x[k]*f[k] = y[k]*g[k]",
    counterexample: { text: "b[y] * sum(j, a[j]^2) - a[y] * sum(j, a[j] * b[j])", at: { a: [1e9, 1, 2], b: [1e9, 3, 5], y: 0 } } },
  { name: "difference of directions", from: "a[k]/|a| - b[k]/|b|", to: "(sum(j != k, (b[j]/|b|)^2) - sum(j != k, (a[j]/|a|)^2)) / (a[k]/|a| + b[k]/|b|) where k is most of both", holds: "everywhere",
    counterexample: { text: "a[y] / sqrt(sum(j, a[j]^2)) - b[y] / sqrt(sum(j, b[j]^2))", at: { a: [1e9, 1, 2], b: [1e9, 3, 5], y: 0 } } },
  { name: "difference of norms", from: "|a| - |b|", to: "sum(j, (a[j] - b[j]) * (a[j] + b[j]) / (|a| + |b|)) where it is less than a quarter of |a|", holds: "everywhere",
    counterexample: { text: "sqrt(sum(j, (a[j] - p)^2)) - sqrt(sum(j, (a[j] - q)^2))", at: { a: [1000.5, 1, 2], p: 1, q: 1.0000001 } } },
  { name: "one minus a cosine", from: "1 - sum(j, a[j]*b[j]) / (|a|*|b|)", to: "sum(j, (a[j] - c*b[j])^2) / (|a|^2 + c^2*|b|^2), c = |a|/|b|, where it is less than 1/2", holds: "everywhere",
    counterexample: { text: "1 - sum(j, a[j] * b[j]) / (sqrt(sum(j, a[j]^2)) * sqrt(sum(j, b[j]^2)))", at: { a: [1e9, 1, 2], b: [1e9, 3, 5] } } },
  quotientReason,
  leverageReason,
];

type Sum = Node<"reduce">;

/** Gives the body of a definition that is read, with its definitions in turn put in; other expressions as they are. */
export type Meaning = (e: Expr) => Expr;

export interface Other {
  readonly row: string;
  readonly e: Expr;
  /** What of the sum changes, without the terms that stay. */
  readonly before: Expr;
  readonly after: Expr;
  /** Whether it is better without a trial. */
  readonly sure: boolean;
}

interface Named {
  readonly row: string;
  readonly e: Expr;
}

/** The better form of a sum, if it is one of these. */
export function ofVectors(e: Expr, meaning: Meaning): Other | undefined {
  if (!isSum(e)) return undefined;
  const far = residual(e, meaning);
  if (far) return { row: leverageReason.name, e: far, before: e, after: far, sure: false };
  const terms = signedTerms(e);
  const reduces = ({ of }: Signed): boolean => holdsReduction(meaning(of));
  const taken = terms.filter((t) => t.sign === -1 && reduces(t));
  const added = taken.length === 0 ? [] : terms.filter((t) => t.sign === 1);
  // What is less than 1 goes with the 1, whatever else is added.
  for (const a of [...added.filter((t) => isOne(t.of)), ...added.filter((t) => !isOne(t.of) && reduces(t))])
    for (const b of taken) {
      const made =
        named("one minus a cosine", cosine(a.of, b.of, meaning)) ??
        named(quotientReason.name, isOne(a.of) ? oneLess(b.of, meaning) : undefined) ??
        named("difference of norms", norms(a.of, b.of, meaning)) ??
        named(
          "difference of directions",
          whereBoth(a.of, b.of, (x, y) => directions(x, y, meaning)),
        ) ??
        named("coordinate less its projection", projection(a.of, b.of, meaning));
      if (!made) continue;
      const rest: readonly Signed[] = terms.filter((t) => t !== a && t !== b);
      const before = rest.length === 0 ? e : apply("sub", a.of, b.of);
      const sure = made.row === quotientReason.name && hasSquares(made.e);
      return { row: made.row, e: sumOf([{ sign: 1, of: made.e }, ...rest]), before, after: made.e, sure };
    }
  return undefined;
}

const isOne = (e: Expr): boolean => e.kind === "num" && e.value === 1;

const named = (row: string, e: Expr | undefined): Named | undefined => e && { row, e };

/** The difference where both are there, of values that are 0 under some conditions; elsewhere as it stands. */
function whereBoth(a: Expr, b: Expr, difference: (x: Expr, y: Expr) => Expr | undefined): Expr | undefined {
  const [x, y] = [present(a), present(b)];
  const made = difference(x.value, y.value);
  const conditions = [...x.conditions, ...y.conditions];
  if (made === undefined || conditions.length === 0) return made;
  return where(
    conditions.length > 1 ? apply("and", ...conditions) : conditions[0]!,
    made,
    apply("sub", a, b),
  );
}

/** x of [p]·x written as p ? x : 0, and p. */
function present(e: Expr): { readonly conditions: readonly Expr[]; readonly value: Expr } {
  if (e.kind !== "where" || e.else.kind !== "num" || e.else.value !== 0) return { conditions: [], value: e };
  const inner = present(e.then);
  return { conditions: [e.guard, ...inner.conditions], value: inner.value };
}

const isPlainSum = (e: Expr): e is Sum => e.kind === "reduce" && e.op === "sum" && e.guard === undefined;

/** A factor that is a sum, or reads one. */
interface SumFactor {
  /** As it stands, for its value. */
  readonly shown: Expr;
  readonly sum: Sum;
}

function sumFactor(e: Expr, meaning: Meaning): SumFactor | undefined {
  const whole = meaning(e);
  return isPlainSum(whole) ? { shown: e, sum: whole } : undefined;
}

/** √Σ w[j]²: its value as it stands, and w. */
interface Norm {
  readonly shown: Expr;
  readonly over: Index;
  readonly w: Expr;
}

/** Factors of a power of 1/2 or −1/2 that are sums of squares, and reads of their roots. */
function normOf(f: Expr, exponent: number, meaning: Meaning): Norm | undefined {
  const whole = powersOf(meaning(f));
  const [base, inner] = [...whole][0] ?? [];
  if (whole.size !== 1 || base === undefined || inner === undefined) return undefined;
  const sum = meaning(base);
  if (exponent * inner !== -0.5 || !isPlainSum(sum)) return undefined;
  const { over, body } = sum;
  const square = powersOf(body);
  if ([...square.values()].some((n) => n % 2 !== 0)) return undefined;
  const w = expression(new Map([...square].map(([g, n]) => [g, n / 2])));
  return { shown: exponent === -1 ? f : apply("sqrt", f), over, w };
}

const termAt = (e: Expr, over: Index, k: Expr): Expr => substitute(e, new Map([[over, k]]));

/**
 * Σ_{j≠k} (x·f[j] − y·g[j]). One sum, with its factors: what the gradients by two vectors have
 * in common would be computed for all k beforehand.
 */
function leaveOut(k: Expr, [x, f]: readonly [Expr, Sum], [y, g]: readonly [Expr, Sum]): Expr {
  const names = [k, x, y, f, g].flatMap((e) => freeIndices(e)).map((i) => i.name);
  const own = fresh(f.over.name, f.over.extent, new Set(names));
  const term = (factor: Expr, sum: Sum): Expr => product(factor, termAt(sum.body, sum.over, at(own)));
  return reduce("sum", own, apply("ne", at(own), k), apply("precise", apply("sub", term(x, f), term(y, g))));
}

/** Σ_{j≠k} body. */
function without(over: Index, body: Expr, k: Expr): Expr {
  const names = [...freeIndices(k), ...freeIndices(body)].map((i) => i.name);
  const own = fresh(over.name, over.extent, new Set(names));
  return reduce("sum", own, apply("ne", at(own), k), apply("precise", termAt(body, over, at(own))));
}

function projection(a: Expr, b: Expr, meaning: Meaning): Expr | undefined {
  const [pa, pb] = [powersOf(a), powersOf(b)];
  const least = common(pa, pb);
  const [x, y] = [quotient(pa, least), quotient(pb, least)];
  const [f, g] = [onlySum(x, meaning), onlySum(y, meaning)];
  if (!f || !g || f.sum.over.extent !== g.sum.over.extent) return undefined;
  const [xs, ys] = [expression(f.others), expression(g.others)];
  for (const k of subscriptsIn(apply("mul", xs, ys))) {
    const [fk, gk] = [termAt(f.sum.body, f.sum.over, k), termAt(g.sum.body, g.sum.over, k)];
    if (!equal(powersOf(apply("mul", xs, fk)), powersOf(apply("mul", ys, gk)))) continue;
    const rest = leaveOut(k, [xs, f.sum], [ys, g.sum]);
    // Hardly ever is a square most of a sum of squares: that is asked first, and mostly settles it.
    const sides = isSquare(fk) ? ([fk, f, gk, g] as const) : ([gk, g, fk, f] as const);
    return where(
      apply("and", ...anyMost(sides[1]), mostOf(sides[0], sides[1].shown), mostOf(sides[2], sides[3].shown)),
      times(least, rest),
      apply("sub", a, b),
    );
  }
  return undefined;
}

/** Whether any of the squares is most of their sum, which is asked once for all of them. */
function anyMost({ shown, sum: { over, body } }: SumFactor): readonly Expr[] {
  if (!isSquare(body)) return [];
  const root = expression(new Map([...powersOf(body)].map(([f, n]) => [f, n / 2])));
  const greatest = reduce("max", over, undefined, apply("abs", root));
  return [mostOf(apply("mul", greatest, greatest), shown)];
}

const isSquare = (e: Expr): boolean => [...powersOf(e).values()].every((n) => n % 2 === 0);

const times = (powers: Powers, e: Expr): Expr => expression(new Map([[e, 1], ...powers]));
const product = (x: Expr, y: Expr): Expr => (x.kind === "num" && x.value === 1 ? y : apply("mul", x, y));

/** The one factor that is a sum, or the square of the root of one, and the others. */
function onlySum(powers: Powers, meaning: Meaning): (SumFactor & { readonly others: Powers }) | undefined {
  const sums = [...powers].flatMap(([f, exponent]) => {
    const found =
      exponent === 1 ? sumFactor(f, meaning) : exponent === 2 ? squaredRoot(f, meaning) : undefined;
    return found ? [{ ...found, others: quotient(powers, new Map([[f, exponent]])) }] : [];
  });
  return sums.length === 1 ? sums[0] : undefined;
}

/** n² of a read n that is the root of a sum. */
function squaredRoot(f: Expr, meaning: Meaning): SumFactor | undefined {
  const whole = f.kind === "read" ? meaning(f) : f;
  const sum = whole.kind === "apply" && whole.op === "sqrt" ? meaning(whole.args[0]!) : whole;
  return sum !== whole && isPlainSum(sum) ? { shown: apply("mul", f, f), sum } : undefined;
}

function directions(a: Expr, b: Expr, meaning: Meaning): Expr | undefined {
  const [pa, pb] = [powersOf(a), powersOf(b)];
  const both = shared(pa, pb);
  const [x, y] = [quotient(pa, both), quotient(pb, both)];
  if (divisors(x) !== 1 || divisors(y) !== 1) return undefined;
  const [u, v] = [direction(x, meaning), direction(y, meaning)];
  if (!u || !v || u.k !== v.k) return undefined;
  const [p, q] = [ratio(u), ratio(v)];
  const near = apply("and", most(p), most(q), apply("gt", apply("mul", p, q), num(0)));
  const small = apply("div", apply("sub", others(v), others(u)), apply("add", p, q));
  return times(both, where(near, small, apply("sub", p, q)));
}

const divisors = (p: Powers): number => [...p.values()].filter((n) => n < 0).length;

/** w[k] / |w|. */
const ratio = ({ norm, k }: Direction): Expr => apply("div", termAt(norm.w, norm.over, k), norm.shown);

/** The squares of the others of them. */
const others = ({ norm: { shown, over, w }, k }: Direction): Expr =>
  without(over, apply("pow", apply("div", w, shown), num(2)), k);

/** More than half of all squares. */
const most = (r: Expr): Expr => apply("gt", apply("mul", num(2), r, r), num(1));

/** Less than a quarter of a whole that is positive. */
const lessThanQuarter = (part: Expr, whole: Expr): Expr =>
  apply("lt", apply("mul", num(4), apply("abs", part)), whole);

/** More than half of a whole. */
const mostOf = (part: Expr, whole: Expr): Expr =>
  apply("gt", apply("mul", num(2), apply("abs", part)), apply("abs", whole));

interface Direction {
  readonly norm: Norm;
  readonly k: Expr;
}

/** What arrays are read at: where a term of a sum at such a subscript is the expression itself, it is in range. */
const subscriptsIn = (e: Expr): ReadonlySet<Expr> =>
  new Set([...partsOf(e)].flatMap((part) => (part.kind === "read" ? part.at : [])));

/** w[k] / |w| and nothing else. */
function direction(powers: Powers, meaning: Meaning): Direction | undefined {
  for (const [f, exponent] of powers) {
    const norm = exponent < 0 ? normOf(f, exponent, meaning) : undefined;
    if (!norm) continue;
    const left = quotient(powers, new Map([[f, exponent]]));
    for (const k of subscriptsIn(expression(left)))
      if (equal(left, powersOf(termAt(norm.w, norm.over, k)))) return { norm, k };
  }
  return undefined;
}

/** |a|² − |b|² over |a| + |b|, the squares as they are where they neither overflow nor underflow. */
function norms(a: Expr, b: Expr, meaning: Meaning): Expr | undefined {
  const [pa, pb] = [powersOf(a), powersOf(b)];
  const both = shared(pa, pb);
  const [u, v] = [quotient(pa, both), quotient(pb, both)].map((p) => inverseNorm(p, meaning));
  if (!u || !v || u.over.extent !== v.over.extent) return undefined;
  const [w, z] = [u.w, termAt(v.w, v.over, at(u.over))];
  const [plus, total] = [apply("add", w, z), apply("add", u.shown, v.shown)];
  const less = sumOf(withoutOpposites([...signedTerms(w), ...opposite(signedTerms(z))]));
  const sum = (term: Expr): Expr => reduce("sum", u.over, undefined, term);
  const difference = apply("sub", u.shown, v.shown);
  const isAbove = (least: number): Expr => apply("gt", u.shown, num(least, "real"));
  // Asked for the sum itself, it is computed with those of the norms, in one loop.
  const squares = sum(apply("mul", less, plus));
  const near = lessThanQuarter(squares, apply("mul", u.shown, total));
  const isOrdinary = apply("and", near, isAbove(1e-140), apply("lt", u.shown, num(1e150, "real")));
  const ratio = apply("div", num(1), total);
  const scaled = sum(apply("mul", less, apply("add", apply("mul", w, ratio), apply("mul", z, ratio))));
  const extreme = where(
    apply("and", lessThanQuarter(difference, u.shown), isAbove(1e-290)),
    scaled,
    difference,
  );
  return times(both, where(isOrdinary, apply("div", squares, total), extreme));
}

/** A norm above the line, and nothing else. */
function inverseNorm(powers: Powers, meaning: Meaning): Norm | undefined {
  const [f, exponent] = [...powers][0] ?? [];
  if (powers.size !== 1 || f === undefined || exponent === undefined) return undefined;
  const norm = normOf(f, -exponent, meaning);
  return norm && { ...norm, shown: expression(powers) };
}

/** Σ (w + lost)², rounded about once, for a w that lacks little. */
function exactSquares(over: Index, w: Expr, lost?: Expr): Expr {
  const sum = (term: Expr): Expr => reduce("sum", over, undefined, term);
  const twice = lost && apply("mul", lost, apply("add", apply("mul", num(2), w), lost));
  const rest = apply("mulroundoff", w, w);
  return apply(
    "add",
    sum(apply("precise", apply("pow", w, num(2)))),
    sum(twice ? apply("add", rest, twice) : rest),
  );
}

function cosine(a: Expr, b: Expr, meaning: Meaning): Expr | undefined {
  if (a.kind !== "num" || a.value !== 1) return undefined;
  const powers = powersOf(b);
  const norms = [...powers].flatMap(([f, n]) => (n < 0 ? [normOf(f, n, meaning)] : []));
  const above = [...powers].filter(([, n]) => n > 0);
  const dot = above.length === 1 && above[0]![1] === 1 ? sumFactor(above[0]![0], meaning) : undefined;
  const [u, v] = norms;
  if (!dot || !u || !v || norms.length !== 2) return undefined;
  const { over, body } = dot.sum;
  if (u.over.extent !== over.extent || v.over.extent !== over.extent) return undefined;
  const [wu, wv] = [termAt(u.w, u.over, at(over)), termAt(v.w, v.over, at(over))];
  if (!equal(powersOf(apply("mul", wu, wv)), powersOf(body))) return undefined;
  // Σ (u − c·v)² / (|u|² + c² |v|²) for c about |u| / |v|: an error of c counts squared only, one of c·v would count.
  const [su, sv] = [exactSquares(over, wu), exactSquares(over, wv)];
  const c = apply("sqrt", apply("div", su, sv));
  const cv = apply("mul", c, wv);
  const lost = apply("sub", apply("roundoff", wu, apply("neg", cv)), apply("mulroundoff", c, wv));
  const squares = exactSquares(over, apply("sub", wu, cv), lost);
  const square = apply("mul", c, c);
  const scaled = apply("mul", square, sv);
  const taken = apply("add", apply("mulroundoff", square, sv), apply("mul", apply("mulroundoff", c, c), sv));
  const whole = apply("exactsum", su, scaled, taken);
  return where(
    apply("gt", apply("mul", num(2), b), num(1)),
    apply("div", squares, whole),
    apply("sub", a, b),
  );
}
