/**
 * Stages: definitions with their role in a pass over the rows.
 *
 * Rows are the values of one extent, that of the samples. A stage is computed
 *
 *   whole       outside of any pass, all of it at once
 *   row         row by row: one of its axes runs along the rows
 *   accumulate  over the rows: each row adds its part; complete after the pass
 *
 * A definition that holds sums over rows is split: each sum becomes an `accumulate`
 * stage, what is left over becomes a `whole` stage that reads them.
 */
import type { Extent } from "../expr/extent.ts";
import type { Type } from "../expr/ops.ts";
import {
  apply,
  at,
  children,
  freeIndices,
  index,
  listKey,
  occursFree,
  read,
  rebuild,
  reduce,
  where,
  type Expr,
  type Index,
  type Node,
} from "../expr/node.ts";
import { namesRead } from "../expr/names-read.ts";
import type { Definition } from "../expr/program.ts";
import { fresh, substitute } from "../expr/substitute.ts";
import { conjuncts, rangeOf } from "./affine.ts";
import { exponentials } from "./exponentials.ts";
import { runsAlong } from "./runs-along.ts";
import type { Style } from "./context.ts";
import type { Parted } from "./materialise.ts";
import type { Reach } from "./reach.ts";

interface Common {
  /** How bodies read it. */
  readonly name: string;
  readonly indices: readonly Index[];
  readonly type: Type;
  readonly body: Expr;
  /** The definition that it computes, for the comment above its code; a split definition shows at its first part. */
  readonly formula: Definition | undefined;
}

export type Accumulation = "sum" | "prod" | "max" | "min";

// prettier-ignore
export type Stage =
  | Common & { readonly role: "whole"; /** The accumulation of the same shape that it finishes in place. */ readonly finishes: string | undefined }
  | Common & { readonly role: "row";   readonly axis: number }
  | Common & { readonly role: "accumulate"; readonly op: Accumulation; readonly guard: Expr | undefined };

const accumulations: ReadonlySet<string> = new Set<Accumulation>(["sum", "prod", "max", "min"]);

/**
 * The extent that the rows are taken along: that which most definitions are subscripted
 * by first or sum over. Undefined when no definition has an index.
 */
export function rowExtent(
  definitions: readonly Definition[],
  shapes: readonly (readonly Extent[])[],
  style: Style,
): Extent | undefined {
  const votes = new Map<Extent, number>();
  const vote = (extent: Extent | undefined, weight: number) => {
    if (extent !== undefined) votes.set(extent, (votes.get(extent) ?? 0) + weight);
  };
  // What has more axes says more: X[i, d] is a table of samples, gamma[d] need not be.
  for (const d of definitions) {
    const tops = topReductions(d.body);
    const scattered = tops.filter((r) => scatters(d, r));
    // What runs along an index wants all of its values at once, for each value of the others.
    const running = new Set(style === "fused" ? tops.flatMap((r) => alongOf(r, d.indices) ?? []) : []);
    const first = d.indices.find((i) => !running.has(i)) ?? d.indices[0];
    if (scattered.length === 0) vote(first?.extent, d.indices.length > 1 ? 3 : 1);
    if (running.size > 0 && d.indices.length > running.size) continue;
    for (const r of tops) vote(r.over.extent, scattered.includes(r) ? 3 : 1);
  }
  for (const shape of shapes) if (votes.has(shape[0]!)) vote(shape[0], shape.length > 1 ? 2 : 1);
  let best: Extent | undefined;
  for (const [extent, n] of votes) if (best === undefined || n > votes.get(best)!) best = extent;
  return best;
}

/** The one of `indices` that a reduction runs along: from one value of it to the next, it goes on from where it was. */
export function alongOf(r: Node<"reduce">, indices: readonly Index[]): Index | undefined {
  const along = runsAlong(r, indices) ?? exponentials(r)?.along;
  return along && indices.includes(along) ? along : undefined;
}

/** Reductions that stand in no other reduction. */
export function topReductions(e: Expr, seen = new Set<Expr>()): readonly Node<"reduce">[] {
  if (seen.has(e)) return [];
  seen.add(e);
  return e.kind === "reduce" ? [e] : children(e).flatMap((child) => topReductions(child, seen));
}

/** Definitions as stages. All stages name their row index alike: `row`. */
export function stagesOf(
  definitions: readonly Parted[],
  extent: Extent | undefined,
  reach: Reach,
  style: Style,
): { readonly stages: readonly Stage[]; readonly row: Index | undefined } {
  if (extent === undefined) return { stages: definitions.map((d) => whole(d)), row: undefined };
  const row = rowIndex(definitions, extent);
  const accumulated = new Map<Expr, Expr>();
  const made = new Set(
    definitions.filter((d) => d.indices.some((i) => i.extent === extent)).map((d) => d.name),
  );
  const stages = definitions.flatMap((d): readonly Stage[] => {
    const axis = d.indices.findIndex((i) => i.extent === extent);
    const own = { indices: d.indices.slice(axis, axis + 1) };
    const scattered = axis >= 0 && topReductions(d.body).some((r) => scatters(own, r));
    if (axis >= 0 && !scattered) return [alongRows(d, axis, row)];
    return split(d, row, { reach, style }, accumulated, made);
  });
  return { stages: finishInPlace(stages), row };
}

const whole = (d: Parted): Stage => ({
  role: "whole",
  name: d.name,
  indices: d.indices,
  type: d.body.type,
  body: d.body,
  formula: d.formula,
  finishes: undefined,
});

/** The name that most row subscripts have. */
function rowIndex(definitions: readonly Definition[], extent: Extent): Index {
  const counts = new Map<Index, number>();
  for (const { indices, body } of definitions) {
    const first = indices.find((i) => i.extent === extent);
    const used = first
      ? [first]
      : topReductions(body)
          .map((r) => r.over)
          .filter((i) => i.extent === extent);
    for (const i of used) counts.set(i, (counts.get(i) ?? 0) + 1);
  }
  let best = index("i", extent);
  for (const [i, n] of counts) if (n > (counts.get(best) ?? 0)) best = i;
  return best;
}

function alongRows(d: Parted, axis: number, row: Index): Stage {
  const { indices, body } = renameRow(d.indices, d.indices[axis]!, d.body, row);
  return { role: "row", name: d.name, indices, type: d.body.type, body, axis, formula: d.formula };
}

/** `own` becomes `row` in indices and body; another index of that name gives way. */
function renameRow(indices: readonly Index[], own: Index, body: Expr, row: Index) {
  if (own === row) return { indices, body };
  const by = rowNames(indices, own, row, body);
  const to = new Map([...by].map(([from, i]) => [from, at(i)]));
  return { indices: indices.map((i) => by.get(i) ?? i), body: substitute(body, to) };
}

function rowNames(indices: readonly Index[], own: Index, row: Index, e: Expr): ReadonlyMap<Index, Index> {
  const by = new Map<Index, Index>([[own, row]]);
  const taken = new Set([...indices, row, ...freeIndices(e)].map((i) => i.name));
  for (const i of indices) if (i.name === row.name && i !== own) by.set(i, fresh(i.name, i.extent, taken));
  return by;
}

/**
 * Whether elements of the definition are best reached from the terms of a sum in it:
 * `g[v] = sum(i, x[i] == v, …)` is one addition for each i, not a search for each v.
 */
export const scatters = (d: { readonly indices: readonly Index[] }, r: Node<"reduce">): boolean =>
  r.op === "sum" &&
  d.indices.some((i) => i !== r.over && rangeOf(i, conditionsOf(r)).equal.some((e) => occursFree(r.over, e)));

/** What must hold where a sum has terms other than 0. */
export const conditionsOf = ({ guard, body }: Node<"reduce">): readonly Expr[] => [
  ...conjuncts(guard),
  ...(body.kind === "apply" && body.op === "iverson" ? conjuncts(body.args[0]) : []),
];

/** A definition without rows of its own, and the accumulations over rows that it needs. */
function split(
  d: Parted,
  row: Index,
  { reach, style }: { readonly reach: Reach; readonly style: Style },
  accumulated: Map<Expr, Expr>,
  alongRows: ReadonlySet<string>,
): readonly Stage[] {
  const made: Extract<Stage, { role: "accumulate" }>[] = [];
  /** What is in it and does not depend on the row is complete before its pass. */
  const takeOut = (whole: Node<"reduce">, facts: readonly Expr[]): Expr => {
    const e = within(whole, facts);
    if (e.kind !== "reduce") return e;
    const own = freeIndices(e);
    const same = own.length === d.indices.length && d.indices.every((i) => own.includes(i));
    const indices = same ? d.indices : own;
    const name = `${d.name}•over rows ${made.length}`;
    const formula = made.length === 0 ? d.formula : undefined;
    made.push({ role: "accumulate", name, type: e.type, formula, ...termsOf(e, indices, row) });
    const reading = read(name, indices.map(at), e.type);
    accumulated.set(whole, reading);
    return reading;
  };
  const memos = new Map<string | number, Map<Expr, Expr>>();
  const under = (facts: readonly Expr[]): ((e: Expr) => Expr) => {
    const key = listKey(facts);
    const memo = memos.get(key) ?? new Map<Expr, Expr>();
    memos.set(key, memo);
    return (e) => {
      let out = memo.get(e);
      if (out === undefined) memo.set(e, (out = step(e, facts)));
      return out;
    };
  };
  const step = (e: Expr, facts: readonly Expr[]): Expr => {
    if (e.kind === "where")
      return where(
        under(facts)(e.guard),
        under([...facts, ...conjuncts(e.guard)])(e.then),
        under([...facts, apply("not", e.guard)])(e.else),
      );
    if (e.kind !== "reduce") return rebuild(e, under(facts));
    const known = accumulated.get(e);
    if (known !== undefined) return known;
    if (seldom(e, facts)) return e;
    if (overRows(e) && !isRunning(e) && (facts.length === 0 || reach.inside(e, []))) return takeOut(e, facts);
    return within(e, facts);
  };
  const within = (e: Node<"reduce">, facts: readonly Expr[]): Expr => {
    const inside = under([...facts, ...conjuncts(e.guard)]);
    return reduce(e.op, e.over, e.guard && inside(e.guard), inside(e.body));
  };
  const overRows = (e: Node<"reduce">): boolean =>
    e.over.extent === row.extent &&
    accumulations.has(e.op) &&
    freeIndices(e).every((i) => d.indices.includes(i));
  /** One loop computes it at all indices, once its terms are there; as an accumulation it is one for each of them. */
  const isRunning = (e: Node<"reduce">): boolean => style === "fused" && alongOf(e, d.indices) !== undefined;
  /** What stands in for a sum that overflowed, of no other rows than those of inputs: asked for so seldom that it gets a loop of its own. */
  const seldom = (e: Expr, facts: readonly Expr[]): boolean =>
    facts.some((f) => f.kind === "apply" && f.op === "not" && conjuncts(f.args[0]!).some(isFiniteness)) &&
    [...namesRead(e)].every((name) => !alongRows.has(name));
  const body = under([])(d.body);
  const rest = whole({ ...d, body });
  return made.length === 0 ? [rest] : [...made, { ...rest, formula: undefined }];
}

/** |x| < ∞. */
const isFiniteness = (e: Expr): boolean =>
  e.kind === "apply" && e.op === "lt" && e.args[1]!.kind === "num" && e.args[1]!.value === Infinity;

/** The terms of a reduction over rows, with its index called `row` and its other indices out of the way. */
function termsOf(e: Node<"reduce">, indices: readonly Index[], row: Index) {
  const op = e.op as Accumulation;
  if (e.over === row) return { op, indices, guard: e.guard, body: e.body };
  const by = rowNames(indices, e.over, row, e);
  const to = new Map([...by].map(([from, i]) => [from, at(i)]));
  return {
    op,
    indices: indices.map((i) => by.get(i) ?? i),
    guard: e.guard && substitute(e.guard, to),
    body: substitute(e.body, to),
  };
}

/** Lets a `whole` stage write over the one accumulation that it reads, where nothing else reads it. */
function finishInPlace(stages: readonly Stage[]): readonly Stage[] {
  const accumulations = stages.filter((s) => s.role === "accumulate");
  const readers = new Map<string, number>();
  for (const stage of stages)
    for (const name of namesIn(stage)) readers.set(name, (readers.get(name) ?? 0) + 1);
  return stages.map((stage) => {
    if (stage.role !== "whole") return stage;
    const own = accumulations.find(
      (a) =>
        a.type === stage.type &&
        a.indices.length === stage.indices.length &&
        readers.get(a.name) === 1 &&
        a.name.startsWith(`${stage.name}•`) &&
        readsAt(stage, a.name, stage.indices) === 1,
    );
    return own === undefined ? stage : { ...stage, finishes: own.name };
  });
}

/** The names that a stage reads, each once. */
const namesIn = (stage: Stage): ReadonlySet<string> =>
  stage.role === "accumulate" && stage.guard
    ? new Set([...namesRead(stage.guard), ...namesRead(stage.body)])
    : namesRead(stage.body);

/** How often a stage reads `name`, counting up to 2; a read inside a binder of one of `indices` counts 2. */
function readsAt(stage: Stage, name: string, indices: readonly Index[]): number {
  const memo = new Map<Expr, number>();
  const count = (e: Expr): number => {
    let n = memo.get(e);
    if (n === undefined) {
      n = e.kind === "read" && e.name === name ? 1 : 0;
      for (const child of children(e)) n += count(child);
      if (e.kind === "reduce" && n > 0 && indices.includes(e.over)) n = 2;
      memo.set(e, (n = Math.min(n, 2)));
    }
    return n;
  };
  return count(stage.body) + (stage.role === "accumulate" && stage.guard ? count(stage.guard) : 0);
}
