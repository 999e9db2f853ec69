/**
 * From normal form to what one would write: quotients, differences, roots, log1p and
 * expm1, common factors in front, conditions as cases. The value stays the same; what
 * a condition rules out is not evaluated (`0 · ∞` cannot arise from a mask).
 */
import { apply, children, num, reduce, rebuild, where, type Expr, type Node } from "../expr/node.ts";
import { rewriting } from "../expr/parts.ts";
import type { Algebra } from "./algebra.ts";
import { conjuncts, negate } from "./condition.ts";
import { mayStandOutside } from "./outside.ts";
import { mulRatio, ratio, type Ratio } from "./ratio.ts";
import { exprOf, isNum, summands, termOf, type Term } from "./term.ts";

export interface PresentOptions {
  /** Whether conditions select (`p ? x : 0`, which evaluates x only where p holds) or stand as factors `[p]`. */
  readonly indicators?: "select" | "factors";
}

export function present(e: Expr, s: Algebra, { indicators = "select" }: PresentOptions = {}): Expr {
  const go: Go = writer(
    rewriting((e) => write(e, go, s)),
    indicators === "factors",
  );
  return go(e);
}

/** Writes a part; `factors` says that conditions stand as factors. */
interface Go {
  (e: Expr): Expr;
  readonly factors: boolean;
}
const writer = (write: (e: Expr) => Expr, factors: boolean): Go => Object.assign(write, { factors });

function write(e: Expr, go: Go, s: Algebra): Expr {
  if (e.kind === "num" && e.value < 0) return apply("neg", num(-e.value));
  if (e.kind === "reduce") return writeReduction(e, go);
  if (e.kind !== "apply") return rebuild(e, go);
  switch (e.op) {
    case "add": {
      const apart = s.add(e.args.map((t) => underCases(termOf(t), s) ?? t));
      return apart === e ? writeSum(e, go, s) : go(apart);
    }
    case "mul": {
      const apart = underCases(termOf(e), s);
      return apart ? go(apart) : writeProduct(flipped(termOf(e), s), go);
    }
    case "pow":
      return writeProduct({ coefficient: ratio(1), factors: [e] }, go);
    case "gt":
    case "ge":
    case "eq":
    case "ne":
      return writeComparison(e, go, s);
    case "and":
      return writeAll(e.args, go);
    case "or":
      return apply("or", ...inOrder(e.args).map(go));
    case "log": {
      const rest = withoutOne(e.args[0]!, s);
      return rest ? apply("log1p", go(rest)) : rebuild(e, go);
    }
    default:
      return rebuild(e, go);
  }
}

/** A count says what it counts: Σ_{j ≠ y} [score > 0], not a sum of ones. */
function writeReduction(e: Node<"reduce">, go: Go): Expr {
  const conditions = conjuncts(e.guard);
  const real = conditions.filter((c) => !aboutIndices(c));
  if (e.op === "sum" && isNum(e.body, 1) && real.length === 0 && conditions.length > 0)
    return reduce("sum", e.over, undefined, apply("iverson", writeAll(conditions, go)));
  if (e.op !== "sum" || !isNum(e.body, 1) || real.length === 0)
    return reduce(e.op, e.over, e.guard && go(e.guard), go(e.body));
  const first = Math.min(...real.map(readDepth));
  const range = conditions.filter((c) => aboutIndices(c) && readDepth(c) <= first);
  const values = conditions.filter((c) => !range.includes(c));
  return reduce(
    "sum",
    e.over,
    range.length > 0 ? writeAll(range, go) : undefined,
    apply("iverson", writeAll(values, go)),
  );
}

function writeAll(conditions: readonly Expr[], go: Go): Expr {
  const sorted = inOrder(conditions).map(go);
  return sorted.length === 1 ? sorted[0]! : apply("and", ...sorted);
}

/**
 * Conditions in the order in which they are to be asked: what keeps a subscript inside is asked before
 * what reads there, as in t + 1 < N and k == y[t+1]; for the rest, indices come before values.
 */
const inOrder = (conditions: readonly Expr[]): readonly Expr[] =>
  conditions.toSorted(
    (a, b) => readDepth(a) - readDepth(b) || Number(aboutIndices(b)) - Number(aboutIndices(a)),
  );

/** How deep reads stand in the subscripts of reads: 0 without any, 1 for y[i], 2 for s[i, y[i]]. */
function readDepth(e: Expr): number {
  const depths = new Map<Expr, number>();
  const visit = (e: Expr): number => {
    let depth = depths.get(e);
    if (depth === undefined) {
      depth = Math.max(0, ...children(e).map(visit)) + (e.kind === "read" ? 1 : 0);
      depths.set(e, depth);
    }
    return depth;
  };
  return visit(e);
}

const aboutIndices = (c: Expr): boolean => c.kind === "apply" && c.args[0]!.type === "int";

/** x when e is 1 + x. */
function withoutOne(e: Expr, s: Algebra): Expr | undefined {
  if (e.kind !== "apply" || e.op !== "add" || !e.args.some((t) => isNum(t, 1))) return undefined;
  return s.add(e.args.filter((t) => !isNum(t, 1)));
}

// — sums —

function writeSum(e: Expr & { kind: "apply" }, go: Go, s: Algebra): Expr {
  const terms = e.args.map(termOf);
  const common = terms[0]!.factors.filter((f) => terms.every((t) => t.factors.includes(f)));
  const cases = terms.map((t) => t.factors.filter((f) => isGuard(f) && !common.includes(f)));
  // Where one term has no case of its own, all of its factors are evaluated anyway.
  const free = cases.some((guards) => guards.length === 0);
  const shared = common.filter((f) => free || isGuard(f) || mayStandOutside(f, cases.flat(), s.facts));
  const scale = sharedScale(terms);
  if (shared.length > 0 || scale) {
    const inner = terms.map((t) =>
      exprOf({
        coefficient: scale
          ? (mulRatio(t.coefficient, { n: scale.d, d: Math.abs(scale.n) }) ?? t.coefficient)
          : t.coefficient,
        factors: t.factors.filter((f) => !shared.includes(f)),
      }),
    );
    const sum = s.add(inner);
    if (sum.kind !== "apply" || sum.op !== "add")
      return go(s.mul([exprOf({ coefficient: scale ?? ratio(1), factors: shared }), sum]));
    const product = flipped({ coefficient: scale ?? ratio(1), factors: [...shared, sum] }, s);
    const rest = product.factors.at(-1)!;
    const written = writeTerms(summands(rest), go, s);
    return writeProduct(
      product,
      writer((f: Expr) => (f === rest ? written : go(f)), go.factors),
    );
  }
  return writeTerms(e.args, go, s);
}

/** The magnitude that all coefficients share, when it is not 1. */
function sharedScale(terms: readonly Term[]): Ratio | undefined {
  const { n, d } = terms[0]!.coefficient;
  if ((Math.abs(n) === 1 && d === 1) || terms.some((t) => t.factors.length === 0)) return undefined;
  return terms.every((t) => Math.abs(t.coefficient.n) === Math.abs(n) && t.coefficient.d === d)
    ? ratio(Math.abs(n), d)
    : undefined;
}

function writeTerms(terms: readonly Expr[], go: Go, s: Algebra): Expr {
  const grouped = groupBySharedCall(terms);
  if (grouped) {
    const first = writeProduct(
      flipped({ coefficient: ratio(1), factors: [...grouped.shared, s.add(grouped.inner)] }, s),
      go,
    );
    return grouped.rest.length === 0 ? first : joinTerms(orderTerms(grouped.rest, s), go, first);
  }
  const minusOne = expMinusOne(terms);
  if (minusOne) return writeProduct(minusOne, go);
  const cases = go.factors ? undefined : pairCases(terms, s);
  if (cases) {
    const choice = where(go(cases.guard), go(cases.then), go(cases.else));
    return cases.rest.length === 0 ? choice : joinTerms(orderTerms(cases.rest, s), go, choice);
  }
  return joinTerms(orderTerms(terms, s), go);
}

interface Grouped {
  readonly shared: readonly Expr[];
  readonly inner: readonly Expr[];
  readonly rest: readonly Expr[];
}

/** Some of the terms share a factor that is more than a name: it is written once, in front of what they have besides. */
function groupBySharedCall(terms: readonly Expr[]): Grouped | undefined {
  const split = terms.map(termOf);
  const calls = split.flatMap((t) => t.factors.filter(isCall));
  const last = new Map(calls.map((f, n) => [f, n]));
  const repeated = new Set(calls.filter((f, n) => last.get(f) !== n));
  for (const [n, a] of split.entries()) {
    if (!a.factors.some((f) => repeated.has(f))) continue;
    for (const b of split.slice(n + 1)) {
      const shared = a.factors.filter((f) => !isGuard(f) && b.factors.includes(f));
      if (!shared.some(isCall)) continue;
      const group = split.filter((t) => shared.every((f) => t.factors.includes(f)));
      if (group.length === terms.length || group.some((t) => t.factors.some(isGuard))) continue;
      const rest = (t: Term): Expr =>
        exprOf({ coefficient: t.coefficient, factors: t.factors.filter((f) => !shared.includes(f)) });
      return { shared, inner: group.map(rest), rest: terms.filter((_, m) => !group.includes(split[m]!)) };
    }
  }
  return undefined;
}

/** A factor that is more than a name and no condition. */
const isCall = (f: Expr): boolean =>
  f.kind === "reduce" ||
  (f.kind === "apply" && f.op !== "iverson" && (f.op !== "pow" || f.args[0]!.kind === "apply"));

/** c·e^x − c = c·expm1(x), alone in a sum. */
function expMinusOne(terms: readonly Expr[]): Term | undefined {
  if (terms.length !== 2) return undefined;
  const parts = terms.map(termOf);
  for (const [a, b] of [parts, parts.toReversed()]) {
    const exp = a!.factors.find((f) => f.kind === "apply" && f.op === "exp");
    if (exp?.kind !== "apply" || a!.factors.length !== b!.factors.length + 1) continue;
    const rest = a!.factors.filter((f) => f !== exp);
    if (
      !rest.every((f) => b!.factors.includes(f)) ||
      a!.coefficient.n !== -b!.coefficient.n ||
      a!.coefficient.d !== b!.coefficient.d
    )
      continue;
    return { coefficient: a!.coefficient, factors: [...rest, apply("expm1", exp.args[0]!)] };
  }
  return undefined;
}

interface Cases {
  readonly guard: Expr;
  readonly then: Expr;
  readonly else: Expr;
  readonly rest: readonly Expr[];
}

/** [p]·a + [¬p]·b as cases; an equality is asked first. */
function pairCases(terms: readonly Expr[], s: Algebra): Cases | undefined {
  const guards = new Set(terms.flatMap(guardsOf));
  for (const guard of guards) {
    const opposite = negate(guard, s);
    if (!guards.has(opposite)) continue;
    const [yes, no] = [
      terms.filter((u) => guardsOf(u).includes(guard)),
      terms.filter((u) => guardsOf(u).includes(opposite)),
    ];
    const first = guard.kind === "apply" && guard.op === "ne" ? opposite : guard;
    const [then, otherwise] = first === guard ? [yes, no] : [no, yes];
    return {
      guard: first,
      then: s.add(then.map((u) => without(u, first))),
      else: s.add(otherwise.map((u) => without(u, negate(first, s)))),
      rest: terms.filter((u) => !yes.includes(u) && !no.includes(u)),
    };
  }
  return undefined;
}

const isGuard = (f: Expr): boolean => f.kind === "apply" && f.op === "iverson";

/** The conditions of a term that has more to it than conditions, or of one that is all conditions. */
const guardsOf = (t: Expr): readonly Expr[] =>
  termOf(t).factors.flatMap((f) => (f.kind === "apply" && f.op === "iverson" ? [f.args[0]!] : []));

function without(t: Expr, guard: Expr): Expr {
  const { coefficient, factors } = termOf(t);
  return exprOf({
    coefficient,
    factors: factors.filter((f) => !(f.kind === "apply" && f.op === "iverson" && f.args[0] === guard)),
  });
}

/** What varies before scalars, scalars before numbers. */
const weight = (t: Expr): number => {
  const { factors } = termOf(t);
  if (factors.length === 0) return 3;
  if (factors.every(isGuard)) return 2;
  return factors.every((f) => f.kind === "size" || (f.kind === "read" && f.at.length === 0)) ? 2 : 1;
};

/** Arrays before scalars before numbers, and what the program names first before the rest; a positive term first. */
function orderTerms(terms: readonly Expr[], s: Algebra): readonly Expr[] {
  const sorted = terms.toSorted(
    (a, b) => weight(a) - weight(b) || compareNumbers(s.earliest(a), s.earliest(b)),
  );
  const first = sorted.findIndex((t) => !isNegative(t));
  return first > 0 ? [sorted[first]!, ...sorted.toSpliced(first, 1)] : sorted;
}

const compareNumbers = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);
const isNegative = (t: Expr): boolean => termOf(t).coefficient.n < 0;

function joinTerms(terms: readonly Expr[], go: Go, start?: Expr): Expr {
  let total = start;
  for (const t of terms) {
    const { coefficient, factors } = termOf(t);
    const size = writeProduct({ coefficient: ratio(Math.abs(coefficient.n), coefficient.d), factors }, go);
    if (total === undefined) total = isNegative(t) ? apply("neg", size) : size;
    else total = apply(isNegative(t) ? "sub" : "add", total, size);
  }
  return total ?? num(0);
}

// — products —

function writeProduct({ coefficient, factors }: Term, go: Go): Expr {
  const guards = factors.filter(isGuard);
  if (guards.length > 0 && !go.factors) {
    const rest = factors.filter((f) => !isGuard(f));
    const condition = guards.flatMap((g) => (g.kind === "apply" ? conjuncts(g.args[0]!) : []));
    const joined = writeAll(condition, go);
    if (rest.length > 0) return where(joined, writeProduct({ coefficient, factors: rest }, go), num(0));
    return scale(coefficient, [apply("iverson", joined)], []);
  }
  const above: Expr[] = [];
  const under: Expr[] = [];
  for (const f of factors) {
    const exponent = f.kind === "apply" && f.op === "pow" ? termOf(f.args[1]!).coefficient.n : 1;
    if (f.kind === "apply" && f.op === "pow" && exponent < 0) under.push(writePower(f, -1, go));
    else above.push(f.kind === "apply" && f.op === "pow" ? writePower(f, 1, go) : go(f));
  }
  return scale(coefficient, above, under);
}

/** A product with a sum of cases, with the factors that cannot stand outside of them taken inside. */
function underCases({ coefficient, factors }: Term, s: Algebra): Expr | undefined {
  for (const sum of factors.filter((f) => f.kind === "apply" && f.op === "add")) {
    const cases = summands(sum).map((t) => termOf(t).factors.filter(isGuard));
    if (cases.some((guards) => guards.length === 0)) continue;
    const tied = factors.filter(
      (f) => f !== sum && !isGuard(f) && !mayStandOutside(f, cases.flat(), s.facts),
    );
    if (tied.length === 0) continue;
    const inner = s.add(summands(sum).map((t) => s.mul([t, ...tied])));
    const rest = factors.filter((f) => f !== sum && !tied.includes(f));
    return s.mul([exprOf({ coefficient, factors: [] }), ...rest, inner]);
  }
  return undefined;
}

/** −2·(x − t) as 2·(t − x): a sum that has a negative term takes up the sign. */
function flipped(term: Term, s: Algebra): Term {
  const { coefficient, factors } = allNegativeTurned(term, s);
  if (coefficient.n >= 0) return { coefficient, factors };
  const sum = factors.find((f) => f.kind === "apply" && f.op === "add" && f.args.some(isNegative));
  if (!sum) return { coefficient, factors };
  const turned = s.mul([num(-1), sum]);
  return {
    coefficient: { n: -coefficient.n, d: coefficient.d },
    factors: factors.map((f) => (f === sum ? turned : f)),
  };
}

/** Sums without a positive term, with the sign in front. */
function allNegativeTurned({ coefficient, factors }: Term, s: Algebra): Term {
  const gloomy = factors.filter((f) => f.kind === "apply" && f.op === "add" && f.args.every(isNegative));
  const sign = gloomy.length % 2 === 0 ? 1 : -1;
  return {
    coefficient: { n: sign * coefficient.n, d: coefficient.d },
    factors: factors.map((f) => (gloomy.includes(f) ? s.mul([num(-1), f]) : f)),
  };
}

/** base^(sign · exponent), with roots written as such. */
function writePower(f: Expr & { kind: "apply" }, sign: 1 | -1, go: Go): Expr {
  const base = go(f.args[0]!);
  const { coefficient, factors } = termOf(f.args[1]!);
  const exponent = exprOf({ coefficient: ratio(sign * coefficient.n, coefficient.d), factors });
  if (isNum(exponent, 1)) return base;
  if (isNum(exponent, 0.5)) return apply("sqrt", base);
  if (sign === 1) return apply("pow", base, go(f.args[1]!));
  return apply("pow", base, go(exponent));
}

/** coefficient · above / under, as a quotient; a half is a division by 2. */
function scale({ n, d }: Ratio, above: readonly Expr[], under: readonly Expr[]): Expr {
  const size = Math.abs(n);
  const inverse = 1 / size;
  const divides = size < 1 && Number.isInteger(inverse) && 1 / inverse === size && above.length > 0;
  const upper = divides || (size === 1 && above.length > 0) ? above : [num(size), ...above];
  const lower = [...(divides ? [num(inverse)] : []), ...(d === 1 ? [] : [num(d)]), ...under];
  // A number takes up the sign: −2·x / n, not −(2·x / n).
  const negative = n < 0;
  const signed = negative && upper[0]!.kind === "num" ? [num(-upper[0]!.value), ...upper.slice(1)] : upper;
  const numerator = signed.length === 1 ? signed[0]! : apply("mul", ...signed);
  const quotient =
    lower.length === 0
      ? numerator
      : apply("div", numerator, lower.length === 1 ? lower[0]! : apply("mul", ...lower));
  return negative && signed === upper ? apply("neg", quotient) : quotient;
}

// — comparisons —

/** `form op 0` with each side positive: k == y[i], p <= h; three real terms and more stay on the left. */
function writeComparison(e: Expr & { kind: "apply" }, go: Go, s: Algebra): Expr {
  const form = withoutRoot(e.args[0]!);
  const terms = orderTerms(summands(form), s);
  const strict = form.type === "int" && e.op === "ge" && terms.some((t) => isNum(t, -1)) && terms.length > 1;
  const op = strict ? "gt" : e.op;
  const kept = strict ? terms.filter((t) => !isNum(t, -1)) : terms;
  const [plus, minus] = [kept.filter((t) => !isNegative(t)), kept.filter(isNegative)];
  const negated = minus.map((t) => s.mul([num(-1), t]));
  const flip = { gt: "lt", ge: "le", eq: "eq", ne: "ne" } as const;
  const symmetric = op === "gt" || op === "ge" || op === "eq" || op === "ne" ? flip[op] : "eq";
  const side = (ts: readonly Expr[]): Expr =>
    ts.length === 0 ? num(0) : ts.length === 1 ? go(ts[0]!) : joinTerms(ts, go);
  if (form.type !== "int" && kept.length > 2)
    return plus.length > 0
      ? apply(op as "gt", joinTerms(kept, go), num(0))
      : apply(symmetric, joinTerms(negated, go), num(0));
  if ((op === "eq" || op === "ne") && isBareIndex(negated) && !isBareIndex(plus))
    return apply(op, side(negated), side(plus));
  if (plus.length === 0) return apply(symmetric, side(negated), num(0));
  if (minus.length > 0 && plus.every(isScalar) && !minus.every(isScalar))
    return apply(symmetric, side(negated), side(plus));
  return apply(op as "gt", side(plus), side(negated));
}

/** x for √x where x has a name: both are 0, or greater, together. */
function withoutRoot(form: Expr): Expr {
  if (form.kind !== "apply" || form.op !== "pow") return form;
  const [x, exponent] = form.args as [Expr, Expr];
  return x.kind === "read" && isNum(exponent, 0.5) ? x : form;
}

/** Made of scalars, sizes and numbers only. */
const isScalar = (t: Expr): boolean =>
  termOf(t).factors.every((f) => f.kind === "size" || (f.kind === "read" && f.at.length === 0));

const isBareIndex = (terms: readonly Expr[]): boolean => terms.length === 1 && terms[0]!.kind === "index";
