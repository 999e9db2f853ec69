/**
 * Difference quotients for people to look at: the whole gradient along one random
 * direction, then each coordinate, with what a fixed step would have shown and why.
 */
import { plainQuotient, quotient, type PlainQuotient, type Quotient } from "./difference.ts";
import type { Local } from "./gates.ts";
import type { Judged } from "./judge.ts";
import { OneSided } from "./one-sided.ts";
import { moved, reaches, type Point } from "./point.ts";
import { Random } from "./random.ts";
import { Replayer, type Move } from "./replay.ts";
import type { DirectionalReport } from "./report.ts";
import { unit } from "./settle.ts";
import { isOpen } from "./ties.ts";
import { trace, type Trace } from "./trace.ts";

/** What is known of a claimed gradient at a point. */
export interface Examined {
  readonly point: Point;
  readonly traced: Trace;
  readonly local: Local;
  readonly gradient: Float64Array;
  readonly judged: readonly Judged[];
  readonly seed: number;
}

/** What was measured at one coordinate. Guards are nodes of the tape. */
export interface Evidence {
  readonly measured: Quotient | undefined;
  readonly kink: KinkEvidence | undefined;
  readonly plain: PlainEvidence | undefined;
  /** Whether the measured value and the expected one cannot both be right. */
  readonly contradicts: boolean;
}

export interface KinkEvidence {
  readonly node: number;
  readonly distance: number;
  readonly left: number;
  readonly right: number;
  readonly guards: number;
}

export interface PlainEvidence {
  readonly step: number;
  readonly numeric: number;
  readonly label: "straddle" | "round-off" | "truncation" | undefined;
  readonly straddled: readonly { readonly node: number; readonly distance: number }[];
  readonly left: number;
  readonly right: number;
}

/** Relative differences from here on are what people call a mismatch. */
const mismatch = 1e-6;

/** Operands to visit for difference quotients at most: some seconds. Beyond, a sample of coordinates is measured. */
const mostWork = 1e8;

/** Straddled guards listed at most. */
const mostListed = 8;

export class Evidences {
  readonly #examined: Examined;
  readonly #replayer: Replayer;
  readonly #reach: Float64Array;
  readonly #open: ReadonlySet<number>;
  readonly #oneSided: OneSided;
  #evaluations = 0;

  constructor(examined: Examined) {
    const { point, traced, local } = examined;
    this.#examined = examined;
    this.#replayer = new Replayer(traced);
    this.#reach = reaches(point);
    this.#open = new Set([...traced.origins.keys()].filter((node) => isOpen(traced.tape, node)));
    this.#oneSided = new OneSided(local);
  }

  /** Evaluations so far. */
  get evaluations(): number {
    return this.#evaluations;
  }

  /** Evidence for these coordinates; for some of them when all would take too long. `step`: a fixed step to explain. */
  gather(coordinates: readonly number[], step: number | undefined): Map<number, Evidence> {
    const found = new Map<number, Evidence>();
    for (const c of this.#affordable(coordinates)) {
      if (this.#replayer.work > mostWork) break;
      found.set(c, this.#at(c, step));
    }
    return found;
  }

  /** In order, unless not all can be measured. */
  #affordable(coordinates: readonly number[]): readonly number[] {
    const { traced, seed } = this.#examined;
    if (2 * coordinates.length * traced.tape.work < mostWork) return coordinates;
    const random = new Random(seed);
    return coordinates
      .map((c) => ({ c, key: random.uniform() }))
      .toSorted((a, b) => a.key - b.key)
      .map(({ c }) => c);
  }

  #at(c: number, step: number | undefined): Evidence {
    const move: Move = { coordinates: [c], by: [1] };
    const nodes = this.#replayer.dependents([c]);
    const here = [...nodes].filter((node) => this.#open.has(node));
    const measured = this.#measure(move, nodes, this.#reach[c]!);
    const plain = step === undefined ? undefined : this.#explain(c, move, nodes, here, step);
    const nearest = here.length > 0 ? { node: here[0]!, distance: 0 } : plain?.straddled[0];
    const sides = this.#oneSided.at(c) ?? plain ?? measured;
    return {
      measured,
      kink: nearest &&
        sides && { ...nearest, left: sides.left, right: sides.right, guards: Math.max(1, here.length) },
      plain,
      contradicts:
        here.length === 0 && measured !== undefined && disagrees(measured, this.#examined.judged[c]!),
    };
  }

  #measure(move: Move, nodes: Int32Array, reach: number): Quotient | undefined {
    const course = this.#replayer.course(move, nodes);
    const measured = quotient(this.#replayer, this.#examined.traced, move, nodes, course, reach, this.#open);
    this.#evaluations += measured?.runs ?? 0;
    return measured;
  }

  /** What a fixed step shows at a coordinate, and why. `here`: guards that are open at the point itself. */
  #explain(c: number, move: Move, nodes: Int32Array, here: readonly number[], step: number): PlainEvidence {
    const { traced, judged } = this.#examined;
    const plain = plainQuotient(this.#replayer, traced, move, nodes, step, (values) => this.#afresh(values));
    this.#evaluations += 2;
    const involved = [...new Set([...here, ...plain.turned])]
      .filter((node) => traced.origins.has(node))
      .slice(0, mostListed);
    const { slope, watched } = this.#replayer.course(move, nodes, involved);
    const straddled = involved
      .map((node, n) => ({ node, distance: watched[n] === Infinity ? 0 : watched[n]! }))
      .toSorted((a, b) => a.distance - b.distance);
    const label = labelOf(plain, judged[c]!, straddled.length > 0);
    return {
      step,
      numeric: plain.numeric,
      label,
      straddled,
      left: plain.left ?? slope,
      right: plain.right ?? slope,
    };
  }

  /** The value where the tape does not reach. */
  #afresh(values: Float64Array): number {
    const { program, binding, wrt, upstream } = moved(this.#examined.point, values);
    const { tape, root } = trace(program, binding, wrt, upstream);
    return tape.value[root]!;
  }

  /** The whole gradient along one random unit direction; undefined when no step avoids the kinks. */
  directional(): DirectionalReport | undefined {
    const { traced, judged, gradient, seed } = this.#examined;
    const random = new Random(seed);
    const normal = Float64Array.from({ length: traced.n }, () => random.normal());
    const length = Math.sqrt(normal.reduce((sum, v) => sum + v * v, 0)) || 1;
    const by = Array.from(normal, (v) => v / length);
    const coordinates = by.map((_, c) => c);
    const reach = this.#reach.reduce((m, r) => Math.max(m, r), 0) * Math.sqrt(Math.max(1, traced.n));
    const measured = this.#measure({ coordinates, by }, this.#replayer.dependents(coordinates), reach);
    if (measured === undefined) return undefined;
    const { numeric, step } = measured;
    let [analytic, slack, bent] = [0, 0, 0];
    for (const [c, { expected, slack: own }] of judged.entries()) {
      const [low, high] = expected;
      analytic += gradient[c]! * by[c]!;
      slack += (own + high - low) * Math.abs(by[c]!);
      // The ends are rounded coordinate by coordinate, so the direction is not quite the one meant.
      bent += (unit * Math.max(Math.abs(low), Math.abs(high)) * Math.abs(traced.tape.value[c]!)) / step;
    }
    const error = measured.error + bent;
    return { analytic, numeric, error, step, agrees: Math.abs(analytic - numeric) <= error + slack };
  }
}

const disagrees = ({ numeric, error }: Quotient, { expected: [low, high], slack }: Judged): boolean =>
  numeric < low - slack - error || numeric > high + slack + error;

/** Why a fixed step shows something else than is expected; undefined when it does not. */
function labelOf(
  { numeric, rounding }: PlainQuotient,
  { expected: [low, high], slack }: Judged,
  straddles: boolean,
): PlainEvidence["label"] {
  if (Number.isNaN(numeric)) return undefined; // beyond the range of doubles, or of the function
  const off = Math.max(low - slack - numeric, numeric - high - slack, 0);
  const size = Math.max(Math.abs(numeric), Math.abs(low), Math.abs(high));
  const onKink = low < high && straddles;
  if (off <= mismatch * size && !onKink) return undefined;
  if (straddles) return "straddle";
  return off <= rounding ? "round-off" : "truncation";
}
