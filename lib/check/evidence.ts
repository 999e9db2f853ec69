/**
 * Difference quotients for people to look at: the whole gradient along one random
 * direction, then each coordinate, with what a fixed step would have shown and why.
 */
import { plainQuotient, quotient } from "./difference.ts";
import type { Local } from "./gates.ts";
import type { Judged } from "./judge.ts";
import { withoutAliases } from "./merge.ts";
import { pieces, type Piece } from "./piece.ts";
import { reaches, type Point } from "./point.ts";
import { Random } from "./random.ts";
import type { Course, Move, Replayer } from "./replay.ts";
import type { DirectionalReport } from "./report.ts";
import { rateAlong } from "./selections.ts";
import { unit } from "./settle.ts";
import { isOpen } from "./ties.ts";
import type { Trace } from "./trace.ts";

export interface Evidence {
  readonly numbers: { readonly numeric?: number; readonly error?: number; readonly step?: number };
  readonly kink:
    | { readonly node: number; readonly sides: { distance: number; left: number; right: number; guards: number } }
    | undefined;
  readonly plain:
    | {
        readonly step: number;
        readonly numeric: number;
        readonly label: "straddle" | "round-off" | "truncation" | undefined;
        readonly straddled: readonly { readonly node: number; readonly distance: number }[];
      }
    | undefined;
  /** Whether the numeric value and the expected one cannot both be right. */
  readonly contradicts: boolean;
}

/** Relative differences from here on are what people call a mismatch. */
const mismatch = 1e-6;

/** Operands to visit for difference quotients at most: some seconds. Beyond, a sample of coordinates is measured. */
const mostWork = 3e8;

/** Straddled guards listed at most. */
const mostListed = 8;

export function gather(
  point: Point,
  traced: Trace,
  replayer: Replayer,
  local: Local,
  judged: readonly Judged[],
  chosen: readonly number[],
  plainStep: number | undefined,
  far: (values: Float64Array) => number,
  seed: number,
): { found: Map<number, Evidence>; runs: number } {
  const reach = reaches(point);
  const open = openNodes(traced, local);
  const oneSided = new OneSided(local);
  const found = new Map<number, Evidence>();
  let runs = 0;
  for (const c of shuffled(chosen, traced, seed)) {
    if (replayer.work > mostWork) break;
    const move: Move = { coordinates: [c], by: [1] };
    const nodes = replayer.dependents([c]);
    const here = nodes.filter((node) => open.has(node));
    const course = replayer.course(move, nodes);
    const measured = quotient(replayer, traced, move, nodes, course, reach[c]!, open);
    runs += measured?.runs ?? 0;
    const plain =
      plainStep === undefined
        ? undefined
        : explain(traced, replayer, move, nodes, course, judged[c]!, plainStep, far, here);
    if (plain !== undefined) runs += 2;
    const nearest = here[0] ?? plain?.straddled[0]?.node;
    const distance = here.length > 0 ? 0 : (plain?.straddled[0]?.distance ?? Infinity);
    const sides = oneSided.at(c) ?? plain?.sides ?? measured;
    found.set(c, {
      numbers: measured === undefined ? {} : { numeric: measured.numeric, error: measured.error, step: measured.step },
      kink:
        nearest === undefined || sides === undefined
          ? undefined
          : {
              node: nearest,
              sides: { distance, left: sides.left, right: sides.right, guards: Math.max(1, here.length) },
            },
      plain,
      contradicts:
        here.length === 0 && measured !== undefined && disagrees(measured.numeric, measured.error, judged[c]!),
    });
  }
  return { found, runs };
}

/** One-sided slopes along coordinates that kinks move, by the local model. */
class OneSided {
  readonly #slope = new Map<number, number>();
  readonly #pieces = new Map<number, Piece>();

  constructor(local: Local) {
    if (local.gates.length === 0 || local.obstacles.length > 0) return;
    const plain = withoutAliases(local);
    for (const [n, c] of plain.root.coordinates.nodes.entries()) this.#slope.set(c, plain.root.coordinates.slope[n]!);
    for (const piece of pieces(plain)) for (const c of piece.coordinates) this.#pieces.set(c, piece);
  }

  at(c: number): { left: number; right: number } | undefined {
    const piece = this.#pieces.get(c);
    if (piece === undefined) return undefined;
    const along = Float64Array.from(piece.coordinates, (other) => (other === c ? 1 : 0));
    const back = along.map((v) => -v);
    const common = this.#slope.get(c) ?? 0;
    return { left: common - rateAlong(piece, back), right: common + rateAlong(piece, along) };
  }
}

/** Choices that rounding could turn and that the gates rest on. */
function openNodes({ tape, origins }: Trace, local: Local): ReadonlySet<number> {
  if (local.gates.length === 0 && local.obstacles.length === 0) return new Set();
  return new Set([...origins.keys()].filter((node) => isOpen(tape, node)));
}

const disagrees = (numeric: number, error: number, { expected: [low, high], slack }: Judged): boolean =>
  numeric < low - slack - error || numeric > high + slack + error;

/** In order, unless not all can be measured. */
function shuffled(chosen: readonly number[], { tape }: Trace, seed: number): readonly number[] {
  if (2 * chosen.length * tape.work < mostWork) return chosen;
  const random = new Random(seed);
  return chosen.map((c) => ({ c, key: random.uniform() })).toSorted((a, b) => a.key - b.key).map(({ c }) => c);
}

type Explained = NonNullable<Evidence["plain"]> & { readonly sides: { left: number; right: number } };

function explain(
  traced: Trace,
  replayer: Replayer,
  move: Move,
  nodes: Int32Array,
  course: Course,
  { expected: [low, high], slack }: Judged,
  step: number,
  far: (values: Float64Array) => number,
  here: ArrayLike<number>,
): Explained {
  const { numeric, rounding, turned, left, right } = plainQuotient(replayer, traced, move, nodes, step, far);
  const involved = [...new Set([...Array.from(here), ...turned])].filter((node) => traced.origins.has(node)).slice(0, mostListed);
  const { watched } = involved.length > 0 ? replayer.course(move, nodes, involved) : { watched: [] };
  const straddled = involved
    .map((node, n) => ({ node, distance: watched[n] === Infinity ? 0 : watched[n]! }))
    .toSorted((a, b) => a.distance - b.distance);
  const off = Math.max(low - slack - numeric, numeric - high - slack, 0);
  const differs = off > mismatch * Math.max(Math.abs(numeric), Math.abs(low), Math.abs(high)) || (low < high && straddled.length > 0);
  const label = !differs ? undefined : straddled.length > 0 ? "straddle" : off <= rounding ? "round-off" : "truncation";
  return { step, numeric, label, straddled, sides: { left: left ?? course.slope, right: right ?? course.slope } };
}

/** The whole gradient along one random unit direction. */
export function directionalEvidence(
  point: Point,
  traced: Trace,
  replayer: Replayer,
  judged: readonly Judged[],
  gradient: Float64Array,
  seed: number,
): { report: DirectionalReport | undefined; runs: number } {
  const random = new Random(seed);
  const coordinates = Array.from({ length: traced.n }, (_, c) => c);
  const normal = coordinates.map(() => random.normal());
  const length = Math.hypot(...normal.slice(0, 1000)) || 1;
  const norm = normal.length <= 1000 ? length : Math.sqrt(normal.reduce((s, v) => s + v * v, 0));
  const move: Move = { coordinates, by: normal.map((v) => v / norm) };
  const nodes = replayer.dependents(coordinates);
  const course = replayer.course(move, nodes);
  const reach = reaches(point).reduce((m, r) => Math.max(m, r), 0) * Math.sqrt(Math.max(1, traced.n));
  const open = new Set([...traced.origins.keys()].filter((node) => isOpen(traced.tape, node)));
  const measured = quotient(replayer, traced, move, nodes, course, reach, open);
  if (measured === undefined) return { report: undefined, runs: 0 };
  const analytic = gradient.reduce((sum, g, c) => sum + g * move.by[c]!, 0);
  const slack = judged.reduce((sum, j, c) => sum + (j.slack + (j.expected[1] - j.expected[0])) * Math.abs(move.by[c]!), 0);
  const { numeric, step, runs } = measured;
  // The ends are rounded coordinate by coordinate, so the direction is not quite the one meant.
  const bent = judged.reduce((sum, { expected: [low, high] }, c) => {
    const steepest = Math.max(Math.abs(low), Math.abs(high));
    return sum + (unit * steepest * Math.abs(traced.tape.value[c]!)) / step;
  }, 0);
  const error = measured.error + bent;
  const agrees = Math.abs(analytic - numeric) <= error + slack;
  return { report: { analytic, numeric, error, step, agrees }, runs };
}
