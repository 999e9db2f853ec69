/**
 * From the closed form to one that floating point computes well.
 *
 * Input: a derivation, its definitions as in a textbook. Output: the same derivation with
 * definitions that are equal to them over the reals, neither overflow nor cancel where the
 * values do not, and share what they have in common; and what was done.
 */
import type { Extent } from "../expr/extent.ts";
import { rebuild, speak, where, type Expr, type Index, type Node } from "../expr/node.ts";
import { namesRead } from "../expr/names-read.ts";
import { once, partsOf, rewriting, writtenSize } from "../expr/parts.ts";
import type { Definition } from "../expr/program.ts";
import type { Derivation } from "../diff/derivation.ts";
import { factsOf } from "../diff/facts.ts";
import { readsInside } from "../diff/inside.ts";
import { inline } from "../diff/stages.ts";
import { algebra } from "../simplify/simplify.ts";
import type { Fired, Row } from "./row.ts";
import { rows } from "./rows.ts";
import { logisticRows } from "./logistic.ts";
import { logisticOfSumsRows } from "./logistic-of-sums.ts";
import { choiceRows } from "./choices.ts";
import { nearOneRows } from "./near-one.ts";
import { BesideOne } from "./beside-one.ts";
import { FirstOut } from "./first-out.ts";
import { deviationsReason, inDeviations } from "./deviations.ts";
import { inComplements } from "./complement-of-mean.ts";
import { inMultiples } from "./multiples.ts";
import { inMeans } from "./means.ts";
import { namedAgain } from "./named.ts";
import { inNorms } from "./norms.ts";
import { sigmoidRows } from "./meeting.ts";
import { inShares } from "./shares.ts";
import { rootRows } from "./roots.ts";
import { operationsIn } from "./operations.ts";
import { meetOpposites } from "./opposite.ts";
import { Mixtures } from "./mixtures/mixtures.ts";
import { saturatedIn, type Saturated } from "./saturating.ts";
import { scaled, scaleReason } from "./scale.ts";
import { Softmax } from "./softmax/softmax.ts";
import type { SoftmaxScope } from "./softmax/families.ts";
import { withoutStops } from "./stops.ts";
import { inOneSum } from "./sums-meet.ts";
import { signedTerms } from "./terms.ts";
import { trial, type Gain } from "./trial.ts";
import { inZeros } from "./zeros.ts";
import { inHyperbolics } from "./opposite-exponentials.ts";
import { inLogs } from "./products.ts";
import { ofVectors, type Meaning } from "./vectors.ts";

/** One rewrite that took place. */
export interface Rewrite {
  /** The definition that it is in. */
  readonly definition: string;
  /** The name of the row. */
  readonly row: string;
  readonly before: Expr;
  readonly after: Expr;
  /** The worst errors of both at sampled points, in ulp; undefined where they were not, or could not be, measured. */
  readonly gain: Gain | undefined;
}

export interface Stable extends Derivation {
  readonly rewrites: readonly Rewrite[];
  /** Definitions that were made for them. */
  readonly shared: readonly Definition[];
}

const known = new WeakMap<Derivation, Stable>();

/** The derivation with definitions for floating point; what does not need any stays as it is. */
export function stabilise(derivation: Derivation): Stable {
  let stable = known.get(derivation);
  if (stable === undefined) known.set(derivation, (stable = rewriteAll(derivation)));
  return stable;
}

function rewriteAll(derivation: Derivation): Stable {
  speak(derivation.program.vocabulary);
  const rewrites: Rewrite[] = [];
  let definition = "";
  const fired: Fired = (row, before, after, gain) => {
    if (!rewrites.some((r) => r.row === row && r.before === before))
      rewrites.push({ definition, row, before, after, gain });
  };
  const results = new Set([derivation.value, ...derivation.gradients.values()]);
  const taken = new Set([...derivation.inputs.map((i) => i.name), ...namesOf(derivation.definitions)]);
  const scope = scopeOf(derivation);
  const mixtures = new Mixtures(taken, scope, fired);
  const hyperbolics = inHyperbolics(withoutStops(derivation.definitions), fired);
  const values = inComplements(inLogs(hyperbolics, results, taken, fired), taken, fired);
  const whole = meetLogSumExps(ordered(mixtures.rewrite(inMultiples(values), results)), results);
  const softmax = new Softmax(taken, scope, new Map(whole.map((d) => [d.name, d])), fired);
  const besideOne = new BesideOne(taken, scope.computable, fired);
  const firstOut = new FirstOut(fired);
  const rewritten = whole.map((d) => {
    definition = d.name;
    return { ...d, body: besideOne.rewrite(softmax.rewrite(firstOut.rewrite(d.body))) };
  });
  const centred = inDeviations(rewritten, meaningIn(rewritten), taken, (name, before, after, sum) => {
    definition = name;
    return improved(deviationsReason.name, before, after, meaningIn([...rewritten, sum]), fired);
  });
  const made = [...softmax.made, ...besideOne.made, ...centred];
  const shared = inShares(made, scope.shapes, taken, (row, before, after) => fired(row, before, after));
  const all = needed(ordered(shared), results);
  const meaning = meaningIn(all);
  const vectors = all.map((d) => {
    definition = d.name;
    return { ...d, body: rewriteVectors(d.body, meaning, fired) };
  });
  const inSize = scaled(vectors, results, taken, (sum, after) => {
    definition = sum.name;
    fired(scaleReason.name, sum.body, after);
  });
  const normed = inNorms(inSize, results, taken);
  const zeros = inZeros(normed, fired);
  const saturated = saturatedIn(zeros);
  const met = inOneSum(zeros, saturated, fired);
  const parts = ordered(inMeans(met)).map((d) => {
    definition = d.name;
    return { ...d, body: rewriteParts(d.body, rows, fired, saturated) };
  });
  const definitions = ordered(namedAgain(meetOpposites(parts)));
  const given = new Set(derivation.definitions.map((d) => d.name));
  const { program, wrt, inputs, bounds, value, gradients } = derivation;
  return {
    program,
    wrt,
    inputs,
    bounds,
    definitions,
    value,
    gradients,
    get steps() {
      return derivation.steps;
    },
    rewrites,
    shared: definitions.filter((d) => !given.has(d.name)),
  };
}

const extents = (indices: readonly Index[]): readonly Extent[] => indices.map((i) => i.extent);

function scopeOf({ program, inputs, definitions }: Derivation): SoftmaxScope {
  const shapes = new Map([
    ...inputs.map((i) => [i.name, i.shape] as const),
    ...[...program.definitions, ...definitions].map((d) => [d.name, extents(d.indices)] as const),
  ]);
  const rules = algebra(factsOf(program));
  return { shapes, computable: readsInside(program, shapes, rules), simplify: rules.simplify };
}

/** Definitions that a log-sum-exp is in, such as lse and p, put into those that read them, so that what cancels meets. */
function meetLogSumExps(
  definitions: readonly Definition[],
  results: ReadonlySet<string>,
): readonly Definition[] {
  const gone = new Map<string, Definition>();
  const kept: Definition[] = [];
  for (const d of definitions) {
    const body = inline(d.body, gone);
    const own = { ...d, body };
    if (serves(body)) gone.set(d.name, own);
    if (results.has(d.name) || !serves(body)) kept.push(own);
  }
  return kept;
}

/** Whether it is lse, a sum of exponentials, a log-probability or a probability: not what is made of them, which may be read in loops. */
function serves(body: Expr): boolean {
  if (body.kind === "reduce" && body.op === "sum" && isExp(body.body)) return true;
  const exponent = isExp(body) ? body.args[0]! : body;
  return signedTerms(exponent).some((t) => isLogSumExp(t.of));
}

const isExp = (e: Expr): e is Node<"apply"> => e.kind === "apply" && e.op === "exp";

const isLogSumExp = (e: Expr): boolean => e.kind === "reduce" && e.op === "logsumexp";

/** A definition that takes more nodes than this to write out stays a read in what others mean: no vector is told from so much. */
const mostMeant = 300;

/** What a read definition stands for, definitions of a moderate size put in. */
function meaningIn(definitions: readonly Definition[]): Meaning {
  const whole = new Map<string, Definition>();
  for (const d of definitions) {
    const own = { ...d, body: inline(d.body, whole) };
    if (writtenSize(own.body) <= mostMeant) whole.set(d.name, own);
  }
  return once((e) => inline(e, whole));
}

/** Differences of coordinates of vectors in their better form, where it is measured to be so. */
export function rewriteVectors(e: Expr, meaning: Meaning, fired: Fired, always = false): Expr {
  const go = rewriting((e, go) => {
    const other = e.type === "real" ? ofVectors(e, meaning) : undefined;
    if (!other) return rebuild(e, go);
    if (always || other.sure) fired(other.row, e, other.e);
    else if (!improved(other.row, other.before, other.after, meaning, fired)) return rebuild(e, go);
    return other.e;
  });
  return go(e);
}

/** Whether a form was measured to be the better one, of what definitions mean; it is told of, if so. */
function improved(row: string, before: Expr, after: Expr, meaning: Meaning, fired: Fired): boolean {
  const gain = tried(meaning(before), meaning(after));
  if (!gain || !isBetter(gain)) return false;
  fired(row, before, after, gain);
  return true;
}

/**
 * Every expression by the first row that has a better form of it, parts first; once made, a form is left alone.
 * `saturated` gives sums and logs with definitions put in of which only rows of logistic functions know more.
 */
export function rewriteParts(
  e: Expr,
  by: readonly Row[],
  fired: Fired,
  saturated: Saturated = () => undefined,
): Expr {
  const [whole, inParts] = [true, false].map((first) => by.filter((r) => (r.whole ?? false) === first));
  const go = rewriting((e, go) => {
    const first = e.type === "real" ? firstBetter(e, whole!, fired) : undefined;
    const inner = onceAsked(rebuild(first ?? e, go));
    if (first || inner.type !== "real") return inner;
    const meant = saturated(inner);
    const known = meant && firstBetter(meant, saturatedRows, fired);
    // What an exponential less one is of was a definition's, whose own parts are not rewritten here yet.
    const less = meant && known === undefined ? firstBetter(meant, exponentialRows, fired) : undefined;
    return known ?? (less && rebuild(less, go)) ?? firstBetter(inner, inParts!, fired) ?? inner;
  });
  return go(e);
}

/** What more is known of where saturating functions are seen in what reads them. */
const saturatedRows: readonly Row[] = [
  ...logisticOfSumsRows,
  ...logisticRows,
  ...choiceRows,
  ...rootRows,
  ...sigmoidRows,
];
const exponentialRows: readonly Row[] = nearOneRows.filter((r) => r.name === "expm1");

/** What is asked twice in a row, asked once: a form that was made for a whole may be made for its part again. */
const onceAsked = (e: Expr): Expr =>
  e.kind === "where" && e.else.kind === "where" && e.else.guard === e.guard
    ? where(e.guard, e.then, e.else.else)
    : e;

/** What the first row makes of an expression that is measured to be better than it. */
function firstBetter(e: Expr, by: readonly Row[], fired: Fired): Expr | undefined {
  const operations = operationsIn(e);
  for (const row of by) {
    if (row.has !== undefined && !operations.has(row.has)) continue;
    const other = row.rewrite(e);
    if (other === undefined || other === e) continue;
    const gain = row.always === undefined ? tried(e, other) : undefined;
    if (gain && !isBetter(gain)) continue;
    fired(row.name, e, other, gain);
    return other;
  }
  return undefined;
}

/** A rewrite with its gain, also where it was made unasked, or its form reads definitions that were made for it. */
export function measured(rewrite: Rewrite, made: readonly Definition[]): Rewrite {
  if (rewrite.gain) return rewrite;
  const whole = new Map<string, Definition>();
  for (const d of made) whole.set(d.name, { ...d, body: inline(d.body, whole) });
  return { ...rewrite, gain: tried(rewrite.before, inline(rewrite.after, whole)) };
}

const trials = new WeakMap<Expr, Map<Expr, Gain | undefined>>();

function tried(before: Expr, after: Expr): Gain | undefined {
  let of = trials.get(before);
  if (of === undefined) trials.set(before, (of = new Map()));
  if (!of.has(after)) of.set(after, trial(before, after));
  return of.get(after);
}

/** Another form is taken only where it was measured to be the better one, and the plain form to be off by more than its own roundings. */
const isBetter = ({ before, after, better, worse }: Gain): boolean =>
  (after < before && before > 1.5) || better > worse;

function namesOf(definitions: readonly Definition[]): readonly string[] {
  const names = new Set(definitions.map((d) => d.name));
  for (const d of definitions) {
    for (const i of d.indices) names.add(i.name);
    for (const e of partsOf(d.body)) {
      if (e.kind === "read") names.add(e.name);
      if (e.kind === "reduce") names.add(e.over.name);
    }
  }
  return [...names];
}

/** What each definition reads comes before it. */
function ordered(definitions: readonly Definition[]): readonly Definition[] {
  const byName = new Map(definitions.map((d) => [d.name, d]));
  const out = new Set<Definition>();
  const visit = (d: Definition): void => {
    if (out.has(d)) return;
    for (const name of namesRead(d.body)) {
      const source = byName.get(name);
      if (source && source !== d) visit(source);
    }
    out.add(d);
  };
  for (const d of definitions) visit(d);
  // Shared parts directly before their first reader, the rest in its order.
  return [...out];
}

/** Results, and what they are made of. */
function needed(definitions: readonly Definition[], results: ReadonlySet<string>): readonly Definition[] {
  const live = new Set(results);
  for (const d of definitions.toReversed())
    if (live.has(d.name)) for (const name of namesRead(d.body)) live.add(name);
  return definitions.filter((d) => live.has(d.name));
}
