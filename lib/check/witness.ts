/**
 * The second witness: difference quotients with many digits, by the reference evaluator.
 *
 * It knows no derivative of anything. At a kink it looks at one cell: the point moved a
 * very little way along a random direction, where no choice is open any more; there the
 * slopes must be those of the selection that the local model makes along the direction.
 */
import { inputTables, type Table } from "../eval.ts";
import { decimal } from "../number/decimal.ts";
import type { Field } from "../number/field.ts";
import type { Local } from "./gates.ts";
import { withoutAliases } from "./merge.ts";
import { pieces } from "./piece.ts";
import { reaches, type Point } from "./point.ts";
import { Random } from "./random.ts";
import { isRational, rational } from "./rational.ts";
import { Replayer } from "./replay.ts";
import type { WitnessReport } from "./report.ts";
import { checkedScalar, stoppedValues } from "./scalar.ts";
import { gradientAlong } from "./selections.ts";
import { unit } from "./settle.ts";
import type { Trace } from "./trace.ts";

/** The step of a difference, in units of the coordinates, unless kinks are near; slopes are good to so many digits. */
const usualStep = 2 ** -100;
const slopeDigits = 59;

/** How far into a cell to go, and how far when rounding leaves choices open further out than that. */
const furthest = 2 ** -70;
const mostDistance = 2 ** -32;

/** Directions to try until one leads into a cell. */
const mostDirections = 8;

/** Evaluating more than this many operands with many digits takes minutes. */
const mostWork = 100_000;

/** Slopes agree when they differ by less than this, relative to the size of their terms. */
const agreement = 1e-9;

/** Compares the slopes by these coordinates. A text says why it could not. */
export async function witness(
  point: Point,
  base: Trace,
  local: Local,
  coordinates: readonly number[],
  seed: number,
): Promise<WitnessReport | string> {
  const { program } = point;
  if (base.tape.work > mostWork) return "the program is too large for evaluation with many digits";
  const cell = cellNear(base, point, local, seed);
  if (cell === undefined) return "the kinks lie too close together to look at one cell";
  if (isRational(program.definitions))
    return compare(point, base, cell, coordinates, rational, "exact rationals");
  const digits = digitsFor(point, base, cell);
  return compare(point, base, cell, coordinates, await decimal(digits), `decimals of ${digits} digits`);
}

/** For slopes of so many digits where a value changes little over a step; in thirties, so that few fields are made. */
function digitsFor(point: Point, { tape, root }: Trace, { step }: Cell): number {
  const shortest = step * reaches(point).reduce((m, r) => Math.min(m, r), 1);
  const largest = Math.max(1, Math.abs(tape.value[root]!));
  return 30 * Math.ceil((slopeDigits + Math.log10(largest) - Math.log10(shortest)) / 30);
}

/** Where slopes do not agree, those at this share of the distance must be nearer to agreement by this factor. */
const closer = 2 ** -30;
const shrinking = 2 ** -9;

/** Where rounding keeps us from going nearer, those somewhat further out tell where they lead. */
const further = 1.25;

/** A neighbour in the inside of one cell, and the gradient there by the local model. */
interface Cell {
  readonly direction: Float64Array;
  readonly distance: number;
  /** Nearer than this, choices are open. */
  readonly least: number;
  /** Of differences there. */
  readonly step: number;
  readonly gradient: Float64Array;
  readonly slack: Float64Array;
}

function cellNear(base: Trace, point: Point, local: Local, seed: number): Cell | undefined {
  const random = new Random(seed);
  // What no open choice depends on stays where it is.
  const free = new Set(pieces(withoutAliases(local)).flatMap((piece) => piece.coordinates));
  const reach = reaches(point);
  const scale = reach.map((r, c) => (free.has(c) ? r : 0));
  for (let n = 0; n < mostDirections; n++) {
    const direction = scale.map((s) => s * random.normal());
    const gradient = gradientInto(base.n, local, direction);
    const way = gradient && wayInto(base, local, direction, reach);
    if (way !== undefined) return { direction, ...gradient!, ...way };
  }
  return undefined;
}

/** What the local model has for the cell that a direction leads into; undefined when it leads along an edge. */
function gradientInto(
  n: number,
  local: Local,
  direction: Float64Array,
): Pick<Cell, "gradient" | "slack"> | undefined {
  const { root, ...plain } = withoutAliases(local);
  const [gradient, slack] = [new Float64Array(n), new Float64Array(n)];
  for (const [k, c] of root.coordinates.nodes.entries()) {
    gradient[c] = root.coordinates.slope[k]!;
    slack[c] = root.coordinates.slack[k]!;
  }
  for (const piece of pieces({ root, ...plain })) {
    const along = gradientAlong(
      piece,
      Float64Array.from(piece.coordinates, (c) => direction[c]!),
    );
    if (along.tied && piece.gates.length === 1) return undefined;
    for (const [k, c] of piece.coordinates.entries()) gradient[c]! += along.gradient[k]!;
  }
  return { gradient, slack };
}

/** Beyond the choices that are open, before the first that is settled; at the point itself when none is open. */
function wayInto(
  base: Trace,
  local: Local,
  direction: Float64Array,
  reach: Float64Array,
): Pick<Cell, "distance" | "least" | "step"> | undefined {
  const { open, settled } = turnsAlong(base, direction);
  const [least, most] = [2 * open, settled / (2 * further)];
  const distance = local.gates.length === 0 ? 0 : Math.max(least, Math.min(furthest, most));
  if (distance > Math.min(most, mostDistance)) return undefined;
  const room = Math.min(nearestKink(base, reach), distance > 0 ? distance : Infinity);
  const step = Math.min(usualStep, room * closer);
  return step > 0 ? { distance, least, step } : undefined;
}

const turnsAlong = (base: Trace, direction: Float64Array): { open: number; settled: number } =>
  new Replayer(base).turns({ coordinates: [...direction.keys()], by: [...direction] }, base.origins.keys());

/** How far the nearest kink may be along some coordinate, by a direction that has a part of each. */
const nearestKink = (base: Trace, reach: Float64Array): number => turnsAlong(base, reach).settled;

async function compare<T>(
  point: Point,
  base: Trace,
  cell: Cell,
  coordinates: readonly number[],
  field: Field<T>,
  by: string,
): Promise<WitnessReport | string> {
  const { distance, least, step, gradient, slack } = cell;
  const found = quotients(point, base, cell, cell, coordinates, field);
  if (typeof found === "string") return found;
  const gaps = found.map((slope, n) => Math.abs(slope - gradient[coordinates[n]!]!));
  const off = gaps.map((gap, n) => {
    const room = slack[coordinates[n]!]!;
    return gap <= room ? 0 : gap / Math.max(room / (64 * unit), Number.MIN_VALUE);
  });
  const doubtful = [...off.keys()].filter((n) => off[n]! > agreement);
  if (doubtful.length > 0 && distance > 0) {
    // Where the slope bends, it is not yet what it is at the point: it must be on its way there.
    const nearer = distance * closer >= least;
    const other = nearer
      ? { distance: distance * closer, step: step * closer }
      : { distance: distance * further, step };
    const where = doubtful.map((n) => coordinates[n]!);
    const next = quotients(point, base, cell, other, where, field);
    if (typeof next === "string") return next;
    for (const [k, n] of doubtful.entries()) {
      const c = coordinates[n]!;
      // From the outside, to first order.
      const drift = nearer ? 0 : (found[n]! - next[k]!) / (further - 1);
      const limit = nearer ? next[k]! : found[n]! + drift;
      if (Math.abs(limit - gradient[c]!) <= Math.max(shrinking * gaps[n]!, slack[c]!)) off[n] = 0;
      else if (gaps[n]! <= 16 * Math.abs(drift))
        return "the slopes bend too much between kinks that rounding blurs";
    }
  }
  const worst = off.reduce((m, v) => Math.max(m, v), 0);
  return { agrees: worst <= agreement, compared: coordinates.length, by, worst };
}

/** The slopes by some coordinates, at a distance from the point; a text when one of them is none. */
function quotients<T>(
  point: Point,
  base: Trace,
  { direction }: Pick<Cell, "direction">,
  { distance, step }: Pick<Cell, "distance" | "step">,
  coordinates: readonly number[],
  field: Field<T>,
): number[] | string {
  const { add, mul, sub, div } = field.functions;
  const eta = field.fromNumber(distance);
  const inputs = inputTables(point.binding, field);
  const displaced = new Map<string, Table<T>>();
  for (const { name, shape, from } of base.blocks) {
    const { data } = inputs.get(name)!;
    const moved = data.map((x, n) => add(x, mul(eta, field.fromNumber(direction[from + n]!))));
    displaced.set(name, { shape, data: moved });
  }
  const stopped = stoppedValues(point, displaced, field);
  const value = (c: number, by: T): T => {
    const block = base.blocks.find((b) => c >= b.from && c < b.from + b.size)!;
    const table = displaced.get(block.name)!;
    const data = table.data.with(c - block.from, add(table.data[c - block.from]!, by));
    return checkedScalar(point, new Map(displaced).set(block.name, { ...table, data }), stopped, field);
  };
  const reach = reaches(point);
  const slopes: number[] = [];
  for (const c of coordinates) {
    const h = mul(field.fromNumber(step), field.fromNumber(reach[c]!));
    const rise = sub(value(c, h), value(c, sub(field.fromNumber(0), h)));
    slopes.push(field.toNumber(div(rise, add(h, h))));
  }
  return slopes.some(Number.isNaN) ? "the value with many digits is not finite" : slopes;
}
