/**
 * The second witness: difference quotients with many digits, by the reference evaluator.
 *
 * It knows no derivative of anything. At a kink it looks at one cell: the point moved a
 * very little way along a random direction, where no choice is open any more; there the
 * slopes must be those of the selection that the local model makes along the direction.
 */
import { evaluate, inputTables, type Table } from "../eval.ts";
import { output } from "../expr/program.ts";
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
import { gradientOf, selectionAlong } from "./selections.ts";
import { isOpen } from "./ties.ts";
import type { Trace } from "./trace.ts";

/** Digits of decimals; differences over 2^-100 of values good to 90 digits are good to 60. */
const digits = 90;
const step = 2 ** -100;

/** How far into a cell to go at most, in units of the coordinates. */
const furthest = 2 ** -70;

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
  const cell = cellNear(point, base, local, seed);
  if (typeof cell === "string") return cell;
  return isRational(program.definitions)
    ? compare(point, base, cell, coordinates, rational, "exact rationals")
    : compare(point, base, cell, coordinates, await decimal(digits), `decimals of ${digits} digits`);
}

/** A neighbour in the inside of one cell, and the gradient there by the local model. */
interface Cell {
  readonly direction: Float64Array;
  readonly distance: number;
  readonly gradient: Float64Array;
  readonly slack: Float64Array;
}

function cellNear(point: Point, base: Trace, local: Local, seed: number): Cell | string {
  const random = new Random(seed);
  const scale = reaches(point);
  const plain = withoutAliases(local);
  const direction = scale.map((s) => s * random.normal());
  const gradient = new Float64Array(base.n);
  const slack = new Float64Array(base.n);
  for (const [n, c] of plain.root.coordinates.nodes.entries()) {
    gradient[c] = plain.root.coordinates.slope[n]!;
    slack[c] = plain.root.coordinates.slack[n]!;
  }
  for (const piece of pieces(plain)) {
    const { selection, tied } = selectionAlong(
      piece,
      Float64Array.from(piece.coordinates, (c) => direction[c]!),
    );
    if (tied && piece.gates.length === 1) return "no direction leads into the inside of a cell";
    const part = gradientOf(piece, selection);
    for (const [n, c] of piece.coordinates.entries()) gradient[c]! += part[n]!;
  }
  const distance = distanceInto(base, local, direction);
  return distance === undefined
    ? "the kinks lie too close together to look at one cell"
    : { direction, distance, gradient, slack };
}

/** Beyond the choices that are open, before the first that is settled; 0 when none is open. */
function distanceInto(base: Trace, local: Local, direction: Float64Array): number | undefined {
  const open = local.gates.flatMap((g) => g.nodes);
  if (open.length === 0) return 0;
  const all = Array.from({ length: base.n }, (_, c) => c);
  const replayer = new Replayer(base);
  const choices = [...base.origins.keys()];
  const move = { coordinates: all, by: [...direction] };
  const { watched } = replayer.course(move, replayer.dependents(all), choices);
  let [least, most] = [0, 2 ** -40];
  for (const [n, node] of choices.entries()) {
    const distance = watched[n]!;
    if (!isOpen(base.tape, node)) most = Math.min(most, distance / 16);
    else if (distance < Infinity) least = Math.max(least, 16 * distance);
  }
  const wanted = Math.max(least, Math.min(furthest, most));
  return wanted <= most ? wanted : undefined;
}

async function compare<T>(
  point: Point,
  base: Trace,
  { direction, distance, gradient, slack }: Cell,
  coordinates: readonly number[],
  field: Field<T>,
  by: string,
): Promise<WitnessReport | string> {
  const { add, mul, sub, div } = field.functions;
  const eta = field.fromNumber(distance);
  const inputs = inputTables(point.binding, field);
  const displaced = new Map<string, Table<T>>();
  for (const { name, shape, from } of base.blocks) {
    const data = inputs
      .get(name)!
      .data.map((x, n) => add(x, mul(eta, field.fromNumber(direction[from + n]!))));
    displaced.set(name, { shape, data });
  }
  const values = evaluate(point.program.definitions, point.binding, field, { instead: displaced });
  const stopped = new Map([...inputs, ...displaced, ...values]);
  const value = (c: number, by: T): T => {
    const block = base.blocks.find((b) => c >= b.from && c < b.from + b.size)!;
    const table = displaced.get(block.name)!;
    const data = table.data.with(c - block.from, add(table.data[c - block.from]!, by));
    return scalar(point, new Map(displaced).set(block.name, { ...table, data }), stopped, field);
  };
  const reach = reaches(point);
  let [worst, compared] = [0, 0];
  for (const c of coordinates) {
    const h = mul(field.fromNumber(step), field.fromNumber(reach[c]!));
    const rise = sub(value(c, h), value(c, sub(field.fromNumber(0), h)));
    const slope = field.toNumber(div(rise, add(h, h)));
    if (Number.isNaN(slope)) return "the value with many digits is not finite";
    const size = Math.max(slack[c]! / (64 * 2 ** -53), Number.MIN_VALUE);
    const gap = Math.abs(slope - gradient[c]!);
    compared++;
    worst = Math.max(worst, gap <= slack[c]! ? 0 : gap / size);
  }
  return { agrees: worst <= agreement, compared, by, worst };
}

/** The checked scalar: the loss, or Σ upstream·out. */
function scalar<T>(
  { program, binding, upstream }: Point,
  instead: ReadonlyMap<string, Table<T>>,
  stopped: ReadonlyMap<string, Table<T>>,
  field: Field<T>,
): T {
  const out = evaluate(program.definitions, binding, field, { instead, stopped }).get(output(program).name)!;
  if (upstream === undefined) return out.data[0]!;
  const { add, mul } = field.functions;
  return out.data.reduce(
    (sum, x, n) => add(sum, mul(x, field.fromNumber(upstream.data[n]!))),
    field.fromNumber(0),
  );
}
