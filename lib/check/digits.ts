/**
 * The verdict by many digits alone, for points where doubles cannot say: the definition overflows
 * in them, as e^800 / (e^800 + e^700), though its true value and gradient are ordinary numbers.
 *
 * There is no error analysis of what has no value in doubles. How far a correct program may be is
 * seen from how far the gradient moves when the inputs are rounded otherwise.
 */
import { inputTables, type Table } from "../eval.ts";
import type { Tensor } from "../binding.ts";
import type { Program } from "../expr/program.ts";
import { decimal } from "../number/decimal.ts";
import type { Field } from "../number/field.ts";
import { isSmooth } from "./functions.ts";
import type { Judged } from "./judge.ts";
import { reaches, type Point } from "./point.ts";
import { Random } from "./random.ts";
import { checkedScalar, stoppedValues } from "./scalar.ts";
import { leastNormal, unit } from "./settle.ts";
import type { Tape } from "./tape.ts";
import type { Trace } from "./trace.ts";

/** Values are good to so many, and slopes to a hundred: small ones beside large values, too, where inputs are of one size. */
const digits = 120;

/** Inputs that are further apart than so many powers of ten would want too many digits. */
const mostDecades = 400;
const step = 2 ** -60;

/** With so many operands visited with many digits a check takes half a minute; a function counts as several. */
const mostWork = 1_000_000;
const functionWork = 30;

/** Inputs are moved by so many times the unit of rounding, lest differences drown. */
const nudge = 2 ** 13;

/** Times the movement that one rounding of the inputs makes. */
const generosity = 64;

/** A difference to the left and one to the right that differ by more than this mean a kink. */
const agreement = 1e-9;

/** More than this share of the greatest slope lost to rounding leaves nothing to judge. */
const mostLost = 1e-3;

/** The verdict on each coordinate. A text says why there is none. */
export async function judgeByDigits(
  point: Point,
  { tape, blocks, n }: Trace,
  gradient: Float64Array,
  seed: number,
): Promise<readonly Judged[] | string> {
  if (3 * n * workOf(tape) > mostWork) return "the program is too large for many digits";
  const sizes = nonzero(point.binding.arrays.values());
  const decades = Math.ceil(Math.log10(Math.max(...sizes)) - Math.log10(Math.min(...sizes)));
  if (decades > mostDecades) return "the inputs are of too many sizes";
  // A step of the smallest input is to be seen beside the square of the largest.
  const field = await decimal(sizes.length === 0 ? digits : digits + 2 * decades);
  const inputs = inputTables(point.binding, field);
  const wrt = blocks.map(({ name }) => name);
  const center = slopes(point, inputs, wrt, field);
  if (typeof center === "string") return center;
  const beside = slopes(point, nudged(point.program, inputs, new Random(seed), field), wrt, field, false);
  if (typeof beside === "string") return beside;
  const moved = center.map((v, c) => Math.abs(beside[c]! - v) / nudge);
  const scale = reaches(point);
  const steepest = center.reduce((m, v, c) => Math.max(m, Math.abs(v) * scale[c]!), 0);
  return Array.from(gradient, (claimed, c) => {
    const slack = generosity * (moved[c]! + unit * Math.abs(center[c]!)) + leastNormal;
    return judgeOne(claimed, center[c]!, slack, slack * scale[c]! > mostLost * steepest);
  });
}

function judgeOne(claimed: number, right: number, slack: number, lost: boolean): Judged {
  const base = { expected: [right, right], slack } as const;
  if (Math.abs(claimed - right) <= slack)
    return lost
      ? {
          ...base,
          verdict: "inconclusive",
          reason: "rounding of the inputs leaves nothing of the gradient here",
        }
      : { ...base, verdict: "correct" };
  return { ...base, verdict: "bug" };
}

/** The sizes of the numbers in arrays that are not 0. */
const nonzero = (arrays: Iterable<Tensor>): readonly number[] =>
  [...arrays].flatMap(({ data }) => Array.from(data, Math.abs).filter((x) => x > 0 && x < Infinity));

/** Every real input moved by some roundings, at random up or down. */
function nudged<T>(
  { inputs }: Program,
  tables: ReadonlyMap<string, Table<T>>,
  random: Random,
  { fromNumber, functions }: Field<T>,
): Map<string, Table<T>> {
  const reals = new Set(inputs.filter(({ type }) => type === "real").map(({ name }) => name));
  const factor = (): T => fromNumber(1 + (random.uniform() < 0.5 ? -1 : 1) * nudge * unit);
  return new Map(
    [...tables].map(([name, table]) => [
      name,
      reals.has(name) ? { ...table, data: table.data.map((x) => functions.mul(x, factor())) } : table,
    ]),
  );
}

/** Operands, and functions for what they cost. */
function workOf(tape: Tape): number {
  let work = tape.work;
  for (let node = 0; node < tape.length; node++) if (isSmooth(tape.op[node]!)) work += functionWork;
  return work;
}

/** The slope by each coordinate; a text where there is none, or, when `both` sides are looked at, one to each. */
function slopes<T>(
  point: Point,
  inputs: ReadonlyMap<string, Table<T>>,
  wrt: readonly string[],
  field: Field<T>,
  both = true,
): Float64Array | string {
  const { add, sub, mul, div } = field.functions;
  const stopped = stoppedValues(point, inputs, field);
  const value = (instead: ReadonlyMap<string, Table<T>>): T => checkedScalar(point, instead, stopped, field);
  const here = value(inputs);
  if (!Number.isFinite(field.toNumber(here))) return "the value with many digits is not finite";
  const found: number[] = [];
  for (const name of wrt) {
    const table = inputs.get(name)!;
    const own = point.binding.arrays.get(name)!;
    const least = Math.min(...nonzero([own]), 1);
    for (const [k, x] of table.data.entries()) {
      const h = mul(field.fromNumber(step), field.fromNumber(Math.abs(own.data[k]!) || least));
      const at = (x: T): T => value(new Map(inputs).set(name, { ...table, data: table.data.with(k, x) }));
      const right = field.toNumber(div(sub(at(add(x, h)), here), h));
      const left = both ? field.toNumber(div(sub(here, at(sub(x, h))), h)) : right;
      if (!(Math.abs(right - left) <= agreement * (Math.abs(right) + Math.abs(left))))
        return "the slopes to both sides are not the same";
      found.push((right + left) / 2);
    }
  }
  return Float64Array.from(found);
}
