/**
 * Clarke's subdifferential of a local model: one slope for each coordinate that no
 * kink moves, and convex sets, each over coordinates of its own, for the others.
 */
import { limitingGradients } from "./cells.ts";
import type { Local } from "./gates.ts";
import { merged, withoutAliases } from "./merge.ts";
import { nearestToOrigin, type Nearest } from "./nearest.ts";
import { pieces, type Piece } from "./piece.ts";
import { Random } from "./random.ts";
import {
  gradientAlong,
  listSupport,
  regularity,
  regularSupport,
  ruleSupport,
  type Support,
} from "./selections.ts";
import { independentParts } from "./split.ts";
import { unit } from "./settle.ts";

/** A convex set of gradients over some coordinates. */
export interface ConvexSet {
  readonly coordinates: readonly number[];
  /** Every member is in here. */
  readonly outer: Support;
  /** All in here are members; the same as `outer` when the set is known exactly. */
  readonly inner: Support;
  /** The choices that make it. */
  readonly nodes: readonly number[];
}

export interface Subdifferential {
  /** The slope by each coordinate: unique where no set has the coordinate, else the part that is common to all. */
  readonly slope: Float64Array;
  /** How far another correct program may be from it. */
  readonly slack: Float64Array;
  readonly sets: readonly ConvexSet[];
}

/** Limits of the search in pieces that are neither convex nor concave. */
const mostSystems = 3000;
const sampledDirections = 400;

/** Members are recognised to this, relative to the size of the terms of each coordinate. */
export const tolerance = 1e-9;

const known = new WeakMap<Local, Subdifferential>();

/** The subdifferential of a local model, kept for as long as the model is. */
export function subdifferentialOf(local: Local): Subdifferential {
  let found = known.get(local);
  if (found === undefined) known.set(local, (found = subdifferential(local)));
  return found;
}

export function subdifferential(local: Local): Subdifferential {
  const simple = merged(local);
  const { slope, slack } = dense(simple);
  const sets: ConvexSet[] = [];
  for (const piece of pieces(simple)) {
    const set = pieceSet(
      piece,
      piece.coordinates.map((c) => scaleOf(slack[c]!)),
    );
    for (const [n, c] of piece.coordinates.entries()) slope[c]! += set.common[n]!;
    if (set.parts.length > 0) sets.push(sum(piece, set.parts));
  }
  return { slope, slack, sets };
}

/** Whether there is a slope by every coordinate, and room for rounding that means something. */
export const isFinite = ({ slope, slack }: Subdifferential): boolean =>
  slope.every(Number.isFinite) && slack.every(Number.isFinite);

/** What rules applied one by one could return: for telling an artefact from a bug. */
export function ruleSet(local: Local): Subdifferential {
  const plain = withoutAliases(local);
  const sets = pieces(plain).map((piece) =>
    sum(piece, [{ outer: ruleSupport(piece), inner: ruleSupport(piece) }]),
  );
  return { ...dense(plain), sets };
}

/** The size of the terms that a slack was made for. */
const scaleOf = (slack: number): number => Math.max(slack / (64 * unit), Number.MIN_VALUE);

function dense({ n, root }: Local): { slope: Float64Array; slack: Float64Array } {
  const [slope, slack] = [new Float64Array(n), new Float64Array(n)];
  for (const [k, node] of root.coordinates.nodes.entries()) {
    slope[node] = root.coordinates.slope[k]!;
    slack[node] = root.coordinates.slack[k]!;
  }
  return { slope, slack };
}

type Part = Pick<ConvexSet, "outer" | "inner">;

/** The sets of a piece, and the gradient of those of its parts that turn out to be smooth. */
function pieceSet(piece: Piece, scale: readonly number[]): { common: Float64Array; parts: readonly Part[] } {
  const common = new Float64Array(piece.coordinates.length);
  const regular = regularity(piece);
  if (regular !== 0) return { common, parts: [exactly(regularSupport(piece, regular))] };
  const parts: Part[] = [];
  for (const part of independentParts(piece)) {
    const sign = regularity(part);
    const limits = sign === 0 ? limitingGradients(part, Float64Array.from(scale), mostSystems) : undefined;
    if (sign !== 0) parts.push(exactly(regularSupport(part, sign)));
    else if (limits === undefined)
      parts.push({ outer: ruleSupport(part), inner: listSupport(sampled(part)) });
    else if (limits.length === 1) for (const [n, v] of limits[0]!.entries()) common[n]! += v;
    else parts.push(exactly(listSupport(limits)));
  }
  return { common, parts };
}

const exactly = (support: Support): Part => ({ outer: support, inner: support });

/**
 * Gradients of cells that some directions lead into: random ones, and those along which the first of each tie wins,
 * or the last, as programs choose.
 */
function sampled(piece: Piece): Float64Array[] {
  const random = new Random(1);
  const found: Float64Array[] = [];
  const directions = [
    ...[1, -1].map((sign) => Float64Array.from(piece.coordinates, (_, n) => -sign * (n + 1))),
    ...Array.from({ length: sampledDirections }, () =>
      Float64Array.from(piece.coordinates, () => random.normal()),
    ),
  ];
  for (const direction of directions) {
    const { gradient, tied } = gradientAlong(piece, direction);
    if (!tied) found.push(gradient);
  }
  return found.length > 0 ? found : [new Float64Array(piece.coordinates.length).fill(NaN)];
}

function sum(piece: Piece, parts: readonly Part[]): ConvexSet {
  const total = (supports: readonly Support[]): Support =>
    supports.length === 1
      ? supports[0]!
      : (direction) => {
          const out = new Float64Array(piece.coordinates.length);
          for (const support of supports) for (const [n, v] of support(direction).entries()) out[n]! += v;
          return out;
        };
  const exact = parts.every((p) => p.inner === p.outer);
  const outer = total(parts.map((p) => p.outer));
  return {
    coordinates: piece.coordinates,
    outer,
    inner: exact ? outer : total(parts.map((p) => p.inner)),
    nodes: [...new Set(piece.gates.flatMap((g) => g.nodes))].toSorted((a, b) => a - b),
  };
}

/** Whether a gradient is in one of the sets of a subdifferential. */
export function membership(
  set: ConvexSet,
  { slope, slack }: Subdifferential,
  gradient: Float64Array,
): Nearest["verdict"] {
  const { coordinates, outer, inner } = set;
  const scale = Float64Array.from(coordinates, (c) => scaleOf(slack[c]!));
  const target = Float64Array.from(coordinates, (c) => gradient[c]! - slope[c]!);
  if (coordinates.some((_, n) => isFarOut(outer, target, n, scale[n]!))) return "outside";
  const test = (support: Support): Nearest["verdict"] => {
    const vertex = (direction: Float64Array): Float64Array => {
      const found = support(direction.map((v, n) => -v / scale[n]!));
      return found.map((v, n) => (v - target[n]!) / scale[n]!);
    };
    const towards = target.map((v, n) => -v / scale[n]!);
    return nearestToOrigin(vertex, vertex(towards), tolerance).verdict;
  };
  const all = test(outer);
  if (all !== "inside" || inner === outer) return all;
  return test(inner) === "inside" ? "inside" : "undecided";
}

/** Whether one coordinate alone is out of range, by so many units of its scale that their square would overflow. */
function isFarOut(outer: Support, target: Float64Array, n: number, scale: number): boolean {
  if (Math.abs(target[n]!) / scale < 1e150) return false;
  const direction = new Float64Array(target.length);
  direction[n] = Math.sign(target[n]!);
  return Math.abs(target[n]!) > outer(direction)[n]! * direction[n]! + tolerance * scale;
}

/** The range of one coordinate over a set that has it. */
export function range(set: ConvexSet, { slope }: Subdifferential, coordinate: number): [number, number] {
  const at = set.coordinates.indexOf(coordinate);
  const direction = new Float64Array(set.coordinates.length);
  direction[at] = 1;
  const high = set.outer(direction)[at]!;
  direction[at] = -1;
  const low = set.outer(direction)[at]!;
  return [slope[coordinate]! + low, slope[coordinate]! + high];
}
