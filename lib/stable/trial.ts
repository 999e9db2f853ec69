/**
 * Two forms of an expression tried against each other: their errors in ulp, in doubles, at
 * sampled points of all sizes, against a reference of many digits that is quick to load.
 */
import { ulps, unitOf } from "../number/ulp.ts";
import { Evaluator, type Table } from "../eval.ts";
import { children, freeIndices, type Expr, type Index } from "../expr/node.ts";
import type { Sizes } from "../expr/extent.ts";
import { double } from "../number/double.ts";
import type { Field } from "../number/field.ts";
import { knows, wide } from "../number/wide.ts";

/** The worst errors of both forms, in ulp; Infinity where one is lost altogether. */
export interface Gain {
  readonly before: number;
  readonly after: number;
  /** At how many points `after` is clearly the better one, and at how many the worse one. */
  readonly better: number;
  readonly worse: number;
  /** The errors where `after` is the better one by the most. */
  readonly most: { readonly before: number; readonly after: number };
}

/** The values that an index takes in a trial, and the length of every axis. */
const extent = 3;

/** What inputs are multiplied by, point by point. */
const scales = [1, 1e-9, 40, 400, 1e3, 1e200, 1.5e308, 1e-200, 30, 5] as const;

/** Points a scale. */
const points = 12;

const sizes: Sizes = { axis: () => extent, scalar: () => extent };

/**
 * The errors of `before` and `after`, which are equal over the reals; undefined where they cannot be
 * evaluated: functions without a quick reference, subscripts that the sampled sizes do not fit.
 *
 * Both are computed in doubles at all points; at the point of each scale where they differ the
 * most, both are compared with the exact value. Where they agree, neither is the better one.
 */
export function trial(before: Expr, after: Expr): Gain | undefined {
  const gain = trialAt(points, before, after);
  // Terms of independent inputs cancel at few points: a few more are asked before both pass for equal.
  return gain && gain.before === 0 && gain.after === 0 ? trialAt(4 * points, before, after) : gain;
}

function trialAt(points: number, before: Expr, after: Expr): Gain | undefined {
  const reads = readsOf([before, after]);
  if (reads === undefined) return undefined;
  let gain: Gain = { before: 0, after: 0, better: 0, worse: 0, most: { before: 0, after: 0 } };
  try {
    const indices = new Map<Index, number>(freeIndices(before).map((i, n) => [i, n % extent]));
    const [plain, other] = [new Trial(before, indices, double), new Trial(after, indices, double)];
    for (const [turn, scale] of scales.entries()) {
      const worst = mostApart(reads, scale, turn, points, plain, other);
      if (!worst) continue;
      const reference = wide(scale >= 30 || scale < 1e-20 ? 1280 : 320);
      const exact = new Trial(before, indices, reference).at(worst.values);
      // Infinite with so many digits: beyond what the reference can tell.
      const size = reference.functions.abs(exact);
      if (reference.isNaN(exact) || reference.compare(size, reference.fromNumber(Infinity)) === 0) continue;
      const [old, own] = [ulps(worst.plain, exact, reference), ulps(worst.other, exact, reference)];
      gain = {
        before: Math.max(gain.before, old),
        after: Math.max(gain.after, own),
        better: gain.better + (old > 4 && own < old / 2 ? 1 : 0),
        worse: gain.worse + (own > 4 && old < own / 2 ? 1 : 0),
        most: old - own > gain.most.before - gain.most.after ? { before: old, after: own } : gain.most,
      };
    }
  } catch {
    return undefined;
  }
  return gain;
}

type Reads = ReadonlyMap<string, { readonly rank: number; readonly int: boolean }>;
type Values = readonly (readonly [string, Sample])[];

interface Point {
  readonly values: Values;
  readonly plain: number;
  readonly other: number;
}

/** The point of a scale, the `turn`-th one, at which two forms differ the most; undefined where they agree at all of them. */
function mostApart(
  reads: Reads,
  scale: number,
  turn: number,
  points: number,
  first: Trial<number>,
  second: Trial<number>,
): Point | undefined {
  let found: Point | undefined;
  let most = 2;
  for (let n = turn; n < points * scales.length; n += scales.length) {
    const ahead = n % 4 === 0 ? n % extent : undefined;
    const values: Values = [...reads].map(
      // Scalars are parameters, half of the time of ordinary size.
      ([name, { rank, int }], k) => {
        const size = rank === 0 && n % 2 === 0 ? 1 : scale;
        return [name, sample(rank, int, size, 31 * n + 7 * k, ahead)] as const;
      },
    );
    const [plain, other] = [first.at(values), second.at(values)];
    const apart = Math.abs(plain - other) / unitOf(other);
    const differs = Number.isNaN(apart) ? !Object.is(plain, other) : apart > most;
    if (!differs) continue;
    found = { values, plain, other };
    most = Number.isNaN(apart) ? Infinity : apart;
  }
  return found;
}

type Sample = Table<number>;

/**
 * Numbers of one scale, spread over the factors 1/8 to 1, of both signs; some arrays of labels 0 and 1.
 * `ahead` is a position along the last axis at which they are much larger than elsewhere.
 */
function sample(rank: number, int: boolean, scale: number, seed: number, ahead: number | undefined): Sample {
  const length = extent ** rank;
  const uniform = generator(seed);
  const labels = !int && uniform() < 0.4;
  const data = Array.from({ length }, (_, n) => {
    if (int) return Math.floor(uniform() * extent);
    if (labels) return uniform() < 0.5 ? 0 : 1;
    const size = ahead === undefined || rank === 0 || n % extent === ahead ? scale : scale * 2 ** -30;
    return size * 2 ** (-3 * uniform()) * (uniform() < 0.5 ? -1 : 1);
  });
  return { shape: Array.from({ length: rank }, () => extent), data };
}

/** Uniform numbers in [0, 1); a linear congruence is random enough for sizes and signs. */
function generator(seed: number): () => number {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** One expression in one type of number, evaluated at one sample after another. */
class Trial<T> {
  readonly #e: Expr;
  readonly #field: Field<T>;
  readonly #indices: ReadonlyMap<Index, number>;

  constructor(e: Expr, indices: ReadonlyMap<Index, number>, field: Field<T>) {
    this.#e = e;
    this.#field = field;
    this.#indices = indices;
  }

  at(values: readonly (readonly [string, Sample])[]): T {
    const { fromNumber } = this.#field;
    const tables = new Map(
      values.map(([name, { shape, data }]) => [name, { shape, data: data.map(fromNumber) }]),
    );
    return new Evaluator({ field: this.#field, sizes, tables }).value(this.#e, this.#indices);
  }
}

/** The arrays that expressions read; undefined where a function has no quick reference. */
function readsOf(es: readonly Expr[]): Reads | undefined {
  const found = new Map<string, { rank: number; int: boolean }>();
  const seen = new Set<Expr>();
  const visit = (e: Expr): boolean => {
    if (seen.has(e)) return true;
    seen.add(e);
    if (e.kind === "apply" && !knows(e.op)) return false;
    if (e.kind === "read") found.set(e.name, { rank: e.at.length, int: e.type === "int" });
    return children(e).every(visit);
  };
  return es.every(visit) ? found : undefined;
}
