/** Matching an expression against a definition: at which subscripts is it that definition's body? */
import { apply, at, freeIndices, num, occursFree, type Expr, type Index } from "../expr/node.ts";
import { fresh, substitute } from "../expr/substitute.ts";
import { exactSum } from "./ratio.ts";
import { exprOf, factorsOf, termOf } from "./term.ts";

type Bindings = ReadonlyMap<Index, Expr>;

/** Whether a subscript other than an index of the same extent may stand for an index: whether it is in its range. */
export type Inside = (subscript: Expr, i: Index) => boolean;

/** What the indices must stand for to make `pattern` the expression `e`; undefined when nothing does. */
export function unify(
  pattern: Expr,
  e: Expr,
  indices: readonly Index[],
  inside: Inside,
): Bindings | undefined {
  const found = match(pattern, e, new Map(), new Set(indices));
  return found && binds(found, indices, inside) ? found : undefined;
}

/** Whether every index has something to stand for it that is in its range. */
const binds = (found: Bindings, indices: readonly Index[], inside: Inside): boolean =>
  indices.every((i) => {
    const to = found.get(i);
    return to !== undefined && (to.kind === "index" || inside(to, i));
  });

function match(p: Expr, e: Expr, bound: Bindings, open: ReadonlySet<Index>): Bindings | undefined {
  if (p.kind === "index" && open.has(p.index)) {
    const known = bound.get(p.index);
    if (known !== undefined) return known === e ? bound : undefined;
    if (e.type !== "int" || (e.kind === "index" && e.index.extent !== p.index.extent)) return undefined;
    return new Map([...bound, [p.index, e]]);
  }
  if (p === e && ![...open].some((i) => occursFree(i, p))) return bound;
  if (p.kind !== e.kind) return undefined;
  switch (p.kind) {
    case "read":
      return e.kind === "read" && e.name === p.name && e.at.length === p.at.length
        ? matchAll(p.at, e.at, bound, open)
        : undefined;
    case "apply":
      if (e.kind !== "apply" || e.op !== p.op || e.args.length !== p.args.length) return undefined;
      return commutes.has(p.op)
        ? matchAnyOrder(p.args, e.args, bound, open)
        : matchAll(p.args, e.args, bound, open);
    case "where":
      return e.kind === "where"
        ? matchAll([p.guard, p.then, p.else], [e.guard, e.then, e.else], bound, open)
        : undefined;
    case "reduce": {
      if (
        e.kind !== "reduce" ||
        e.op !== p.op ||
        e.over.extent !== p.over.extent ||
        (e.guard === undefined) !== (p.guard === undefined)
      )
        return undefined;
      // Both binders by a name that means nothing else; an open index cannot stand for it.
      const known = [e, p, ...bound.values()].flatMap((x) => freeIndices(x));
      const over = fresh(p.over.name, p.over.extent, new Set([...known, ...open].map((i) => i.name)));
      const own = (x: Expr, binder: Index): Expr => substitute(x, new Map([[binder, at(over)]]));
      const inner = new Set([...open].filter((i) => i !== over));
      const first =
        p.guard && e.guard ? match(own(p.guard, p.over), own(e.guard, e.over), bound, inner) : bound;
      const found = first && match(own(p.body, p.over), own(e.body, e.over), first, inner);
      return found && [...found.values()].some((to) => occursFree(over, to)) ? undefined : found;
    }
    default:
      return p === e ? bound : undefined;
  }
}

const commutes = new Set(["add", "mul", "max", "min", "and", "or", "eq", "ne"]);

function matchAll(
  ps: readonly Expr[],
  es: readonly Expr[],
  bound: Bindings,
  open: ReadonlySet<Index>,
): Bindings | undefined {
  let current: Bindings | undefined = bound;
  for (const [n, p] of ps.entries()) current = current && match(p, es[n]!, current, open);
  return current;
}

function matchAnyOrder(
  ps: readonly Expr[],
  es: readonly Expr[],
  bound: Bindings,
  open: ReadonlySet<Index>,
): Bindings | undefined {
  const [p, ...rest] = ps;
  if (p === undefined) return bound;
  for (const [n, e] of es.entries()) {
    const first = match(p, e, bound, open);
    const all = first && matchAnyOrder(rest, es.toSpliced(n, 1), first, open);
    if (all) return all;
  }
  return undefined;
}

/**
 * `e` with the part of it at its root that is `pattern` replaced; a pattern that is a product
 * may be part of a larger product, and a power of it part of a larger power:
 * x·s^-3 has x·s^-1 in it, and s^-2 is left. The same expression when there is none.
 */
export function replaceAtRoot(
  e: Expr,
  pattern: Expr,
  indices: readonly Index[],
  by: (at: readonly Expr[]) => Expr,
  inside: Inside,
): Expr {
  const whole = unify(pattern, e, indices, inside);
  if (whole) return by(indices.map((i) => whole.get(i)!));
  const power = wholePower(e, pattern, indices, inside);
  if (power) return apply("pow", by(indices.map((i) => power.bound.get(i)!)), num(power.times));
  if (!isProduct(pattern) || !isProduct(e)) return e;
  const [p, t] = [termOf(pattern), termOf(e)];
  if (p.coefficient.d !== 1 || p.coefficient.n !== 1 || t.factors.length < p.factors.length) return e;
  const chosen = chooseFactors(p.factors, t.factors, new Map(), new Set(indices));
  if (!chosen || !binds(chosen.bound, indices, inside)) return e;
  const rest = exprOf({ coefficient: t.coefficient, factors: chosen.left });
  const replaced = by(indices.map((i) => chosen.bound.get(i)!));
  return rest.kind === "num" && rest.value === 1 ? replaced : apply("mul", ...factorsOf(rest), replaced);
}

/** How often a pattern b^m goes into b^n: with r = √v, v^-1.5 is r^-3. */
function wholePower(
  e: Expr,
  pattern: Expr,
  indices: readonly Index[],
  inside: Inside,
): { bound: Bindings; times: number } | undefined {
  const [small, large] = [powerOf(pattern), powerOf(e)];
  if (!small || !large || !Number.isInteger(large.exponent / small.exponent)) return undefined;
  if (!definedWhere(small.exponent, large.exponent)) return undefined;
  const bound = unify(small.base, large.base, indices, inside);
  return bound && { bound, times: large.exponent / small.exponent };
}

const isProduct = (e: Expr): boolean => e.kind === "apply" && e.op === "mul";

interface Choice {
  readonly bound: Bindings;
  /** The factors that the pattern does not use up. */
  readonly left: readonly Expr[];
}

/** Each factor of the pattern found among the factors, in any order. */
function chooseFactors(
  ps: readonly Expr[],
  es: readonly Expr[],
  bound: Bindings,
  open: ReadonlySet<Index>,
): Choice | undefined {
  const [p, ...rest] = ps;
  if (p === undefined) return { bound, left: es };
  for (const [n, e] of es.entries()) {
    const whole = match(p, e, bound, open);
    const exact = whole && chooseFactors(rest, es.toSpliced(n, 1), whole, open);
    if (exact) return exact;
    const part = matchPower(p, e, bound, open);
    const partial = part && chooseFactors(rest, es.toSpliced(n, 1, part.left), part.bound, open);
    if (partial) return partial;
  }
  return undefined;
}

/** p = b^m in e = b^n, with m between 0 and n: b^(n − m) is left. */
function matchPower(
  p: Expr,
  e: Expr,
  bound: Bindings,
  open: ReadonlySet<Index>,
): { bound: Bindings; left: Expr } | undefined {
  const [small, large] = [powerOf(p), powerOf(e)];
  if (!small || !large || Math.sign(small.exponent) !== Math.sign(large.exponent)) return undefined;
  if (!definedWhere(small.exponent, large.exponent)) return undefined;
  const rest = exactSum(large.exponent, -small.exponent);
  if (rest === undefined || rest === 0 || Math.abs(small.exponent) > Math.abs(large.exponent))
    return undefined;
  const first = match(small.base, large.base, bound, open);
  return first && { bound: first, left: rest === 1 ? large.base : apply("pow", large.base, num(rest)) };
}

/** Whether b^m is defined for every b for which b^n is: x² is, where √x is not. */
const definedWhere = (m: number, n: number): boolean => Number.isInteger(m) || !Number.isInteger(n);

function powerOf(e: Expr): { base: Expr; exponent: number } | undefined {
  if (e.kind !== "apply" || e.op !== "pow") return undefined;
  const [base, exponent] = e.args;
  return exponent!.kind === "num" ? { base: base!, exponent: exponent!.value } : undefined;
}
