/**
 * Limiting gradients from neighbours of the point: for what the local model cannot follow,
 * such as a norm at 0, a root of a square, brackets that cancel each other's jumps.
 *
 * The gradients found are limits to about six digits; what they leave open stays open.
 */
import { ReadOutside } from "./discrete.ts";
import { localModel } from "./gates.ts";
import type { Judged } from "./judge.ts";
import { merged } from "./merge.ts";
import { nearestToOrigin } from "./nearest.ts";
import { moved, reaches, type Point } from "./point.ts";
import { Random } from "./random.ts";
import { separateCoordinates } from "./separate.ts";
import { hasOverflowed } from "./settle.ts";
import { trace, type Trace } from "./trace.ts";

/** Distances to the point, in units of the size of the coordinates: the first pair at which the gradients agree. */
const distances = [
  { far: 2 ** -20, near: 2 ** -27 },
  { far: 2 ** -30, near: 2 ** -37 },
  { far: 2 ** -39, near: 2 ** -44 },
] as const;

/** Gradients at these two distances must agree to this for the limit to exist. */
const agreement = 1e-4;

/** Members are recognised to this, relative to the greatest slope. */
const resolution = 1e-6;

/** What is further out than this is certainly wrong. */
const certainly = 1e-3;

/** Directions that are tried beside the first before a gradient is called wrong. */
const moreDirections = 200;

/** Why there is no gradient where the value itself has no limit. */
export const jump = "the value jumps here";

interface Neighbour {
  readonly value: number;
  readonly error: number;
  readonly gradient: Float64Array;
}

/** The gradient near the point in some direction; NaN for coordinates that have no limit there. */
interface Approached {
  readonly gradient: Float64Array;
  /** How far each coordinate may still be from its limit, came it as slowly as the root of the distance. */
  readonly doubt: Float64Array;
}

/** The limit of the gradient along a direction. A text says why there is nothing at all. */
type Limit = (direction: Float64Array) => Approached | string;

function limits(point: Point, base: Trace, scale: Float64Array): Limit {
  const beside = (displacement: Float64Array): Neighbour | undefined => {
    const values = displacement.map((d, c) => base.tape.value[c]! + d);
    const { program, wrt, upstream, binding, held } = moved(point, values);
    const traced = trace(program, binding, wrt, upstream, held);
    const local = merged(localModel(traced));
    if (local.gates.length > 0 || local.obstacles.length > 0) return undefined;
    const gradient = new Float64Array(base.n);
    const { nodes, slope, slack } = local.root.coordinates;
    for (const [n, c] of nodes.entries()) gradient[c] = Number.isFinite(slack[n]!) ? slope[n]! : NaN;
    return { value: traced.tape.value[traced.root]!, error: traced.tape.error[traced.root]!, gradient };
  };
  const size = (gradient: Float64Array): number =>
    gradient.reduce((m, v, c) => (Number.isFinite(v) ? Math.max(m, Math.abs(v) * scale[c]!) : m), 0);
  const approach = (
    direction: Float64Array,
    { far, near }: (typeof distances)[number],
  ): Approached | string => {
    // What rounding has left of the shorter way is gone on the longer one, too: both in the same direction.
    const short = scale.map((s, c) => {
      const x = base.tape.value[c]!;
      return x + near * s * direction[c]! - x;
    });
    const [outer, inner] = [beside(short.map((d) => d * (far / near))), beside(short)];
    if (outer === undefined || inner === undefined) return "kinks lie too close together here";
    if (!Number.isFinite(inner.value)) return "the value is not finite beside the point";
    const steepest = Math.max(size(outer.gradient), size(inner.gradient));
    const change = Math.abs(inner.value - base.tape.value[base.root]!);
    if (change > 4 * near * steepest * base.n + 16 * inner.error) return jump;
    const gap = inner.gradient.map((v, c) => Math.abs(v - outer.gradient[c]!));
    const gradient = inner.gradient.map((v, c) => (gap[c]! <= (agreement * steepest) / scale[c]! ? v : NaN));
    return { gradient, doubt: gap.map((v) => v / 8) };
  };
  return (towards) => {
    const longest = towards.reduce((m, v) => Math.max(m, Math.abs(v)), 0) || 1;
    const direction = towards.map((v, c) => (point.held?.has(c) ? 0 : v / longest));
    let first: Approached | string | undefined;
    for (const pair of distances) {
      const found = orOutside(() => approach(direction, pair));
      if (typeof found !== "string" && found.gradient.every(Number.isFinite)) return found;
      first ??= found;
    }
    return first!;
  };
}

/** What is found, or that there is nothing: a rank or an argmax may have values beside the point that no array is read at. */
function orOutside(find: () => Approached | string): Approached | string {
  try {
    return find();
  } catch (error) {
    if (error instanceof ReadOutside) return "an array is read outside of its range beside this point";
    throw error;
  }
}

/** Whether the gradient has a limit from every side that is tried: not where a function grows without bound, as log at 0. */
export function hasLimits(point: Point, base: Trace, seed: number): boolean {
  const limit = limits(point, base, reaches(point));
  return directions(base.n, new Random(seed)).every((direction) => {
    const found = limit(direction);
    return typeof found !== "string" && found.gradient.every(Number.isFinite);
  });
}

/** The coordinates that make the value jump when they alone are moved; so many of them are tried. */
export function jumping(point: Point, base: Trace, most: number): ReadonlySet<number> {
  const all = Array.from({ length: base.n }, (_, c) => c);
  const scale = reaches(point);
  const jumps = (c: number): boolean => {
    const limit = limits({ ...point, held: new Set(all.filter((other) => other !== c)) }, base, scale);
    return [1, -1].some((side) => limit(new Float64Array(base.n).with(c, side)) === jump);
  };
  return new Set(all.slice(0, most).filter(jumps));
}

/** The verdict on each coordinate by limits that were sampled. */
export function judgeBySamples(point: Point, base: Trace, gradient: Float64Array, seed: number): Judged[] {
  if (!Number.isFinite(base.tape.value[base.root]!))
    return inconclusive(gradient, "the value is not finite here");
  if (hasOverflowed(base.tape)) return inconclusive(gradient, "values overflow on the way");
  const scale = reaches(point);
  const limit = limits(point, base, scale);
  const random = new Random(seed);
  const found: Approached[] = [];
  for (const direction of directions(base.n, random)) {
    const at = limit(direction);
    if (typeof at === "string") return inconclusive(gradient, at);
    found.push(at);
  }
  return judgeAmong(found, limit, scale, gradient, random, separateCoordinates(base));
}

const inconclusive = (gradient: Float64Array, reason: string): Judged[] =>
  Array.from(gradient, () => ({ verdict: "inconclusive", expected: [NaN, NaN], slack: Infinity, reason }));

/** Along axes, and some random ones. */
const directions = (n: number, random: Random): Float64Array[] => [
  ...axes(n, random),
  ...Array.from({ length: 12 }, () => Float64Array.from({ length: n }, () => random.normal())),
];

/** Both ways along some axes, but a little aside, lest equal coordinates stay equal. */
function axes(n: number, random: Random): Float64Array[] {
  const count = Math.min(n, 8);
  return Array.from({ length: 2 * count }, (_, k) => {
    const direction = Float64Array.from({ length: n }, () => 2 ** -12 * random.normal());
    direction[Math.floor(((k >> 1) * n) / count)] = k % 2 === 0 ? 1 : -1;
    return direction;
  });
}

function judgeAmong(
  found: Approached[],
  limit: Limit,
  scale: Float64Array,
  gradient: Float64Array,
  random: Random,
  parts: readonly (readonly number[])[],
): Judged[] {
  const limited = Array.from(gradient, (_, c) => c).filter((c) =>
    found.every((f) => Number.isFinite(f.gradient[c]!)),
  );
  // What is not finite is wrong by itself; it says nothing of the others.
  const tame = limited.filter((c) => Number.isFinite(gradient[c]!));
  const steepest = found.reduce(
    (m, f) => limited.reduce((m, c) => Math.max(m, Math.abs(f.gradient[c]!) * scale[c]!), m),
    0,
  );
  const doubt = scale.map((_, c) => found.reduce((m, f) => Math.max(m, f.doubt[c]!), 0));
  const size = scale.map((s, c) => Math.max((steepest > 0 ? steepest : 1) / s, doubt[c]! / resolution || 0));
  const support = (direction: Float64Array): Float64Array => {
    const towards = new Float64Array(gradient.length);
    for (const [k, c] of tame.entries()) towards[c] = direction[k]! / scale[c]!;
    const fresh = limit(towards);
    if (typeof fresh !== "string" && limited.every((c) => Number.isFinite(fresh.gradient[c]!)))
      found.push(fresh);
    return furthest(found, parts, direction, tame);
  };
  const vertex = (direction: Float64Array): Float64Array => {
    const best = support(direction.map((v, k) => -v / size[tame[k]!]!));
    return Float64Array.from(tame, (c) => (best[c]! - gradient[c]!) / size[c]!);
  };
  const start = Float64Array.from(tame, (c) => -gradient[c]!);
  const reached = (): number =>
    nearestToOrigin(vertex, vertex(start), resolution).point.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  let distance = tame.length > 0 ? reached() : Infinity;
  // The limit along a direction need not be the furthest in it: to call a gradient wrong takes more of them.
  if (tame.length > 0 && distance > resolution) {
    for (let n = 0; n < moreDirections; n++) {
      const fresh = limit(gradient.map(() => random.normal()));
      if (typeof fresh !== "string") found.push(fresh);
    }
    distance = reached();
  }
  return Array.from(gradient, (claimed, c) => {
    if (!limited.includes(c)) {
      const reason = "the gradient has no limit here: it grows without bound or turns all the time";
      return { verdict: "inconclusive", expected: [NaN, NaN], slack: Infinity, reason } satisfies Judged;
    }
    const values = found.map((f) => f.gradient[c]!);
    return judgeOne(claimed, [Math.min(...values), Math.max(...values)], resolution * size[c]!, distance);
  });
}

/** The gradient that goes furthest along a direction over these coordinates, put together from limits of separate parts. */
function furthest(
  found: readonly Approached[],
  parts: readonly (readonly number[])[],
  direction: Float64Array,
  over: readonly number[],
): Float64Array {
  const along = new Float64Array(found[0]!.gradient.length);
  for (const [k, c] of over.entries()) along[c] = direction[k]!;
  const out = Float64Array.from(found[0]!.gradient);
  for (const part of parts) {
    const wanted = part.filter((c) => along[c] !== 0);
    let most = -Infinity;
    for (const { gradient } of found) {
      const here = wanted.reduce((sum, c) => sum + gradient[c]! * along[c]!, 0);
      if (here <= most) continue;
      most = here;
      for (const c of part) out[c] = gradient[c]!;
    }
  }
  return out;
}

/** `distance` is how far the whole gradient is from the limits found. */
function judgeOne(
  claimed: number,
  expected: readonly [number, number],
  slack: number,
  distance: number,
): Judged {
  const base = { expected, slack };
  if (!Number.isFinite(claimed)) return { ...base, verdict: "bug" };
  const unique = expected[1] - expected[0] <= 4 * slack;
  const alone = claimed >= expected[0] - slack && claimed <= expected[1] + slack;
  if (distance <= 10 * resolution) return { ...base, verdict: unique ? "correct" : "correct-at-kink" };
  if (unique && alone) return { ...base, verdict: "correct" };
  if (distance > certainly) return { ...base, verdict: "bug" };
  const reason = "at the edge of the limiting gradients, which are only known to six digits here";
  return { ...base, verdict: "inconclusive", reason };
}
