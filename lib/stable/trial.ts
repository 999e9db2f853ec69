/**
 * Two forms of an expression tried against each other: their errors in ulp, in doubles, at
 * sampled points of all sizes, against a reference of many digits that is quick to load.
 */
import { ulps, unitOf } from "../number/ulp.ts";
import { Evaluator, type Table } from "../eval.ts";
import { freeIndices, type Expr, type Index } from "../expr/node.ts";
import type { Sizes } from "../expr/extent.ts";
import { double } from "../number/double.ts";
import type { Field } from "../number/field.ts";
import { knows, wide, type Wide } from "../number/wide/wide.ts";
import { partsOf } from "../expr/parts.ts";

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
  const reads = readsOf([before, after]);
  if (reads === undefined) return undefined;
  try {
    const comparison = new Comparison(before, after, reads);
    const gain = comparison.gain(points);
    // Terms of independent inputs cancel at few points: a few more are asked before both pass for equal.
    return gain.before === 0 && gain.after === 0 ? comparison.gain(4 * points) : gain;
  } catch {
    return undefined;
  }
}

/** Both forms at one point after another, and where they differ the most. */
class Comparison {
  readonly #reads: Reads;
  readonly #before: Expr;
  readonly #after: Expr;
  /** Both forms: what they have in common is computed once. */
  readonly #doubles: Trial<number>;
  readonly #exact: (bits: number) => Trial<Wide>;
  /** By scale, so far. */
  readonly #apart: Apart[] = scales.map((_, turn) => ({ next: turn, most: 2, worst: undefined }));

  constructor(before: Expr, after: Expr, reads: Reads) {
    const indices = new Map<Index, number>(freeIndices(before).map((i, n) => [i, n % extent]));
    this.#reads = reads;
    [this.#before, this.#after] = [before, after];
    this.#doubles = new Trial(indices, double, (sample) => sample);
    const exact = new Map<number, Trial<Wide>>();
    this.#exact = (bits) => {
      let trial = exact.get(bits);
      if (trial === undefined) exact.set(bits, (trial = wideTrial(indices, bits)));
      return trial;
    };
  }

  /** The errors at so many points a scale. */
  gain(points: number): Gain {
    let gain: Gain = { before: 0, after: 0, better: 0, worse: 0, most: { before: 0, after: 0 } };
    for (const [turn, scale] of scales.entries()) {
      const worst = this.#mostApart(scale, this.#apart[turn]!, points);
      if (!worst) continue;
      const bits = scale >= 30 || scale < 1e-20 ? 1280 : 320;
      const reference = wide(bits);
      const exact = this.#exact(bits).at(worst.values).value(this.#before);
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
    return gain;
  }

  /** The point of a scale at which the forms differ the most; undefined where they agree at all of them. */
  #mostApart(scale: number, apart: Apart, points: number): Point | undefined {
    for (; apart.next < points * scales.length; apart.next += scales.length) {
      const values = valuesAt(this.#reads, scale, apart.next);
      const doubles = this.#doubles.at(values);
      const [plain, other] = [doubles.value(this.#before), doubles.value(this.#after)];
      const distance = Math.abs(plain - other) / unitOf(other);
      const differs = Number.isNaN(distance) ? !Object.is(plain, other) : distance > apart.most;
      if (!differs) continue;
      apart.worst = { values, plain, other };
      apart.most = Number.isNaN(distance) ? Infinity : distance;
    }
    return apart.worst;
  }
}

type Reads = ReadonlyMap<string, { readonly rank: number; readonly int: boolean }>;
type Values = readonly (readonly [string, Sample])[];

interface Point {
  readonly values: Values;
  readonly plain: number;
  readonly other: number;
}

/** What is known of a scale. */
interface Apart {
  /** The number of the next point to be tried. */
  next: number;
  /** How far the forms are from each other at the worst point, in ulp; at least 2. */
  most: number;
  worst: Point | undefined;
}

/** The values of all reads at the n-th point, which is of this scale. */
function valuesAt(reads: Reads, scale: number, n: number): Values {
  let k = 0;
  const values: (readonly [string, Sample])[] = [];
  for (const [name, { rank, int }] of reads) values.push([name, sampled(rank, int, scale, n, k++)]);
  return values;
}

type Sample = Table<number>;

const samples = new Map<number, Sample>();

/** Of 27 numbers or fewer each, nearly always. */
const mostSamples = 2 ** 16;

/** What the k-th read is at the n-th point. */
function sampled(rank: number, int: boolean, scale: number, n: number, k: number): Sample {
  const key = ((2 * k + (int ? 1 : 0)) * 16 + rank) * 4 * points * scales.length + n;
  let found = samples.get(key);
  if (found === undefined) {
    // Scalars are parameters, half of the time of ordinary size.
    const size = rank === 0 && n % 2 === 0 ? 1 : scale;
    if (samples.size >= mostSamples) samples.clear();
    found = sample(rank, int, size, 31 * n + 7 * k, n % 4 === 0 ? n % extent : undefined);
    samples.set(key, found);
  }
  return found;
}

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

/** Expressions in one type of number, evaluated at one sample after another. */
class Trial<T> {
  readonly #indices: ReadonlyMap<Index, number>;
  readonly #tableOf: (sample: Sample) => Table<T>;
  readonly #tables = new Map<string, Table<T>>();
  readonly #evaluator: Evaluator<T>;

  constructor(indices: ReadonlyMap<Index, number>, field: Field<T>, tableOf: (sample: Sample) => Table<T>) {
    this.#indices = indices;
    this.#tableOf = tableOf;
    this.#evaluator = new Evaluator({ field, sizes, tables: this.#tables });
  }

  at(values: Values): this {
    for (const [name, sample] of values) this.#tables.set(name, this.#tableOf(sample));
    this.#evaluator.forget();
    return this;
  }

  value(e: Expr): T {
    return this.#evaluator.value(e, this.#indices);
  }
}

function wideTrial(indices: ReadonlyMap<Index, number>, bits: number): Trial<Wide> {
  const field = wide(bits);
  return new Trial(indices, field, ({ shape, data }) => ({ shape, data: data.map(field.fromNumber) }));
}

/** The arrays that expressions read; undefined where a function has no quick reference. */
function readsOf(es: readonly Expr[]): Reads | undefined {
  const found = new Map<string, { rank: number; int: boolean }>();
  for (const e of partsOf(...es)) {
    if (e.kind === "apply" && !knows(e.op)) return undefined;
    if (e.kind === "read") found.set(e.name, { rank: e.at.length, int: e.type === "int" });
  }
  return found;
}
