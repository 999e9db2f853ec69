/**
 * Derivatives of a definition at 64 digits, by differences: the reference for gradients.
 *
 * Steps h and h/2 are combined by Richardson's rule, so truncation is of order h⁴,
 * some 1e-80; round-off is about 1e-64 · |f| / h. With h = 1e-20 · |x| some forty
 * digits are right. Nothing is meant by the result where a kink lies within h of x.
 *
 * It differentiates the definition as it was written: it knows no rule of the engine.
 */
import { definitionsBehind } from "../bind/usage.ts";
import type { Binding } from "../binding.ts";
import { evaluate, inputTables, type Table } from "../eval.ts";
import type { Definition } from "../expr/program.ts";
import { decimal, type Decimal } from "../number/decimal.ts";
import type { Field } from "../number/field.ts";

export interface Slope {
  /** The definition whose derivative is taken. */
  readonly output: string;
  /** The real input that varies. */
  readonly input: string;
  /** Which element of the input, in row-major order. */
  readonly position: number;
  /** For a layer: the derivative is that of Σ upstream · output, both in row-major order. */
  readonly upstream?: ArrayLike<number> | undefined;
}

export interface DifferenceOptions {
  /** Digits to compute with, for inputs of ordinary size. Default 64. */
  readonly digits?: number;
  /** The step as a share of |x|, or the step itself at x = 0. Default 1e-20. */
  readonly step?: number;
}

/** The derivative of an output with respect to one element of an input; no derivative flows through `stop(…)`. */
export async function differentiateNumerically(
  definitions: readonly Definition[],
  binding: Binding,
  { output, input, position, upstream }: Slope,
  { digits = 64, step = 1e-20 }: DifferenceOptions = {},
): Promise<Decimal> {
  const x = binding.arrays.get(input)?.data[position];
  if (x === undefined) throw new Error(`${input} has no element ${position}`);
  const field = await decimal(digits + digitsLost(x));
  const { add, sub, mul, div } = field.functions;
  const behind = definitionsBehind([output], definitions);
  const given = inputTables(binding, field);
  const stopped = new Map([...given, ...evaluate(behind, binding, field)]);
  const exactly = field.fromNumber(x);
  const h = mul(field.fromNumber(x === 0 ? 1 : Math.abs(x)), field.fromNumber(step));

  const f = (x: Decimal): Decimal => {
    const instead = new Map([[input, replaced(given.get(input)!, position, x)]]);
    return total(evaluate(behind, binding, field, { instead, stopped }).get(output)!, upstream, field);
  };
  const slope = (h: Decimal): Decimal =>
    div(sub(f(add(exactly, h)), f(sub(exactly, h))), mul(h, field.fromNumber(2)));
  const [coarse, fine] = [slope(h), slope(div(h, field.fromNumber(2)))];
  return div(sub(mul(fine, field.fromNumber(4)), coarse), field.fromNumber(3));
}

/** The derivatives with respect to every element of an input. */
export async function gradientNumerically(
  definitions: readonly Definition[],
  binding: Binding,
  slope: Omit<Slope, "position">,
  options: DifferenceOptions = {},
): Promise<Table<Decimal>> {
  const { shape, data } = binding.arrays.get(slope.input)!;
  const slopes: Decimal[] = [];
  for (const position of data.keys())
    slopes.push(await differentiateNumerically(definitions, binding, { ...slope, position }, options));
  return { shape, data: slopes };
}

/** A tiny x takes a tiny step, and the difference loses as many digits more. In sixteens, so that few fields are made. */
function digitsLost(x: number): number {
  const lost = x === 0 ? 0 : -Math.log10(Math.abs(x));
  return lost < 6 ? 0 : Math.ceil(lost / 16) * 16;
}

const replaced = <T>({ shape, data }: Table<T>, position: number, x: T): Table<T> => ({
  shape,
  data: data.with(position, x),
});

function total<T>({ data }: Table<T>, upstream: ArrayLike<number> | undefined, field: Field<T>): T {
  if (upstream === undefined) {
    if (data.length !== 1) throw new Error(`an output of ${data.length} elements needs an upstream gradient`);
    return data[0]!;
  }
  const { add, mul } = field.functions;
  return data.reduce((sum, y, n) => add(sum, mul(y, field.fromNumber(upstream[n]!))), field.fromNumber(0));
}
