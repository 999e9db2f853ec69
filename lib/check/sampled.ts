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

/** The gradient a little way along a direction, or why there is none. */
type Limit = (direction: Float64Array) => Float64Array | string;

interface Neighbour {
  readonly value: number;
  readonly error: number;
  readonly gradient: Float64Array;
}

function limits(point: Point, base: Trace, scale: Float64Array): Limit {
  const gradientAt = (direction: Float64Array, distance: number): Neighbour | undefined => {
    const values = scale.map((s, c) => base.tape.value[c]! + distance * s * direction[c]!);
    const { program, wrt, upstream, binding } = moved(point, values);
    const beside = trace(program, binding, wrt, upstream);
    const local = localModel(beside);
    if (local.gates.length > 0 || local.obstacles.length > 0) return undefined;
    const gradient = new Float64Array(base.n);
    for (const [n, c] of local.root.coordinates.nodes.entries()) gradient[c] = local.root.coordinates.slope[n]!;
    return { value: beside.tape.value[beside.root]!, error: beside.tape.error[beside.root]!, gradient };
  };
  return (towards) => {
    const longest = towards.reduce((m, v) => Math.max(m, Math.abs(v)), 0) || 1;
    const direction = towards.map((v) => v / longest);
    const [outer, inner] = [gradientAt(direction, far), gradientAt(direction, near)];
    if (outer === undefined || inner === undefined) return "kinks lie too close together here";
    if (!Number.isFinite(inner.value)) return "the value is not finite beside the point";
    if (!inner.gradient.every(Number.isFinite)) return "the gradient is not finite beside the point";
    const size = (g: Float64Array): number => g.reduce((m, v, c) => Math.max(m, Math.abs(v) * scale[c]!), 0);
    const gap = size(outer.gradient.map((v, c) => v - inner.gradient[c]!));
    const steepest = Math.max(size(outer.gradient), size(inner.gradient));
    if (gap > agreement * steepest) return "the gradient has no limit here: it grows without bound or turns all the time";
    const change = Math.abs(inner.value - base.tape.value[base.root]!);
    const allowed = 4 * near * steepest * base.n + 16 * inner.error;
    return change > allowed ? "the value jumps here" : inner.gradient;
  };
}

/** The verdict on each coordinate by limits that were sampled; `obstacle` says what stood in the way of more. */
export function judgeBySamples(point: Point, base: Trace, gradient: Float64Array, seed: number): Judged[] {
  const scale = reaches(point);
  const limit = limits(point, base, scale);
  const random = new Random(seed);
  const n = base.n;
  const found: Float64Array[] = [];
  const inconclusive = (reason: string): Judged[] =>
    Array.from(gradient, (g) => ({
      verdict: Number.isNaN(g) ? "bug" : "inconclusive",
      expected: [NaN, NaN],
      slack: Infinity,
      reason: Number.isNaN(g) ? "NaN is no gradient" : reason,
    }));
  if (!Number.isFinite(base.tape.value[base.root]!)) return inconclusive("the value is not finite here");
  const directions = [...axes(n), ...Array.from({ length: 12 }, () => Float64Array.from({ length: n }, () => random.normal()))];
  for (const direction of directions) {
    const at = limit(direction);
    if (typeof at === "string") return inconclusive(at);
    found.push(at);
  }
  return judgeAmong(found, limit, scale, gradient);
}

/** Both ways along some axes. */
function axes(n: number): Float64Array[] {
  const count = Math.min(n, 8);
  return Array.from({ length: 2 * count }, (_, k) => {
    const direction = new Float64Array(n).fill(2 ** -12);
    direction[Math.floor(((k >> 1) * n) / count)] = k % 2 === 0 ? 1 : -1;
    return direction;
  });
}

function judgeAmong(found: Float64Array[], limit: Limit, scale: Float64Array, gradient: Float64Array): Judged[] {
  const steepest = found.reduce((m, g) => g.reduce((m, v, c) => Math.max(m, Math.abs(v) * scale[c]!), m), 0);
  const size = scale.map((s) => (steepest > 0 ? steepest : 1) / s);
  const support = (direction: Float64Array): Float64Array => {
    const fresh = limit(direction.map((v, c) => v / scale[c]!));
    if (typeof fresh !== "string") found.push(fresh);
    let [best, most] = [found[0]!, -Infinity];
    for (const g of found) {
      const along = g.reduce((sum, v, c) => sum + v * direction[c]!, 0);
      if (along > most) [best, most] = [g, along];
    }
    return best;
  };
  const vertex = (direction: Float64Array): Float64Array =>
    support(direction.map((v, c) => -v / size[c]!)).map((v, c) => (v - gradient[c]!) / size[c]!);
  const range = (c: number): [number, number] => {
    const values = found.map((g) => g[c]!);
    return [Math.min(...values), Math.max(...values)];
  };
  const finite = gradient.every(Number.isFinite);
  const nearest = finite ? nearestToOrigin(vertex, vertex(gradient.map((g) => -g)), resolution) : undefined;
  const distance = nearest === undefined ? Infinity : nearest.point.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  const among = distance <= 10 * resolution;
  return Array.from(gradient, (g, c): Judged => {
    const expected = range(c);
    const slack = resolution * size[c]!;
    const unique = expected[1] - expected[0] <= 4 * slack;
    const alone = g >= expected[0] - slack && g <= expected[1] + slack;
    const base = { expected, slack };
    if (among) return { ...base, verdict: unique ? "correct" : "correct-at-kink" };
    if (unique && alone) return { ...base, verdict: "correct" };
    if (distance > certainly) return { ...base, verdict: "bug" };
    return { ...base, verdict: "inconclusive", reason: "at the edge of the limiting gradients, which are only known to six digits here" };
  });
}
