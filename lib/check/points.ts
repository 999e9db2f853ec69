/**
 * Points to check a program at: random ones, and ones that aim at its kinks.
 *
 * Random points never meet a kink. These do: an input is solved for, so that a guard of
 * the program is exactly 0, an ulp or a little beside it; or values come from so small
 * a set that guards tie by themselves.
 */
import { UserError } from "../errors.ts";
import { bind, type Given, type InputValue } from "../bind.ts";
import { volume, type Binding, type Tensor } from "../binding.ts";
import { sizeOf, type Extent, type Sizes } from "../expr/extent.ts";
import type { Expr } from "../expr/node.ts";
import { partsOf } from "../expr/parts.ts";
import type { Input, Program } from "../expr/program.ts";
import { ReadOutside } from "./discrete.ts";
import { localModelOf } from "./gates.ts";
import { outputShape, type Point } from "./point.ts";
import { Random } from "./random.ts";
import { Replayer } from "./replay.ts";
import { hasLimits } from "./sampled.ts";
import { isFinite, subdifferentialOf } from "./subdifferential.ts";
import { traceAt, type Trace } from "./trace.ts";

/**
 * How values are drawn. `ordinary`: normal numbers. `start`: as at the start of training, weights
 * of 1e-4. `grid`: integers from −2 to 2, so that guards tie. `zeros`: one input is 0 everywhere.
 * `duplicates`: rows are repeated. `tiny` and `huge`: one array scaled by 2^−60 or 2^60; `small`: by 1e-5.
 */
export const regimes = ["ordinary", "start", "grid", "zeros", "duplicates", "tiny", "huge", "small"] as const;
export type Regime = (typeof regimes)[number];

/** Where a guard is put, as its value in units of the terms that it is made of; an ulp is 2^−52 of them. */
export const offsets = [
  0,
  0,
  0,
  2 ** -52,
  -(2 ** -52),
  1e-12,
  -1e-12,
  1e-9,
  -1e-9,
  1e-6,
  -1e-6,
  1e-3,
  -1e-3,
] as const;

export interface PointOptions {
  readonly regime?: Regime;
  /** The size of axes at most. */
  readonly most?: number;
}

/** Attempts at sizes and labels that fit together. */
const mostTries = 60;

/**
 * Random inputs of shapes that fit together, labels in range, and for a layer its upstream gradient.
 *
 * @throws UserError when no sizes are found that fit.
 */
export function randomPoint(program: Program, random: Random, options: PointOptions = {}): Point {
  let reason = "";
  for (let n = 0; n < mostTries; n++) {
    // A regime that the program has no value in, as the cosine of a zero vector, gives way in the end.
    const drawn = draw(program, random, n < mostTries / 2 ? options : { ...options, regime: "ordinary" }, n);
    try {
      const binding = bind(program, drawn);
      if (program.definitions.some((d) => d.indices.some((i) => sizeOf(i.extent, binding.sizes) === 0)))
        continue;
      const wrt = program.inputs.filter((i) => i.type === "real").map((i) => i.name);
      const point = { program, binding, wrt, upstream: upstreamFor(program, binding, random) };
      const { tape, root } = traceAt(point);
      if (Number.isFinite(tape.value[root]!)) return point;
      reason = "the output is not finite";
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      reason = error.message;
    }
  }
  throw new UserError(`no inputs were found that fit the program: ${reason}`);
}

function draw(
  program: Program,
  random: Random,
  { regime = "ordinary", most = 4 }: PointOptions,
  attempt: number,
): Given {
  const sizes = randomSizes(program, random, most + Math.floor(attempt / 10));
  const given: Record<string, InputValue> = Object.create(null) as Record<string, InputValue>;
  const reals = program.inputs.filter((i) => i.type === "real");
  const arrays = reals.filter((i) => i.shape.length > 0);
  const special = (
    arrays.length > 0 ? random.pick(arrays) : reals.length > 0 ? random.pick(reals) : undefined
  )?.name;
  for (const input of program.inputs) {
    if (input.type === "int" && input.shape.length === 0 && sizes.counts.has(input.name)) {
      given[input.name] = sizes.counts.get(input.name)!;
      continue;
    }
    const shape = input.shape.map((extent) => sizeOf(extent, sizes));
    const data =
      input.type === "int"
        ? labels(program, input, shape, sizes, random)
        : realValues(shape, regime, input.name === special, attempt, random);
    given[input.name] = { shape, data };
  }
  return given;
}

interface RandomSizes extends Sizes {
  readonly counts: ReadonlyMap<string, number>;
}

/** A size for each free axis, and a value for each integer that counts. */
function randomSizes({ inputs, definitions }: Program, random: Random, most: number): RandomSizes {
  const axes = new Map<string, number>();
  const counts = new Map<string, number>();
  for (const extent of extentsOf(inputs, definitions))
    if (extent.kind === "scalar") counts.set(extent.name, random.int(1, 3));
  return {
    counts,
    scalar: (name) => counts.get(name) ?? 1,
    axis: (array, axis) => {
      const key = `${array} ${axis}`;
      if (!axes.has(key)) axes.set(key, random.uniform() < 0.15 ? 1 : random.int(2, most));
      return axes.get(key)!;
    },
  };
}

function extentsOf(inputs: readonly Input[], definitions: Program["definitions"]): Set<Extent> {
  const found = new Set<Extent>(inputs.flatMap((i) => i.shape));
  for (const { body, indices } of definitions) {
    for (const e of partsOf(body)) {
      if (e.kind === "reduce") found.add(e.over.extent);
      if (e.kind === "size") found.add(e.extent);
    }
    for (const i of indices) found.add(i.extent);
  }
  return found;
}

/** Labels for which what they subscript is inside, as y[i] and y[i] + 1 are. */
function labels(
  { bounds }: Program,
  { name }: Input,
  shape: readonly number[],
  sizes: Sizes,
  random: Random,
): number[] {
  const limits = bounds.flatMap(({ subscript, extent }) => {
    const shift = shiftOf(subscript, name);
    return shift === undefined ? [] : [{ least: -shift, most: sizeOf(extent, sizes) - 1 - shift }];
  });
  const least = Math.max(0, ...limits.map((l) => l.least));
  const most = Math.max(least, Math.min(limits.length > 0 ? Infinity : 2, ...limits.map((l) => l.most)));
  return Array.from({ length: volume(shape) }, () => random.int(least, most));
}

/** c where a subscript is a read of this name plus a constant c; undefined for other subscripts. */
function shiftOf(subscript: Expr, name: string): number | undefined {
  if (subscript.kind === "read") return subscript.name === name ? 0 : undefined;
  if (subscript.kind !== "apply" || subscript.args.length !== 2) return undefined;
  const [a, b] = subscript.args as [Expr, Expr];
  const sign = subscript.op === "add" ? 1 : subscript.op === "sub" ? -1 : undefined;
  if (sign === undefined || b.kind !== "num" || a.kind !== "read" || a.name !== name) return undefined;
  return sign * b.value;
}

function realValues(
  shape: readonly number[],
  regime: Regime,
  special: boolean,
  attempt: number,
  random: Random,
): number[] {
  const count = volume(shape);
  const one = (): number => {
    if (regime === "grid") return random.int(-2, 2);
    if (shape.length === 0) return random.pick([0, 0.1, 1, 2, Math.abs(random.normal())]);
    return random.normal() * (regime === "start" && special ? 1e-4 : 1);
  };
  const values = Array.from({ length: count }, one);
  // A program that wants positive numbers gets them after some attempts.
  const positive = attempt % 4 === 3 ? values.map((v) => Math.abs(v) || 0.5) : values;
  // And one that wants probabilities, numbers from 0 to 1.
  const signed = attempt % 8 === 7 ? positive.map((v) => v % 1 || 0.5) : positive;
  if (!special || regime === "ordinary") return signed;
  const scale = { tiny: 2 ** -60, huge: 2 ** 60, small: 1e-5 } as const;
  if (regime === "zeros") return signed.map(() => 0);
  if (regime === "duplicates" && shape.length > 0)
    return signed.map((_, n) => signed[n % (count / shape[0]!)]!);
  return regime in scale ? signed.map((v) => v * scale[regime as keyof typeof scale]) : signed;
}

function upstreamFor(program: Program, binding: Binding, random: Random): Tensor | undefined {
  const shape = outputShape(program, binding);
  if (shape === undefined) return undefined;
  return { shape, data: Float64Array.from({ length: volume(shape) }, () => random.normal()) };
}

/**
 * The point with one coordinate solved for, so that one guard has the value
 * `offset` in units of its terms; the point itself when it has no guard that moves.
 * `choose` picks among so many: a guard, then a coordinate.
 */
export function aim(point: Point, choose: (count: number) => number, offset: number): Point {
  const traced = traceAt(point);
  const choices = [...traced.origins.keys()];
  if (choices.length === 0) return point;
  const node = choices[choose(choices.length)]!;
  const moving = coordinatesOf(traced, node);
  if (moving.length === 0) return point;
  const coordinate = moving[choose(moving.length)]!;
  return solve(point, node, coordinate, offset);
}

/** The coordinates that a choice depends on. */
function coordinatesOf({ tape, n }: Trace, node: number): number[] {
  const wanted = new Uint8Array(node + 1);
  wanted[node] = 1;
  for (let at = node; at >= n; at--)
    if (wanted[at] === 1)
      for (let k = 0; k < tape.arity(at); k++)
        if (tape.active[tape.operand(at, k)] === 1) wanted[tape.operand(at, k)] = 1;
  const found: number[] = [];
  for (let c = 0; c < n; c++) if (wanted[c] === 1) found.push(c);
  return found;
}

/** Where a guard is to become 0 only further out than this, in sizes of the coordinate, it is left alone. */
const farthest = 2 ** 64;

/** Newton's steps, then single ulps when exactly 0 is wanted. */
function solve(start: Point, node: number, coordinate: number, offset: number): Point {
  let line = new Line(start, node, coordinate);
  let x = line.start;
  for (let n = 0; n < 8; n++) {
    const found = line.at(x);
    if (found === "left") {
      const point = withCoordinate(start, coordinate, x);
      if (!traceAt(point).origins.has(node)) return point; // another branch was taken on the way
      line = new Line(point, node, coordinate);
      continue;
    }
    if (found === undefined) break;
    const { gap, speed, size } = found;
    const target = offset * size;
    if (gap === target) break;
    const next = x + (target - gap) / speed;
    if (!Number.isFinite(next) || next === x) break;
    if (Math.abs(next) > farthest * Math.max(1, Math.abs(line.start))) return start;
    x = next;
  }
  return x === traceAt(start).tape.value[coordinate] ? start : withCoordinate(start, coordinate, x);
}

/** One coordinate of a point set free, and a choice whose guard is watched. */
class Line {
  readonly start: number;
  readonly #node: number;
  readonly #coordinate: number;
  readonly #traced: Trace;
  readonly #replayer: Replayer;
  readonly #between: Int32Array;

  constructor(point: Point, node: number, coordinate: number) {
    this.#traced = traceAt(point);
    this.#node = node;
    this.#coordinate = coordinate;
    this.start = this.#traced.tape.value[coordinate]!;
    this.#replayer = new Replayer(this.#traced);
    this.#between = this.#replayer.between(coordinate, node);
  }

  /** The guard where the coordinate is x: its value, how fast that changes, and the size of its terms. */
  at(x: number): { gap: number; speed: number; size: number } | "left" | undefined {
    const found = this.#replayer.approach(this.#node, this.#coordinate, x, this.#between);
    if (found === undefined || found === "left") return found;
    if (!Number.isFinite(found.speed)) return undefined;
    const { tape } = this.#traced;
    let size = Math.abs(found.speed * x);
    for (let k = 0; k < tape.arity(this.#node); k++)
      size = Math.max(size, Math.abs(this.#replayer.valueOf(tape.operand(this.#node, k))));
    return { ...found, size: size || 1 };
  }
}

function withCoordinate(point: Point, coordinate: number, value: number): Point {
  const arrays = new Map(point.binding.arrays);
  let at = coordinate;
  for (const name of point.wrt) {
    const { shape, data } = arrays.get(name)!;
    if (at < data.length) {
      const changed = Float64Array.from(data);
      changed[at] = value;
      arrays.set(name, { shape, data: changed });
      break;
    }
    at -= data.length;
  }
  return { ...point, binding: { ...point.binding, arrays } };
}

/** Attempts at a point that has a gradient beside it. */
const mostEnds = 20;

/**
 * A point of any kind: a regime, then none, one or several guards aimed at. Where a function ends or grows
 * without bound, as t·log t at 0, another is drawn: nothing can be said of a gradient there. Kinks stay.
 */
export function aimedPoint(program: Program, random: Random, options: PointOptions = {}): Point {
  let point = anyPoint(program, random, options);
  for (let n = 0; n < mostEnds && isEnd(point); n++) point = anyPoint(program, random, options);
  return point;
}

function isEnd(point: Point): boolean {
  const traced = traceAt(point);
  return !isFinite(subdifferentialOf(localModelOf(traced))) && !hasLimits(point, traced, 1);
}

function anyPoint(program: Program, random: Random, options: PointOptions): Point {
  const regime = options.regime ?? random.pick(regimes);
  let point = randomPoint(program, random, { ...options, regime });
  const guards = random.pick([0, 1, 1, 1, 2, 3]);
  for (let n = 0; n < guards; n++) point = aimedWithin(point, random);
  return point;
}

/** Another point with a guard aimed at; the same, where a rank or an argmax would lead out of an array there. */
function aimedWithin(point: Point, random: Random): Point {
  try {
    const aimed = aim(point, (count) => random.int(0, count - 1), random.pick(offsets));
    traceAt(aimed);
    return aimed;
  } catch (error) {
    if (error instanceof ReadOutside) return point;
    throw error;
  }
}
