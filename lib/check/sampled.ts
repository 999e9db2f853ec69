/**
 * Limiting gradients from neighbours of the point: for what the local model cannot follow,
 * such as a norm at 0, a root of a square, brackets that cancel each other's jumps.
 *
 * The gradients found are limits to about six digits; what they leave open stays open.
 */
import { localModel } from "./gates.ts";
import type { Judged } from "./judge.ts";
import { nearestToOrigin } from "./nearest.ts";
import { moved, reaches, type Point } from "./point.ts";
import { Random } from "./random.ts";
import { trace, type Trace } from "./trace.ts";

/** Distances to the point, in units of the size of the coordinates. */
const far = 2 ** -20;
const near = 2 ** -27;

/** Gradients at these two distances must agree to this for the limit to exist. */
const agreement = 1e-4;

/** Members are recognised to this, relative to the greatest slope. */
const resolution = 1e-6;

/** What is further out than this is certainly wrong. */
const certainly = 1e-3;

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
  const beside = (direction: Float64Array, distance: number): Neighbour | undefined => {
    const values = scale.map((s, c) => base.tape.value[c]! + distance * s * direction[c]!);
    const { program, wrt, upstream, binding } = moved(point, values);
    const traced = trace(program, binding, wrt, upstream);
    const local = localModel(traced);
    if (local.gates.length > 0 || local.obstacles.length > 0) return undefined;
    const gradient = new Float64Array(base.n);
    for (const [n, c] of local.root.coordinates.nodes.entries())
      gradient[c] = local.root.coordinates.slope[n]!;
    return { value: traced.tape.value[traced.root]!, error: traced.tape.error[traced.root]!, gradient };
  };
  const size = (gradient: Float64Array): number =>
    gradient.reduce((m, v, c) => (Number.isFinite(v) ? Math.max(m, Math.abs(v) * scale[c]!) : m), 0);
  return (towards) => {
    const longest = towards.reduce((m, v) => Math.max(m, Math.abs(v)), 0) || 1;
    const direction = towards.map((v) => v / longest);
    const [outer, inner] = [beside(direction, far), beside(direction, near)];
    if (outer === undefined || inner === undefined) return "kinks lie too close together here";
    if (!Number.isFinite(inner.value)) return "the value is not finite beside the point";
    const steepest = Math.max(size(outer.gradient), size(inner.gradient));
    const change = Math.abs(inner.value - base.tape.value[base.root]!);
    if (change > 4 * near * steepest * base.n + 16 * inner.error) return "the value jumps here";
    const gap = inner.gradient.map((v, c) => Math.abs(v - outer.gradient[c]!));
    const gradient = inner.gradient.map((v, c) => (gap[c]! <= (agreement * steepest) / scale[c]! ? v : NaN));
    return { gradient, doubt: gap.map((v) => v / 8) };
  };
}

/** The verdict on each coordinate by limits that were sampled. */
export function judgeBySamples(point: Point, base: Trace, gradient: Float64Array, seed: number): Judged[] {
  if (!Number.isFinite(base.tape.value[base.root]!))
    return inconclusive(gradient, "the value is not finite here");
  const scale = reaches(point);
  const limit = limits(point, base, scale);
  const random = new Random(seed);
  const n = base.n;
  const found: Approached[] = [];
  const normals = Array.from({ length: 12 }, () => Float64Array.from({ length: n }, () => random.normal()));
  for (const direction of [...axes(n, random), ...normals]) {
    const at = limit(direction);
    if (typeof at === "string") return inconclusive(gradient, at);
    found.push(at);
  }
  return judgeAmong(found, limit, scale, gradient);
}

const inconclusive = (gradient: Float64Array, reason: string): Judged[] =>
  Array.from(gradient, () => ({ verdict: "inconclusive", expected: [NaN, NaN], slack: Infinity, reason }));

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
    let [best, most] = [found[0]!.gradient, -Infinity];
    for (const { gradient: g } of found) {
      const along = tame.reduce((sum, c, k) => sum + g[c]! * direction[k]!, 0);
      if (along > most) [best, most] = [g, along];
    }
    return best;
  };
  const vertex = (direction: Float64Array): Float64Array => {
    const best = support(direction.map((v, k) => -v / size[tame[k]!]!));
    return Float64Array.from(tame, (c) => (best[c]! - gradient[c]!) / size[c]!);
  };
  const start = Float64Array.from(tame, (c) => -gradient[c]!);
  const nearest = tame.length > 0 ? nearestToOrigin(vertex, vertex(start), resolution) : undefined;
  const distance =
    nearest === undefined ? Infinity : nearest.point.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  return Array.from(gradient, (claimed, c) => {
    if (!limited.includes(c)) {
      const reason = "the gradient has no limit here: it grows without bound or turns all the time";
      return { verdict: "inconclusive", expected: [NaN, NaN], slack: Infinity, reason } satisfies Judged;
    }
    const values = found.map((f) => f.gradient[c]!);
    return judgeOne(claimed, [Math.min(...values), Math.max(...values)], resolution * size[c]!, distance);
  });
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
