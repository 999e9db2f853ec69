/**
 * Difference quotients that know where the kinks are, with the error they may have.
 *
 * Between kinks a piecewise linear or quadratic function has no truncation error, so the
 * largest kink-free step is the best; otherwise the step balances rounding, δ/h, against
 * truncation, M·h²/6. Truncation is estimated from the slopes at both ends.
 */
import type { Trace } from "./trace.ts";
import type { Course, Move, Replayer, Run } from "./replay.ts";
import { unit } from "./settle.ts";

export interface Quotient {
  readonly numeric: number;
  readonly error: number;
  readonly step: number;
  /** Evaluations it took. */
  readonly runs: number;
  /** The slopes a step to the left and to the right. */
  readonly left: number;
  readonly right: number;
}

/** How often a step that met a kink after all is shortened. */
const mostTries = 4;

/**
 * The slope of the program along a move by a central difference; undefined when no step
 * avoids the kinks. `reach` is the size of the coordinates; choices in `open` lie at the
 * point itself and cannot be avoided.
 */
export function quotient(
  replayer: Replayer,
  { tape, root }: Trace,
  move: Move,
  nodes: Int32Array,
  course: Course,
  reach: number,
  open: ReadonlySet<number>,
): Quotient | undefined {
  let step = firstStep(course, reach, tape.value[root]!, tape.error[root]!);
  let runs = 0;
  for (let n = 0; n < mostTries; n++, step /= 16) {
    const width = widthOf(move, step, (c) => tape.value[c]!);
    if (!(width > 0)) return undefined;
    const right = replayer.run(move, step, nodes);
    const left = replayer.run(move, -step, nodes);
    runs += 2;
    const hindered = [...right.turned, ...left.turned].some((node) => !open.has(node));
    if (hindered || right.left || left.left || !Number.isFinite(right.value - left.value)) continue;
    const numeric = (right.value - left.value) / width;
    // The mean slope of the ends is off by h²f‴/2, the quotient by h²f‴/6.
    const bend = Math.abs((right.slope + left.slope) / 2 - numeric);
    // Across a kink that cannot be avoided the slopes at the ends are off by as much again.
    const crossed = right.turned.length + left.turned.length > 0;
    const truncation = crossed ? 2 * bend : course.degree <= 2 ? 0 : bend;
    const rounding = (right.error + left.error) / width + 4 * unit * Math.abs(numeric);
    return { numeric, error: rounding + truncation, step, runs, left: left.slope, right: right.slope };
  }
  return undefined;
}

/** A power of two, so that most moves are exact. */
function firstStep(
  { kink, scale, degree, slope }: Course,
  reach: number,
  value: number,
  error: number,
): number {
  const free = kink === undefined ? Infinity : kink.distance / 2;
  if (degree <= 2) return powerBelow(Math.min(free, reach));
  const length = Math.min(scale, degree === Infinity && scale < Infinity ? Infinity : reach);
  const noise = Math.max(error, unit * Math.abs(value));
  const bend =
    Math.abs(slope) > 0 ? Math.abs(slope) / length ** 2 : Math.max(Math.abs(value), noise) / length ** 3;
  const best = Math.cbrt((3 * noise) / bend);
  return powerBelow(Math.min(free, Math.min(best > 0 ? best : Infinity, length / 16)));
}

const powerBelow = (x: number): number => 2 ** Math.max(-1060, Math.floor(Math.log2(x)));

/** How far apart the two ends are, in units of the move; measured on the coordinate that moves most, as ends are rounded. */
function widthOf({ coordinates, by }: Move, step: number, value: (c: number) => number): number {
  if (coordinates.length > 1) return 2 * step;
  const [x, d] = [value(coordinates[0]!), by[0]!];
  return (x + step * d - (x - step * d)) / d;
}

/** A difference with a step given from outside, without any care. */
export interface PlainQuotient {
  readonly numeric: number;
  /** What rounding may have done to it. */
  readonly rounding: number;
  readonly turned: readonly number[];
  /** The slopes a step to the left and to the right; undefined where the tape does not reach. */
  readonly left: number | undefined;
  readonly right: number | undefined;
}

/** `far` evaluates the program afresh when a run leaves the tape. */
export function plainQuotient(
  replayer: Replayer,
  { tape }: Trace,
  move: Move,
  nodes: Int32Array,
  step: number,
  far: (values: Float64Array) => number,
): PlainQuotient {
  const ends = [step, -step].map((t) => {
    const run = replayer.run(move, t, nodes);
    return run.left ? { ...run, value: far(displaced(tape.value, move, t)) } : run;
  });
  const [right, left] = ends as [Run, Run];
  const width = widthOf(move, step, (c) => tape.value[c]!);
  return {
    numeric: (right.value - left.value) / width,
    rounding: (right.error + left.error) / width,
    turned: [...new Set([...right.turned, ...left.turned])],
    left: left.left ? undefined : left.slope,
    right: right.left ? undefined : right.slope,
  };
}

function displaced(at: Float64Array, { coordinates, by }: Move, t: number): Float64Array {
  const out = Float64Array.from(at);
  for (const [n, c] of coordinates.entries()) out[c]! += t * by[n]!;
  return out;
}
