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
}

/** The values that an index takes in a trial, and the length of every axis. */
const extent = 3;

/** What inputs are multiplied by, point by point. */
const scales = [1, 1e-9, 40, 400, 1e3, 1e200, 1.5e308, 1e-200, 30, 5] as const;

/** Points a scale. */
const points = 8;

const sizes: Sizes = { axis: () => extent, scalar: () => extent };

/**
 * The errors of `before` and `after`, which are equal over the reals; undefined where they cannot be
 * evaluated: functions without a quick reference, subscripts that the sampled sizes do not fit.
 */
export function trial(before: Expr, after: Expr): Gain | undefined {
  const reads = readsOf([before, after]);
  if (reads === undefined) return undefined;
  let gain: Gain = { before: 0, after: 0 };
  try {
    const indices = new Map<Index, number>(freeIndices(before).map((i, n) => [i, n % extent]));
    const [plain, other] = [new Trial(before, indices, double), new Trial(after, indices, double)];
    for (let n = 0; n < scales.length * points; n++) {
      const scale = scales[n % scales.length]!;
      const values = [...reads].map(
        ([name, { rank, int }], k) => [name, sample(rank, int, scale, 31 * n + 7 * k)] as const,
      );
      const [x, y] = [plain.at(values), other.at(values)];
      // Where they agree, neither is the better one; the reference takes its time.
      if (Math.abs(x - y) <= 2 * unitOf(y)) continue;
      const reference = wide(scale >= 30 || scale < 1e-20 ? 1280 : 320);
      const exact = new Trial(before, indices, reference).at(values);
      if (reference.isNaN(exact)) continue;
      gain = {
        before: Math.max(gain.before, ulps(x, exact, reference)),
        after: Math.max(gain.after, ulps(y, exact, reference)),
      };
    }
  } catch {
    return undefined;
  }
  return gain;
}

type Sample = Table<number>;

/** Numbers of one scale, spread over the factors 1/8 to 1, of both signs; some arrays of labels 0 and 1. */
function sample(rank: number, int: boolean, scale: number, seed: number): Sample {
  const length = extent ** rank;
  const uniform = generator(seed);
  const labels = !int && uniform() < 0.4;
  const data = Array.from({ length }, () => {
    if (int) return Math.floor(uniform() * extent);
    if (labels) return uniform() < 0.5 ? 0 : 1;
    return scale * 2 ** (-3 * uniform()) * (uniform() < 0.5 ? -1 : 1);
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
function readsOf(
  es: readonly Expr[],
): ReadonlyMap<string, { readonly rank: number; readonly int: boolean }> | undefined {
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
