/**
 * Why a gradient check fails here: the coordinate at which a fixed step goes most wrong, the
 * guards that it straddles, and how often that is to be expected.
 */
import { volume, type Tensor } from "../binding.ts";
import { moved, type Point } from "../check/point.ts";
import { randomPoint } from "../check/points.ts";
import { Random } from "../check/random.ts";
import { Replayer } from "../check/replay.ts";
import { trace, type Trace } from "../check/trace.ts";
import { UserError } from "../errors.ts";
import type { Program } from "../expr/program.ts";
import { expectedStraddles, sameSlopes, straddles } from "./frequency.ts";
import { guardsOf, type Guard } from "./guards.ts";
import { Slice, type Quotient, type SliceKink } from "./slice.ts";

export interface KinksOptions {
  /** The input that is varied: an array of weights. */
  readonly wrt: string;
  /** Values of the margin to compare; none when absent and the program has no margin. */
  readonly deltas?: readonly number[] | undefined;
  readonly steps: readonly number[];
  /** The step that is looked at. */
  readonly step: number;
  readonly seed: number;
}

export interface KinksReport {
  readonly slice: Slice;
  readonly analytic: number;
  /** At the step that is looked at. */
  readonly quotient: Quotient;
  /** |numeric − analytic| / (|numeric| + |analytic|), as CS231n prints it. */
  readonly relativeError: number;
  /** Kinks that the step straddles; when there are none, the nearest. */
  readonly kinks: readonly SliceKink[];
  /** The quotient below the nearest kink. */
  readonly below: Quotient | undefined;
  readonly quotients: readonly Quotient[];
  readonly guards: number;
  readonly frequency: Frequency | undefined;
}

export interface Frequency {
  /** The scalar that is added in the guards, such as Delta. */
  readonly margin: string | undefined;
  /** The deviation of the weights. */
  readonly sigma: number;
  /** The deviation of the guards' values over the weights, typical. */
  readonly spread: number;
  readonly draws: number;
  readonly rows: readonly FrequencyRow[];
}

export interface FrequencyRow {
  readonly delta: number | undefined;
  /** For each step, straddled kinks per coordinate: by the formula, where guards are affine in the weights, and counted. */
  readonly cells: readonly {
    readonly step: number;
    readonly expected: number | undefined;
    readonly measured: number;
  }[];
}

/** Redraws of the weights to count over: where each takes a trace, and where guards are affine. */
const tracedDraws = 60;
const mostDraws = 5000;

/** Slopes to look at in all redraws. */
const mostWork = 4e7;

/** Coordinates of which the worst is sought. */
const mostCandidates = 60;

/** Throws a `UserError` when the program has no kinks that the weights move. */
export function kinks(given: Point, options: KinksOptions): KinksReport {
  const { step, steps, wrt } = options;
  const point = movingOnly(given, wrt);
  const traced = traceOf(point);
  const block = traced.blocks.find((b) => b.name === wrt)!;
  const range = [block.from, block.from + block.size] as const;
  const guards = guardsOf(traced);
  const slice = worstSlice(point, traced, guards, range, step);
  if (slice === undefined)
    throw new UserError(`the program has no kink that ${wrt} moves: nothing to straddle`);
  const quotient = slice.quotient(step);
  const nearest = Math.abs(slice.crossings[0]!.at);
  const straddled = slice.kinks(step);
  return {
    slice,
    analytic: slice.slope,
    quotient,
    relativeError: relative(quotient.numeric, slice.slope),
    kinks: straddled.length > 0 ? straddled : slice.kinks(nearest * 1.0001, 1),
    below: nearest > 0 ? slice.quotient(nearest / 2) : undefined,
    quotients: steps.map((h) => slice.quotient(h)),
    guards: guards.length,
    frequency: frequency(point, traced, guards, range, options),
  };
}

/** The weights and the scalars are coordinates, the rest is fixed: guards are then affine where they can be. */
function movingOnly(point: Point, wrt: string): Point {
  const { program, binding } = point;
  const isMoving = (name: string): boolean => name === wrt || binding.arrays.get(name)!.shape.length === 0;
  return {
    ...point,
    wrt: program.inputs.filter((i) => i.type === "real" && isMoving(i.name)).map((i) => i.name),
  };
}

const relative = (a: number, b: number): number =>
  a === b ? 0 : Math.abs(a - b) / (Math.abs(a) + Math.abs(b));

const traceOf = ({ program, binding, wrt, upstream }: Point): Trace => trace(program, binding, wrt, upstream);

/** Of the coordinates that are nearest to a kink, the one where the quotient is furthest from the slope. */
function worstSlice(
  point: Point,
  traced: Trace,
  guards: readonly Guard[],
  [from, to]: readonly [number, number],
  step: number,
): Slice | undefined {
  const nearest = new Map<number, number>();
  for (const { gap, coordinates, slopes } of guards)
    for (const [n, c] of coordinates.entries()) {
      const distance = Math.abs(gap / slopes[n]!);
      if (c >= from && c < to && distance < (nearest.get(c) ?? Infinity)) nearest.set(c, distance);
    }
  const candidates = [...nearest].toSorted(([, a], [, b]) => a - b).slice(0, mostCandidates);
  const replayer = new Replayer(traced);
  let worst: { slice: Slice; error: number } | undefined;
  for (const [c] of candidates) {
    const slice = new Slice(point, traced, replayer, guards, c);
    const error = slice.within(step).length === 0 ? -1 : Math.abs(slice.quotient(step).numeric - slice.slope);
    if (worst === undefined || error > worst.error) worst = { slice, error };
  }
  return worst?.slice;
}

function frequency(
  point: Point,
  traced: Trace,
  guards: readonly Guard[],
  range: readonly [number, number],
  options: KinksOptions,
): Frequency | undefined {
  const { seed, steps, wrt } = options;
  const { data, shape } = point.binding.arrays.get(wrt)!;
  const sigma = Math.sqrt(Array.from(data).reduce((s, w) => s + w * w, 0) / Math.max(1, data.length));
  if (sigma === 0 || data.length < 2) return undefined;
  const margin = marginOf(traced, guards);
  const random = new Random(seed);
  const weights = (): Float64Array => Float64Array.from(data, () => sigma * random.normal());
  const at = (weights: Float64Array): readonly Guard[] =>
    guardsOf(traceOf(withArray(point, wrt, { shape, data: weights })));
  const affine = [weights(), weights()].every((w) => sameSlopes(at(w), guards, range));
  const work = guards.reduce((n, g) => n + g.slopes.length, 0) * steps.length * (options.deltas?.length ?? 1);
  const draws = affine
    ? Math.max(tracedDraws, Math.min(mostDraws, Math.floor(mostWork / (work + 1))))
    : tracedDraws;
  const drawn = Array.from({ length: draws }, () =>
    affine ? redrawn(guards, range, data, weights()) : at(weights()),
  );
  const deltas = margin === undefined ? [undefined] : (options.deltas ?? [margin.value]);
  const rows = deltas.map((delta): FrequencyRow => {
    const shifted = (guards: readonly Guard[]): readonly Guard[] =>
      delta === undefined ? guards : withMargin(guards, margin!, delta);
    const all = drawn.map(shifted);
    return {
      delta,
      cells: steps.map((step) => ({
        step,
        expected: affine
          ? expectedStraddles(shifted(guards), traced.tape.value, range, sigma, step)
          : undefined,
        measured: all.reduce((sum, guards) => sum + straddles(guards, range, step), 0) / draws,
      })),
    };
  });
  return { margin: margin?.name, sigma, spread: sigma * typicalLength(guards, range), draws, rows };
}

/** Affine guards where the weights have changed. */
function redrawn(
  guards: readonly Guard[],
  [from, to]: readonly [number, number],
  before: ArrayLike<number>,
  weights: Float64Array,
): readonly Guard[] {
  return guards.map((guard) => {
    let { gap } = guard;
    for (const [n, c] of guard.coordinates.entries())
      if (c >= from && c < to) gap += guard.slopes[n]! * (weights[c - from]! - before[c - from]!);
    return { ...guard, gap };
  });
}

/** Guards at another margin: each moves with it at a constant rate. */
const withMargin = (
  guards: readonly Guard[],
  { coordinate, value }: Margin,
  delta: number,
): readonly Guard[] =>
  guards.map((guard) => ({
    ...guard,
    gap: guard.gap + (delta - value) * guard.slopes[guard.coordinates.indexOf(coordinate)]!,
  }));

/** The root mean square of ‖a‖ over guards. */
function typicalLength(guards: readonly Guard[], [from, to]: readonly [number, number]): number {
  const squares = guards.map(({ coordinates, slopes }) =>
    slopes.reduce((s, a, n) => (coordinates[n]! >= from && coordinates[n]! < to ? s + a * a : s), 0),
  );
  return Math.sqrt(squares.reduce((s, x) => s + x, 0) / Math.max(1, squares.length));
}

const withArray = (point: Point, name: string, array: Tensor): Point => ({
  ...point,
  binding: { ...point.binding, arrays: new Map([...point.binding.arrays, [name, array]]) },
});

/** A scalar that is added in every guard, such as Delta. */
interface Margin {
  readonly name: string;
  readonly coordinate: number;
  readonly value: number;
}

/** A scalar that every guard moves with at the rate ±1. */
function marginOf({ blocks, tape }: Trace, guards: readonly Guard[]): Margin | undefined {
  const scalars = blocks.filter((b) => b.shape.length === 0);
  const found = scalars.find(
    ({ from }) =>
      guards.length > 0 &&
      guards.every(({ coordinates, slopes }) => Math.abs(slopes[coordinates.indexOf(from)] ?? 0) === 1),
  );
  return found && { name: found.name, coordinate: found.from, value: tape.value[found.from]! };
}

/** Sizes of a generated point: enough guards to count, few enough coordinates to look at each. */
const mostCoordinates = 150;
const tries = 30;

/** The size of axes at most, such that an array has no more entries than can be looked at in so many tries. */
const mostEntries = 12 ** 3;
const mostSize = ({ inputs }: Program): number => {
  const rank = Math.max(3, ...inputs.map((i) => i.shape.length));
  return Math.round(mostEntries ** (1 / rank));
};

/**
 * A point of some size, at which a fixed step straddles a kink: one coordinate is moved until it does.
 * `margin` is the value of the scalar that guards add.
 */
export function instructivePoint(
  program: Program,
  wrt: string,
  margin: number,
  step: number,
  seed: number,
): Point {
  const most = mostSize(program);
  let best: { point: Point; size: number } | undefined;
  for (let n = 0; n < tries; n++) {
    const drawn = movingOnly(randomPoint(program, new Random(seed + n), { most }), wrt);
    const coordinates = volume(drawn.binding.arrays.get(wrt)!.shape);
    const size = coordinates * traceOf(drawn).origins.size;
    if (coordinates <= mostCoordinates && size > (best?.size ?? -1)) best = { point: drawn, size };
  }
  if (best === undefined)
    throw new UserError("no point of a fitting size was found", { fix: "give one with --input FILE" });
  const traced = traceOf(best.point);
  const name = marginOf(traced, guardsOf(traced))?.name;
  const point =
    name === undefined
      ? best.point
      : withArray(best.point, name, { shape: [], data: Float64Array.of(margin) });
  return beside(point, wrt, step);
}

/** Kinks that are tried, the nearest first. */
const mostKinks = 30;

/** The point with one coordinate moved so that a guard is a third of a step away, and so that it shows. */
function beside(point: Point, wrt: string, step: number): Point {
  const traced = traceOf(point);
  const block = traced.blocks.find((b) => b.name === wrt)!;
  const near = guardsOf(traced)
    .flatMap(({ gap, coordinates, slopes }) => coordinates.map((c, n) => ({ c, at: -gap / slopes[n]! })))
    .filter(({ c, at }) => c >= block.from && c < block.from + block.size && at !== 0)
    .toSorted((a, b) => Math.abs(a.at) - Math.abs(b.at));
  for (const { c } of near.slice(0, mostKinks)) {
    const { there, slice } = approached(point, c, step);
    if (relative(slice.quotient(step).numeric, slice.slope) > visible) return there;
  }
  return point;
}

/** The point moved along one coordinate towards its nearest kink, in Newton's steps, to a third of a step before it. */
function approached(point: Point, c: number, step: number): { there: Point; slice: Slice } {
  let there = point;
  for (let n = 0; ; n++) {
    const traced = traceOf(there);
    const slice = new Slice(there, traced, new Replayer(traced), guardsOf(traced), c);
    const at = slice.crossings[0]?.at ?? 0;
    if (n === mostMoves || Math.abs(Math.abs(at) - step / 3) < step / 12) return { there, slice };
    const values = there.wrt.flatMap((name) => [...there.binding.arrays.get(name)!.data]);
    there = moved(there, values.with(c, values[c]! + at - (step / 3) * (Math.sign(at) || 1)));
  }
}

const mostMoves = 5;

/** Relative errors from here on are what CS231n's notes worry about. */
const visible = 1e-2;
