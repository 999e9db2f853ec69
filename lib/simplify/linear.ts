/** Integer expressions as linear forms Σ c·atom + constant, and what their ranges prove. */
import { at, freeIndices, num, occursFree, size, type Expr, type Index } from "../expr/node.ts";
import type { Extent, Multiple } from "../expr/extent.ts";
import type { Algebra, Facts } from "./algebra.ts";
import { answers } from "./answers.ts";
import { summands, termOf } from "./term.ts";

/** The coefficient of a bare index in a linear form; undefined when the index occurs in any other way. */
export function coefficientOf(i: Index, form: Expr): number | undefined {
  let coefficient = 0;
  for (const term of summands(form)) {
    if (!occursFree(i, term)) continue;
    const { coefficient: c, factors } = termOf(term);
    if (factors.length !== 1 || factors[0] !== at(i) || c.d !== 1) return undefined;
    coefficient += c.n;
  }
  return coefficient;
}

/** The value of i for which form = 0 and the rest of it; undefined unless i stands in it once with coefficient ±1. */
export function solveFor(i: Index, form: Expr, algebra: Algebra): Expr | undefined {
  const coefficient = coefficientOf(i, form);
  if (coefficient !== 1 && coefficient !== -1) return undefined;
  const rest = algebra.add([form, algebra.mul([num(-coefficient), at(i)])]);
  return coefficient === 1 ? algebra.mul([num(-1), rest]) : rest;
}

const nonnegatives = answers<Expr, boolean>();

/** Whether an integer expression is provably at least 0, from the ranges of the indices and labels in it. */
export const provablyNonnegative = (form: Expr, algebra: Algebra): boolean =>
  nonnegatives(algebra, form, () => {
    const linear = linearOf(form, algebra);
    if (linear !== undefined) return provablyNonnegativeLinear(linear, algebra);
    const least = leastOf(form, algebra);
    return least !== undefined && nonnegativeSizes(least, sizesInScope(form, algebra.facts));
  });

/** Σ coefficient · atom + constant, of indices, labels and sizes with integer coefficients; none of them is 0. */
export interface Linear {
  readonly constant: number;
  readonly coefficients: ReadonlyMap<Expr, number>;
}

const linears = answers<Expr, Linear | "other">();

/** An integer expression as such a form; undefined where it is none. */
export function linearOf(form: Expr, algebra: Algebra): Linear | undefined {
  const found = linears(algebra, form, () => asLinear(form) ?? "other");
  return found === "other" ? undefined : found;
}

/** Numbers below this are added up and multiplied exactly. */
const most = 2 ** 24;

function asLinear(form: Expr): Linear | undefined {
  if (form.type !== "int") return undefined;
  let constant = 0;
  const coefficients = new Map<Expr, number>();
  for (const term of summands(form)) {
    const { coefficient, factors } = termOf(term);
    const [atom, ...more] = factors;
    if (coefficient.d !== 1 || !Number.isInteger(coefficient.n) || Math.abs(coefficient.n) > most)
      return undefined;
    if (atom === undefined) constant += coefficient.n;
    else if (more.length > 0 || !isAtom(atom)) return undefined;
    else addTo(coefficients, atom, coefficient.n);
  }
  return { constant, coefficients };
}

const isAtom = (e: Expr): boolean => e.kind === "index" || e.kind === "size" || e.kind === "read";

function addTo(coefficients: Map<Expr, number>, atom: Expr, n: number): void {
  const sum = (coefficients.get(atom) ?? 0) + n;
  if (sum === 0) coefficients.delete(atom);
  else coefficients.set(atom, sum);
}

/** m·a + n·b */
export function combined(a: Linear, m: number, b: Linear, n: number): Linear {
  const coefficients = new Map<Expr, number>();
  for (const [atom, c] of a.coefficients) addTo(coefficients, atom, m * c);
  for (const [atom, c] of b.coefficients) addTo(coefficients, atom, n * c);
  return { constant: m * a.constant + n * b.constant, coefficients };
}

/** `provablyNonnegative` of such a form. */
export function provablyNonnegativeLinear({ constant, coefficients }: Linear, algebra: Algebra): boolean {
  const nonempty = new Set<Extent>();
  let least: Linear = { constant, coefficients: new Map() };
  for (const atom of coefficients.keys()) {
    for (const i of freeIndices(atom)) nonempty.add(i.extent);
    for (const extent of atom.kind === "read" ? algebra.facts.labelBelow(atom) : []) nonempty.add(extent);
  }
  for (const [atom, c] of coefficients) {
    const bound = atom.kind === "size" ? linearOf(atom, algebra) : extremeOf(atom, c > 0, algebra);
    if (bound === undefined) return false;
    least = combined(least, 1, bound, c);
  }
  let sum = least.constant;
  for (const [atom, c] of least.coefficients) {
    if (atom.kind !== "size" || c < 0) return false;
    if (nonempty.has(atom.extent)) sum += c;
  }
  return sum >= 0;
}

/** Whether times · form + plus is provably at least 0. */
export function multipleIsNonnegative(times: number, form: Expr, plus: number, algebra: Algebra): boolean {
  const linear = linearOf(form, algebra);
  return linear === undefined
    ? provablyNonnegative(algebra.add([algebra.mul([num(times), form]), num(plus)]), algebra)
    : provablyNonnegativeLinear(
        combined(linear, times, { constant: plus, coefficients: new Map() }, 1),
        algebra,
      );
}

/** The least (greatest) value of an index or a label; undefined where it is not known, or no linear form. */
function extremeOf(atom: Expr, least: boolean, algebra: Algebra): Linear | undefined {
  if (least) {
    const low = lowOf(atom, algebra.facts);
    return low === undefined ? undefined : { constant: low, coefficients: new Map() };
  }
  const extent = rangeOf(atom, algebra.facts);
  const length = extent && linearOf(algebra.simplify(size(extent)), algebra);
  return length && { constant: length.constant - 1, coefficients: length.coefficients };
}

/** A lower bound that has only sizes and constants in it, or undefined when there is none to be had. */
function leastOf(form: Expr, algebra: Algebra): Expr | undefined {
  const parts: Expr[] = [];
  for (const term of summands(form)) {
    const { coefficient, factors } = termOf(term);
    if (coefficient.d !== 1) return undefined;
    const [atom] = factors;
    if (atom === undefined || (factors.length === 1 && atom.kind === "size")) {
      parts.push(term);
      continue;
    }
    if (factors.length !== 1) return undefined;
    const extent = rangeOf(atom, algebra.facts);
    if (coefficient.n > 0) {
      const low = lowOf(atom, algebra.facts);
      if (low === undefined) return undefined;
      parts.push(num(coefficient.n * low));
    } else {
      if (extent === undefined) return undefined;
      parts.push(algebra.mul([num(coefficient.n), algebra.add([algebra.simplify(size(extent)), num(-1)])]));
    }
  }
  return algebra.add(parts);
}

/** The extent that an integer atom stays below; undefined when nothing is known. */
function rangeOf(atom: Expr, facts: Facts): Extent | undefined {
  if (atom.kind === "index") return atom.index.extent;
  if (atom.kind === "reduce" && (atom.op === "argmax" || atom.op === "argmin")) return atom.over.extent;
  if (atom.kind === "read") return facts.labelBelow(atom)[0];
  return undefined;
}

function lowOf(atom: Expr, facts: Facts): number | undefined {
  if (atom.kind === "index" || (atom.kind === "apply" && atom.op === "iverson")) return 0;
  if (atom.kind === "reduce" && (atom.op === "argmax" || atom.op === "argmin")) return atom.guard ? -1 : 0;
  if (atom.kind === "read") return facts.labelBelow(atom).length > 0 ? 0 : undefined;
  return undefined;
}

/** Extents that are at least 1 wherever `form` is evaluated: an index or label of that extent stands in it. */
function sizesInScope(form: Expr, facts: Facts): ReadonlySet<Extent> {
  const nonempty = new Set(freeIndices(form).map((i) => i.extent));
  for (const term of summands(form))
    for (const f of termOf(term).factors)
      for (const extent of f.kind === "read" ? facts.labelBelow(f) : []) nonempty.add(extent);
  return nonempty;
}

/** Σ c·size + constant ≥ 0 for all sizes (at least 1 where nonempty, else 0): no coefficient is negative, and the least value is not. */
function nonnegativeSizes(form: Expr, nonempty: ReadonlySet<Extent> | "all"): boolean {
  let least = 0;
  for (const term of summands(form)) {
    const { coefficient, factors } = termOf(term);
    const [atom] = factors;
    if (atom === undefined) least += coefficient.n;
    else if (factors.length > 1 || atom.kind !== "size" || coefficient.n < 0) return false;
    else if (nonempty === "all" || nonempty.has(atom.extent)) least += coefficient.n;
  }
  return least >= 0;
}

/** Whether 0 ≤ form < extent is known for every value of its indices. */
export function provablyInside(form: Expr, extent: Extent, algebra: Algebra): boolean {
  if (form.kind === "index" && form.index.extent === extent) return true;
  if (form.kind === "read" && algebra.facts.labelBelow(form).includes(extent)) return true;
  if (form.kind === "reduce" && rangeOf(form, algebra.facts) === extent && lowOf(form, algebra.facts) === 0)
    return true;
  return provablyNonnegative(form, algebra) && provablyNonnegative(below(form, extent, algebra), algebra);
}

/** extent − 1 − form, which is not negative exactly where form < extent. */
export const below = (form: Expr, extent: Extent, algebra: Algebra): Expr =>
  algebra.add([algebra.simplify(size(extent)), num(-1), algebra.mul([num(-1), form])]);

/**
 * The size of an extent as an expression; a window with one fit of step 1 is a sum of other sizes.
 * Where an extent in it is 0 the window is empty and nothing is read, so that sizes count as at least 1.
 */
export function sizeExpr(extent: Extent, algebra: Algebra): Expr {
  if (extent.kind === "fixed") return num(extent.value);
  if (extent.kind !== "window" || extent.fits.length !== 1) return size(extent);
  const fit = extent.fits[0]!;
  const slack = algebra.add([num(fit.slack), ...multiples(fit.slackSizes, 1, algebra)]);
  if (fit.step !== 1 || !nonnegativeSizes(slack, "all")) return size(extent);
  const reach = fit.others
    .filter((o) => o.step > 0)
    .map((o) => algebra.mul([num(-o.step), algebra.add([algebra.simplify(size(o.extent)), num(-1)])]));
  return algebra.add([
    algebra.simplify(size(fit.inside)),
    num(-fit.offset),
    ...multiples(fit.offsetSizes, -1, algebra),
    slack,
    ...reach,
  ]);
}

const multiples = (of: readonly Multiple[] | undefined, sign: 1 | -1, algebra: Algebra): readonly Expr[] =>
  (of ?? []).map((m) => algebra.mul([num(sign * m.times), algebra.simplify(size(m.extent))]));
