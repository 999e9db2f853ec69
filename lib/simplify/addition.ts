/**
 * Sums in normal form: flat, like terms collected, and then whatever makes the
 * whole cheaper: conditions that complete each other, kinks that cancel,
 * reductions that fuse, products that are better multiplied out.
 */
import { apply, listKey, num, type Expr } from "../expr/node.ts";
import { cost, type Algebra } from "./algebra.ts";
import { mergeConditions } from "./complement.ts";
import { fuseReductions } from "./fuse-reductions.ts";
import { cancelKinks, kinkCount } from "./kinks.ts";
import { expand } from "./product.ts";
import { addRatio, type Ratio } from "./ratio.ts";
import { reflect } from "./reflect.ts";
import { exprOf, factorsOf, summands, termOf, type Term } from "./term.ts";

export function addition(terms: readonly Expr[], s: Algebra, rounds = mostRounds): Expr {
  const current = collect(terms);
  if (rounds === 0 || current.every(isPlain)) return build(current, s);
  for (const [rule, improve] of improvements) {
    const better = improve(current, s);
    if (!better) continue;
    const [before, after] = [build(current, s), build(collect(better), s)];
    if (!isSimpler(after, before)) continue;
    s.record(rule, before, after);
    return addition(summands(after), s, rounds - 1);
  }
  return build(current, s);
}

/** Whether a term is made of indices, sizes and elements alone, as subscripts are: nothing is better than it. */
const isPlain = ({ factors }: Term): boolean =>
  factors.every((f) => f.kind === "index" || f.kind === "size" || f.kind === "read" || f.kind === "num");

/** Each improvement is one for the better by itself; two that undo each other would be a fault, and this ends it. */
const mostRounds = 50;

/** Fewer kinks, or as many and fewer terms or fewer nodes. */
function isSimpler(after: Expr, before: Expr): boolean {
  const kinks = kinkCount(after) - kinkCount(before);
  return (
    kinks < 0 ||
    (kinks === 0 && (cost(after) < cost(before) || summands(after).length < summands(before).length))
  );
}

// prettier-ignore
const improvements: readonly (readonly [string, (terms: readonly Term[], s: Algebra) => readonly Expr[] | undefined])[] = [
  ["complement",  mergeConditions],
  ["kink-cancel", cancelKinks],
  ["reflect",     reflect],
  ["fuse-sums",   fuseReductions],
  ["expand",      expandIfCheaper],
];

/** Like terms added up where that is exact; zero terms left out. */
export function collect(terms: readonly Expr[]): readonly Term[] {
  const found = new Map<string | number, { factors: readonly Expr[]; coefficients: Ratio[] }>();
  for (const t of terms.flatMap(summands)) {
    const { coefficient, factors } = termOf(t);
    if (coefficient.n === 0) continue;
    const key = listKey(factors);
    const entry = found.get(key);
    if (!entry) found.set(key, { factors, coefficients: [coefficient] });
    else entry.coefficients = accumulate(entry.coefficients, coefficient);
  }
  return [...found.values()].flatMap(({ factors, coefficients }) =>
    coefficients.filter((c) => c.n !== 0).map((coefficient) => ({ coefficient, factors })),
  );
}

function accumulate(coefficients: readonly Ratio[], c: Ratio): Ratio[] {
  for (const [n, known] of coefficients.entries()) {
    const total = addRatio(known, c);
    if (total) return coefficients.with(n, total);
  }
  return [...coefficients, c];
}

export function build(terms: readonly Term[], s: Algebra): Expr {
  const sorted = terms.length < 2 ? terms.map(exprOf) : inOrder(terms, s);
  return sorted.length === 0 ? num(0) : sorted.length === 1 ? sorted[0]! : apply("add", ...sorted);
}

/** What varies before scalars, scalars before numbers: the first term gives a sum its sign. */
const weight = ({ factors }: Term): number =>
  factors.length === 0
    ? 2
    : factors.every((f) => f.kind === "size" || (f.kind === "read" && f.at.length === 0))
      ? 1
      : 0;

function inOrder(terms: readonly Term[], s: Algebra): readonly Expr[] {
  const ranked = terms.map((term) => ({
    term,
    weight: weight(term),
    first: Math.min(...term.factors.map(s.earliest)),
  }));
  ranked.sort((a, b) => {
    if (a.weight !== b.weight) return a.weight - b.weight;
    if (a.first !== b.first) return a.first < b.first ? -1 : 1;
    return compareTerms(a.term, b.term, s);
  });
  return ranked.map(({ term }) => exprOf(term));
}

function compareTerms(a: Term, b: Term, s: Algebra): number {
  for (const [n, f] of a.factors.entries()) {
    const g = b.factors[n];
    if (g === undefined) return 1;
    const order = s.compare(f, g);
    if (order !== 0) return order;
  }
  return a.factors.length - b.factors.length || a.coefficient.n - b.coefficient.n;
}

/** All products multiplied out, if that leaves fewer distinct nodes. */
function expandIfCheaper(terms: readonly Term[], s: Algebra): readonly Expr[] | undefined {
  const written = terms.map(exprOf);
  if (terms.length < 2 || terms.length > 16 || !written.some(hasSumFactor)) return undefined;
  const expanded: Expr[] = [];
  for (const t of written) {
    const parts = hasSumFactor(t) ? expand(t, s) : [t];
    if (!parts) return undefined;
    expanded.push(...parts);
  }
  const met = collect(expanded);
  // Only where terms meet: a product that merely gets longer is better left as it was written.
  if (met.length >= expanded.length) return undefined;
  // Differences that were written lose digits when they are multiplied out: (b - a)·(d - c) - (c - a)·(b - d).
  if (met.length > terms.length && 2 * met.length > expanded.length) return undefined;
  return cost(build(met, s)) < cost(build(terms, s)) ? expanded : undefined;
}

const hasSumFactor = (t: Expr): boolean =>
  factorsOf(t).some(
    (f) =>
      f.kind === "apply" &&
      (f.op === "add" || (f.op === "pow" && f.args[0]!.kind === "apply" && f.args[0]!.op === "add")),
  ) && factorsOf(t).length > 0;
