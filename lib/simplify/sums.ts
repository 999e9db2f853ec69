/**
 * Sums in normal form: no delta left that can be sifted, no factor or term left
 * inside that can be taken out.
 *
 *   Σ_j [j = e]·f(j) = [0 ≤ e < extent]·f(e)     sift
 *   Σ_j c·f(j) = c·Σ_j f(j)                      pull-out
 *   Σ_j c = extent·c                             count
 *   Σ_i Σ_j f(i)·g(j) = (Σ_i f)·(Σ_j g)          separate
 */
import { holdsReduction, readsAtSums } from "../expr/parts.ts";
import {
  apply,
  children,
  freeIndices,
  num,
  occursFree,
  reduce,
  size,
  type Expr,
  type Index,
} from "../expr/node.ts";
import type { Extent } from "../expr/extent.ts";
import { cost, type Algebra } from "./algebra.ts";
import { both, conjuncts, negate } from "./condition.ts";
import { below, coefficientOf, provablyInside, provablyNonnegative, solveFor } from "./linear.ts";
import { exprOf, factorsOf, summands, termOf, type Term } from "./term.ts";

/** Σ over several indices of a body in normal form; conditions stand in it as Iverson factors. */
export function sumOver(over: readonly Index[], body: Expr, s: Algebra): Expr {
  if (over.length === 0) return body;
  const before = raw(over, body);
  const groups = new Map<string, { over: readonly Index[]; terms: Expr[] }>();
  const done: Expr[] = [];
  for (const term of summands(body).flatMap((t) => bySearch(over, t, s))) {
    const sifted = siftAll(over, term, s);
    // A sift may have made a sum of the term: it starts again, over fewer indices.
    if (sifted.over.length < over.length) done.push(sumOver(sifted.over, sifted.body, s));
    else {
      const key = sifted.over.map((i) => i.name).join(",");
      const group = groups.get(key) ?? { over: sifted.over, terms: [] };
      group.terms.push(sifted.body);
      groups.set(key, group);
    }
  }
  const sums = [...groups.values()].map((g) => sumGroup(g.over, g.terms, s));
  const after = s.add([...done, ...sums]);
  if (after === before || after.kind === "reduce") return after; // a guard that moved is no step
  return s.record(
    summands(body).some((t) => deltas(over, t).length > 0) ? "sift" : "pull-out",
    before,
    after,
  );
}

/**
 * A product as a sum of products, where each of them is asked for at one place that is searched for:
 * (x[j] − x[k])·([j = argmax(…)] − [j = argmin(…)]) is two terms, no loop.
 */
function bySearch(over: readonly Index[], term: Expr, s: Algebra): readonly Expr[] {
  const factors = factorsOf(term);
  const isSearched = (t: Expr): boolean => deltas(over, t).some(holdsReduction);
  const sum = factors.find((f) => summands(f).length > 1 && summands(f).every(isSearched));
  if (sum === undefined) return [term];
  return summands(sum).map((t) => s.mul([...factors.filter((f) => f !== sum), t]));
}

/** The sum as it was asked for, guard in the body. */
const raw = (over: readonly Index[], body: Expr): Expr =>
  over.reduceRight((e, i) => reduce("sum", i, undefined, e), body);

/** The equalities in a term that could fix one of the indices. */
const deltas = (over: readonly Index[], term: Expr): readonly Expr[] =>
  factorsOf(term).filter(
    (f) =>
      f.kind === "apply" &&
      f.op === "iverson" &&
      f.args[0]!.kind === "apply" &&
      f.args[0]!.op === "eq" &&
      over.some((i) => occursFree(i, f)),
  );

interface Sifted {
  readonly over: readonly Index[];
  readonly body: Expr;
}

function siftAll(over: readonly Index[], term: Expr, s: Algebra): Sifted {
  let state: Sifted = { over, body: term };
  for (;;) {
    if (summands(state.body).length > 1) return state;
    const next = siftOne(state, s);
    if (!next) return state;
    state = next;
  }
}

/** The sift whose value is simplest: an index or affine form of indices before a label, a label before an argmax. */
function siftOne({ over, body }: Sifted, s: Algebra): Sifted | undefined {
  let best: { i: Index; value: Expr; delta: Expr; price: number } | undefined;
  for (const delta of deltas(over, body)) {
    const form = condition(delta).args[0]!;
    for (const i of over) {
      const value = occursFree(i, form) ? solveFor(i, form, s) : undefined;
      // [i = x] with a real x holds for no i, or for one that x cannot stand for in a subscript.
      if (value?.type !== "int" || occursFree(i, value)) continue;
      const price = cost(value) + (holdsReduction(value) ? 1000 : 0);
      if (!best || price < best.price) best = { i, value, delta, price };
    }
  }
  if (!best) return undefined;
  const { i, value, delta } = best;
  const rest = factorsOf(body).filter((f) => f !== delta);
  const moved = s.substitute(
    rest.length === 0 ? num(1) : rest.length === 1 ? rest[0]! : apply("mul", ...rest),
    new Map([[i, value]]),
  );
  const inside = insideRange(value, i, s).map(s.iverson);
  return { over: over.filter((j) => j !== i), body: s.mul([...inside, s.simplify(moved)]) };
}

/**
 * What must hold for factors to be read that are taken out of a sum of others: that follows from the conditions in there.
 * In Σ_u [0 ≤ i − u < P]·f(x[i+1])·L[u], what is taken out keeps i + 1 < N.
 */
function readable(taken: readonly Expr[], others: readonly Expr[], s: Algebra): readonly Expr[] {
  const read = taken.filter((f) => f.type === "real" && readsAtSums(f));
  if (read.length === 0 || !others.some((f) => f.kind === "apply" && f.op === "iverson")) return [];
  const found = new Set<Expr>();
  const visit = (e: Expr, bound: readonly Index[], seen: Set<Expr>): void => {
    if (seen.has(e) || !readsAtSums(e)) return;
    seen.add(e);
    if (e.kind === "where" || (e.kind === "reduce" && e.guard !== undefined)) return;
    if (e.kind === "read")
      for (const [n, x] of e.at.entries()) {
        const extent = x.kind === "apply" ? s.facts.shapeOf(e.name)?.[n] : undefined;
        if (extent !== undefined) for (const c of rangeFor(x, bound, extent, s)) found.add(c);
      }
    if (e.kind === "reduce") visit(e.body, [...bound, e.over], new Set());
    else for (const child of children(e)) visit(child, bound, seen);
  };
  const seen = new Set<Expr>();
  for (const f of read) visit(f, [], seen);
  return [...found].map(s.iverson);
}

/** What must hold for a subscript to be inside for all values of the indices that are bound around it. */
function rangeFor(x: Expr, bound: readonly Index[], extent: Extent, s: Algebra): readonly Expr[] {
  if (provablyInside(x, extent, s)) return [];
  return [x, below(x, extent, s)].flatMap((form) => {
    const least = leastOver(bound, form, s);
    if (least === undefined || provablyNonnegative(least, s)) return [];
    return [s.simplify(apply("ge", least, num(0)))];
  });
}

/** The least value of a linear form over all values of some indices; undefined where it is none in them. */
function leastOver(indices: readonly Index[], form: Expr, s: Algebra): Expr | undefined {
  let least = form;
  for (const i of indices) {
    if (!occursFree(i, least)) continue;
    const times = coefficientOf(i, least);
    if (times === undefined) return undefined;
    const at = times > 0 ? num(0) : s.add([s.simplify(size(i.extent)), num(-1)]);
    least = s.substitute(least, new Map([[i, at]]));
  }
  return least;
}

const condition = (iverson: Expr): Expr & { kind: "apply" } => {
  const c = iverson.kind === "apply" ? iverson.args[0]! : iverson;
  if (c.kind !== "apply") throw new Error("a delta is an Iverson bracket of a comparison");
  return c;
};

/** What must hold for `value` to be a value of the index; nothing where that is known. */
function insideRange(value: Expr, i: Index, s: Algebra): readonly Expr[] {
  if (provablyInside(value, i.extent, s)) return [];
  const low = provablyNonnegative(value, s) ? [] : [apply("ge", value, num(0))];
  const gap = below(value, i.extent, s);
  const high = provablyNonnegative(gap, s) ? [] : [apply("ge", gap, num(0))];
  return [...low, ...high].map(s.simplify);
}

/** Σ of terms that all run over the same indices. */
function sumGroup(over: readonly Index[], terms: readonly Expr[], s: Algebra): Expr {
  const whole = s.add(terms);
  if (summands(whole).length === 1) return sumTerm(over, whole, s);
  const shared = sharedFactors(over, summands(whole).map(termOf));
  if (shared.length > 0) {
    const inner = summands(whole).map((t) => without(termOf(t), shared));
    const others = summands(whole).flatMap(factorsOf);
    return s.mul([...readable(shared, others, s), ...shared, sumGroup(over, inner, s)]);
  }
  const apart = s.add(summands(whole).map((t) => sumTerm(over, t, s)));
  const together = nest(over, whole, s);
  return cost(apart) < cost(together) ? apart : together;
}

const without = (t: Term, gone: readonly Expr[]): Expr =>
  exprOf({ coefficient: t.coefficient, factors: t.factors.filter((f) => !gone.includes(f)) });

/** The factors that all terms have and that none of the indices occurs in. */
const sharedFactors = (over: readonly Index[], terms: readonly Term[]): readonly Expr[] =>
  terms[0]!.factors.filter(
    (f) => !over.some((i) => occursFree(i, f)) && terms.every((t) => t.factors.includes(f)),
  );

/** Σ of one term: factors that share no summed index are summed apart. */
function sumTerm(over: readonly Index[], term: Expr, s: Algebra): Expr {
  const { coefficient, factors } = termOf(term);
  const parts = components(over, factors);
  const outside = factors.filter((f) => !over.some((i) => occursFree(i, f)));
  const inside = parts.flatMap((p) => p.factors);
  const counted = over
    .filter((i) => !factors.some((f) => occursFree(i, f)))
    .map((i) => s.simplify(size(i.extent)));
  const sums = parts.map((p) => sumComponent(p.over, p.factors, s));
  const all = [...counted, ...readable(outside, inside, s), ...outside, ...sums];
  return s.mul([exprOf({ coefficient, factors: [] }), ...all]);
}

interface Component {
  over: readonly Index[];
  factors: readonly Expr[];
}

/** Factors grouped so that no summed index occurs in two groups. */
function components(over: readonly Index[], factors: readonly Expr[]): readonly Component[] {
  let groups: Component[] = [];
  for (const f of factors) {
    const mine = over.filter((i) => occursFree(i, f));
    if (mine.length === 0) continue;
    const joined = groups.filter((g) => g.over.some((i) => mine.includes(i)));
    groups = groups.filter((g) => !joined.includes(g));
    groups.push({
      over: over.filter((i) => mine.includes(i) || joined.some((g) => g.over.includes(i))),
      factors: [...joined.flatMap((g) => g.factors), f],
    });
  }
  return groups;
}

/** The sum of a product all of whose factors hang together: the index that occurs in the fewest factors goes inside. */
function sumComponent(over: readonly Index[], factors: readonly Expr[], s: Algebra): Expr {
  const body = factors.length === 1 ? factors[0]! : apply("mul", ...factors);
  if (summands(body).length > 1) return sumOver(over, body, s);
  if (over.length === 1) return single(over[0]!, body, s);
  const uses = (i: Index): number => factors.filter((f) => occursFree(i, f)).length;
  // Ties go to the last index, so that nests keep the order in which they were asked for.
  const inner = over.reduce((best, i) => (uses(i) <= uses(best) ? i : best));
  const inside = factors.filter((f) => occursFree(inner, f));
  const outside = factors.filter((f) => !occursFree(inner, f));
  const nested = single(inner, s.mul(inside), s);
  return sumOver(
    over.filter((i) => i !== inner),
    s.mul([...readable(outside, inside, s), ...outside, nested]),
    s,
  );
}

const nest = (over: readonly Index[], body: Expr, s: Algebra): Expr =>
  over.reduceRight((e, i) => single(i, e, s), body);

/** Σ over one index of a body that cannot be sifted: conditions become the guard. */
function single(i: Index, body: Expr, s: Algebra): Expr {
  if (!occursFree(i, body)) return s.mul([s.simplify(size(i.extent)), body]);
  if (summands(body).length > 1) return reduce("sum", i, undefined, body);
  const factors = factorsOf(body);
  const conditions = factors
    .filter((f) => f.kind === "apply" && f.op === "iverson")
    .map((f) => condition(f) as Expr);
  const rest = s.mul(factors.filter((f) => !(f.kind === "apply" && f.op === "iverson")));
  if (conditions.length === 0) return reduce("sum", i, undefined, body);
  if (!occursFree(i, rest)) {
    const counted = count(i, conditions, s);
    if (rest.kind === "num" && rest.value === 1) return counted;
    return s.mul([...readable([rest], factors, s), rest, counted]);
  }
  return reduce("sum", i, conditions.length === 1 ? conditions[0]! : apply("and", ...conditions), rest);
}

/** How many values of i satisfy the conditions. */
function count(i: Index, conditions: readonly Expr[], s: Algebra): Expr {
  const guard = both(conditions, s);
  const [only] = conjuncts(guard);
  // Σ_j [j ≠ e] = extent − [0 ≤ e < extent]
  if (
    conjuncts(guard).length === 1 &&
    only?.kind === "apply" &&
    only.op === "ne" &&
    only.args[0]!.type === "int"
  ) {
    const value = solveFor(i, only.args[0]!, s);
    if (value && !occursFree(i, value))
      return s.add([s.simplify(size(i.extent)), s.mul([num(-1), s.sum([i], s.iverson(negate(only, s)))])]);
  }
  return reduce("sum", i, guard, num(1));
}

/** The indices that are bound nowhere outside `target`: those that a contribution to it must be summed over. */
export const extraIndices = (contribution: Expr, target: Expr): readonly Index[] =>
  freeIndices(contribution).filter((i) => !occursFree(i, target));
