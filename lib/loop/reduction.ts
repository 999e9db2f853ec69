/** Reductions as loops that accumulate. */
import { apply, freeIndices, num, occursFree, type Expr, type Index, type Node } from "../expr/node.ts";
import { conjuncts } from "./affine.ts";
import type { Block } from "./block.ts";
import type { Context } from "./context.ts";
import { call } from "./integer.ts";
import { exponentials, type Exponentials } from "./exponentials.ts";
import { iterate } from "./iterate.ts";
import { neverNegative } from "./never-negative.ts";
import { farFromOverflow } from "./magnitude.ts";
import { constant, named, select, type Scalar, type Statement, type Update } from "./nest.ts";
import { atom, lower } from "./scalar.ts";
import type { Accumulation } from "./stage.ts";

/** What an accumulation starts from, and how a term meets it. */
// prettier-ignore
export const accumulation: Record<Accumulation, { readonly empty: number; readonly by: Update }> = {
  sum:  { empty: 0,         by: "add" },
  prod: { empty: 1,         by: "mul" },
  max:  { empty: -Infinity, by: "max" },
  min:  { empty: Infinity,  by: "min" },
};

/** Computes a reduction in `block`; the value is a variable called like `wanted`. */
export function reduction(cx: Context, e: Node<"reduce">, block: Block, wanted: string): Scalar {
  const running = cx.style === "fused" ? exponentials(e) : undefined;
  switch (e.op) {
    case "logsumexp":
      return running
        ? logOfExponentials(cx, e.over, running, block, wanted)
        : logSumExp(cx, e, block, wanted);
    case "argmax":
    case "argmin":
      return position(cx, e, block, wanted);
    default: {
      if (running !== undefined) return sumOfExponentials(cx, e.over, running, block, wanted);
      const all = terms(e, flattening(cx));
      if (e.op === "sum" && isPrecise(all.body)) return preciseSum(cx, e, all, block, wanted);
      const { empty, by } = accumulation[e.op];
      const name = variable(cx, block, wanted, constant(empty, e.type));
      accumulate(cx, block, all, (value, at) => at.statements.push({ kind: "assign", name, by, value }));
      return named(name, e.type);
    }
  }
}

/** A compensated sum; where it is known to be finite, what it is made of is kept for a term that comes to it (`withOneMore`). */
function preciseSum(cx: Context, e: Node<"reduce">, all: Terms, block: Block, wanted: string): Scalar {
  const isBounded = cx.magnitudes.of(e) < farFromOverflow;
  const sum = variable(
    cx,
    block,
    isBounded && wanted !== "sum" ? `${wanted}_sum` : wanted,
    constant(0, "real"),
  );
  const low = variable(cx, block, `${wanted}_lost`, constant(0, "real"));
  accumulatePrecisely(cx, block, all, sum, low);
  if (!isBounded) {
    block.statements.push({ kind: "assign", name: sum, by: "set", value: settled(sum, low) });
    return named(sum, "real");
  }
  const name = cx.names.fresh(wanted);
  const value = call("add", named(sum, "real"), named(low, "real"));
  block.statements.push({ kind: "let", name, type: "real", value, mutable: false });
  cx.compensated.set(name, { sum, low });
  return named(name, "real");
}

/** The sum of a compensated sum and one term more, rounded about once: what the sum lost meets the term first. */
export function withOneMore(cx: Context, terms: readonly Scalar[]): Scalar | undefined {
  const parts = terms.map((t) => (t.kind === "name" ? cx.compensated.get(t.name) : undefined));
  const n = parts.findIndex((p) => p !== undefined);
  const term = terms[1 - n];
  if (terms.length !== 2 || parts[n] === undefined || term === undefined) return undefined;
  const { sum, low } = parts[n];
  return call("add", call("add", term, named(low, "real")), named(sum, "real"));
}

/** The terms of a reduction: `body` for every value of `indices` at which all of `guard` holds. */
export interface Terms {
  readonly indices: readonly Index[];
  readonly guard: readonly Expr[];
  readonly body: Expr;
}

/** The terms of a reduction, with nested sums flattened and conditions of the body moved to the guard. */
export function terms(
  e: {
    readonly op: string;
    readonly over: Index;
    readonly guard: Expr | undefined;
    readonly body: Expr;
  },
  how: Flattening = onPaper,
): Terms {
  const own = { indices: [e.over], guard: conjuncts(e.guard), body: e.body };
  return e.op === "sum" ? flat(own, how) : own;
}

/** How sums are made flat. */
export interface Flattening {
  /** Inner sums that stay as they are: each is added up in a variable. */
  readonly whole: (inner: Node<"reduce">) => boolean;
  /** Whether what the data decide stays a number 0 or 1, and does not become a branch. */
  readonly branchless: boolean;
}

const onPaper: Flattening = { whole: () => false, branchless: false };

export const flattening = (cx: Context): Flattening => ({
  whole: (inner) => isShared(cx, inner),
  branchless: cx.style === "fused",
});

/** A sum that others need as well is computed once, by itself. */
const isShared = (cx: Context, sum: Expr): boolean => (cx.allUses.get(sum) ?? 0) > 1;

/**
 * Σ_i Σ_j as one sum over both, Σ (p ? a : 0) as the sum of a where p holds, Σ [p] as a count.
 */
export function flat({ indices, guard, body }: Terms, { whole, branchless }: Flattening): Terms {
  const nested = body.kind === "reduce" && body.op === "sum" && apart(body.over, indices, guard);
  if (nested && !whole(body))
    return flat(
      {
        indices: [...indices, body.over],
        guard: [...guard, ...conjuncts(body.guard)],
        body: body.body,
      },
      { whole, branchless },
    );
  if (body.kind === "where" && isZero(body.else))
    return flat(
      { indices, guard: [...guard, ...conjuncts(body.guard)], body: body.then },
      { whole, branchless },
    );
  if (body.kind === "apply" && body.op === "precise") {
    const all = flat({ indices, guard, body: body.args[0]! }, { whole, branchless });
    return all.body.type === "real" ? { ...all, body: precise(all.body) } : all;
  }
  if (body.kind === "apply" && body.op === "iverson") {
    const all = conjuncts(body.args[0]);
    const open = branchless ? all.filter(isOpen) : [];
    const known = all.filter((c) => !open.includes(c));
    const term =
      open.length === 0 ? num(1) : apply("iverson", open.length > 1 ? apply("and", ...open) : open[0]!);
    return { indices, guard: [...guard, ...known], body: term };
  }
  return { indices, guard, body };
}

/** Whether a condition compares values that may be anything: a branch on it is a guess. */
const isOpen = (c: Expr): boolean => c.kind === "apply" && c.args.some((a) => a.type === "real");

const isPrecise = (e: Expr): e is Node<"apply"> => e.kind === "apply" && e.op === "precise";

const precise = (e: Expr): Expr => (isPrecise(e) ? e : apply("precise", e));

const apart = (i: Index, indices: readonly Index[], guard: readonly Expr[]): boolean =>
  !indices.includes(i) && !guard.some((c) => occursFree(i, c));

const isZero = (e: Expr): boolean => e.kind === "num" && Object.is(e.value, 0);

/** Opens the loops and hands each term to `add`. */
export function accumulate(
  cx: Context,
  block: Block,
  { indices, guard, body }: Terms,
  add: (value: Scalar, block: Block) => void,
): void {
  iterate(cx, block, indices, guard, (inner) => add(lower(cx, body, inner), inner));
}

/**
 * Adds up terms in `name`, which is 0 at first, and what each addition loses in `low`: by two-sums, or, where no term
 * is negative, by T. J. Dekker's shorter form. That one is exact where the term is not larger than the sum so far;
 * where it is larger the sum doubles at least, so that all it misses adds up to one ulp of the last sum at most.
 */
export function accumulatePrecisely(
  cx: Context,
  block: Block,
  { indices, guard, body }: Terms,
  name: string,
  low: string,
): void {
  const term = isPrecise(body) ? body.args[0]! : body;
  const lost = neverNegative(term, cx.neverNegative) ? quickRoundoff : roundoff;
  iterate(cx, block, indices, guard, (inner) => {
    const value = atom(cx, term, inner);
    inner.statements.push(
      { kind: "assign", name: low, by: "add", value: lost(named(name, "real"), value) },
      { kind: "assign", name, by: "add", value },
    );
  });
}

const roundoff = (sum: Scalar, term: Scalar): Scalar => call("roundoff", sum, term);

const quickRoundoff = (sum: Scalar, term: Scalar): Scalar =>
  call("sub", term, call("sub", call("add", sum, term), sum));

/** A sum with what was lost on the way; infinite sums have lost nothing that could be told. */
export function settled(name: string, low: string): Scalar {
  const sum = named(name, "real");
  return select(
    call("lt", call("abs", sum), constant(Infinity, "real")),
    call("add", sum, named(low, "real")),
    sum,
  );
}

function variable(cx: Context, block: Block, wanted: string, value: Scalar): string {
  const name = cx.names.fresh(wanted);
  block.statements.push({ kind: "let", name, type: value.type, value, mutable: true });
  return name;
}

/**
 * log Σ exp(x) as m + log Σ exp(x − m) with m the largest x, so that nothing overflows.
 * When m is −∞ (no terms, or all −∞), ∞ or NaN, it is the result itself.
 */
function logSumExp(cx: Context, e: Node<"reduce">, block: Block, wanted: string): Scalar {
  const own = terms(e, flattening(cx));
  const top = variable(cx, block, "m", constant(-Infinity, "real"));
  const m = named(top, "real");
  accumulate(cx, block, own, (value, at) =>
    at.statements.push({ kind: "assign", name: top, by: "max", value }),
  );
  const result = variable(cx, block, wanted, m);
  const finite = block.branch([]);
  const sum = variable(cx, finite, "sum", constant(0, "real"));
  accumulate(cx, finite, own, (value, at) =>
    at.statements.push({ kind: "assign", name: sum, by: "add", value: call("exp", call("sub", value, m)) }),
  );
  const value = call("add", m, call("log", named(sum, "real")));
  const yes: Statement[] = [...finite.statements, { kind: "assign", name: result, by: "set", value }];
  const guard = call("lt", call("abs", m), constant(Infinity, "real"));
  block.statements.push({ kind: "if", guard, yes, no: [] });
  return named(result, "real");
}

/** The largest exponent, and the sum of all exponentials without it. */
interface ExponentialSum {
  readonly most: Scalar;
  readonly total: Scalar;
}

/** A sum of exponentials that goes on from the one before: as a loop over all its terms, of which `schedule/running.ts` makes steps. */
function exponentialSum(
  cx: Context,
  over: Index,
  { limit, withoutLargest, weight, conditions, exponent }: Exponentials,
  block: Block,
  wanted: string,
): ExponentialSum {
  const largest = variable(cx, block, "largest", constant(-Infinity, "real"));
  const sum = variable(cx, block, wanted, constant(0, "real"));
  const most = named(largest, "real");
  iterate(cx, block, [over], [limit], (inner) => {
    const isWeighted = !isOne(weight);
    const w = isWeighted ? atom(cx, weight, inner) : constant(1);
    // What weighs nothing must not be the largest.
    const weighed = isWeighted ? inner.branch(conditions) : inner;
    const x = atom(cx, exponent, weighed);
    const less = assign(sum, "mul", call("expsum", most, call("neg", x)));
    const term = call("expsum", x, call("neg", most));
    const more = assign(sum, "add", isWeighted ? call("mul", w, term) : term);
    // Where it is 0, a weight that is no number shows all the same.
    const none = isWeighted ? [assign(sum, "add", call("mul", constant(0, "real"), w))] : [];
    const add = conditional(call("ne", x, constant(-Infinity, "real")), [more], none);
    const larger = call("gt", x, most);
    const up = assign(largest, "max", x);
    if (withoutLargest)
      weighed.statements.push(
        conditional(larger, [assign(sum, "add", constant(1, "real")), less, up], [add]),
      );
    else weighed.statements.push(conditional(larger, [less]), up, add);
    if (isWeighted)
      inner.statements.push(conditional(call("ne", w, constant(0, "real")), weighed.statements));
  });
  return { most, total: named(sum, "real") };
}

const assign = (name: string, by: Update, value: Scalar): Statement => ({ kind: "assign", name, by, value });

const conditional = (guard: Scalar, yes: readonly Statement[], no: readonly Statement[] = []): Statement => ({
  kind: "if",
  guard,
  yes,
  no,
});

const isOne = (e: Expr): boolean => e.kind === "num" && e.value === 1;

function sumOfExponentials(
  cx: Context,
  over: Index,
  how: Exponentials,
  block: Block,
  wanted: string,
): Scalar {
  const { most, total } = exponentialSum(cx, over, how, block, wanted);
  const { shift, factor } = how;
  if (shift === undefined && isOne(factor)) return total;
  const at = shift === undefined ? total : call("mul", total, call("expsum", most, lower(cx, shift, block)));
  const value = isOne(factor) ? at : call("mul", lower(cx, factor, block), at);
  const name = cx.names.fresh(wanted);
  // Where there are no terms, nothing is the largest.
  const whole = select(call("gt", most, constant(-Infinity, "real")), value, total);
  block.statements.push({ kind: "let", name, type: "real", value: whole, mutable: false });
  return named(name, "real");
}

/** The log of a sum of exponentials, as `logSumExp` has it. */
function logOfExponentials(
  cx: Context,
  over: Index,
  how: Exponentials,
  block: Block,
  wanted: string,
): Scalar {
  const { most, total } = exponentialSum(cx, over, how, block, "sum");
  const name = cx.names.fresh(wanted);
  const isFinite = call("lt", call("abs", most), constant(Infinity, "real"));
  const value = select(isFinite, call("add", most, call("log", total)), most);
  block.statements.push({ kind: "let", name, type: "real", value, mutable: false });
  return named(name, "real");
}

/** The first position of the extremum, −1 when there are no terms; the first NaN counts as the extremum. */
function position(cx: Context, e: Node<"reduce">, block: Block, wanted: string): Scalar {
  const most = e.op === "argmax";
  const found = variable(cx, block, wanted, constant(-1));
  const extreme = variable(
    cx,
    block,
    most ? "largest" : "smallest",
    constant(most ? -Infinity : Infinity, "real"),
  );
  const best = named(extreme, "real");
  iterate(cx, block, [e.over], conjuncts(e.guard), (inner) => {
    const value = atom(cx, e.body, inner);
    // `best` equals itself until it is NaN; not (value <= best) is true for a larger value and for NaN.
    const beats = call("and", call("eq", best, best), call("not", call(most ? "le" : "ge", value, best)));
    const first = call("lt", named(found, "int"), constant(0));
    inner.statements.push({
      kind: "if",
      guard: call("or", first, beats),
      yes: [
        { kind: "assign", name: extreme, by: "set", value },
        { kind: "assign", name: found, by: "set", value: named(inner.nameOf(e.over), "int") },
      ],
      no: [],
    });
  });
  return named(found, "int");
}

/** Whether a sum may be reordered into its array: it has loops of its own and nothing decides about its terms. */
export const isPlainSum = (e: Expr): e is Node<"reduce"> =>
  e.kind === "reduce" && e.op === "sum" && e.guard === undefined && freeIndices(e).length > 0;

/** Whether the terms of a sum over rows are to be added up with compensation. */
export const isPreciseSum = ({
  op,
  guard,
  body,
}: {
  readonly op: string;
  readonly guard: Expr | undefined;
  readonly body: Expr;
}): boolean => op === "sum" && isPrecise(flat({ indices: [], guard: conjuncts(guard), body }, onPaper).body);
