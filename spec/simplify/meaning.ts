/**
 * What an expression is worth at a point, with many digits.
 *
 * Comparisons of numbers that differ by no more than rounding could go either way, and so
 * could whatever follows from them: such values are told apart as `undecided`.
 */
import { sizesOf, type Tensor } from "../../lib/binding.ts";
import { Random } from "../../lib/check/random.ts";
import { evaluateAt, inputTables, type Table } from "../../lib/eval.ts";
import type { Sizes } from "../../lib/expr/extent.ts";
import type { Expr, Index } from "../../lib/expr/node.ts";
import { decimal, type Decimal } from "../../lib/number/decimal.ts";
import type { Field } from "../../lib/number/field.ts";
import { free } from "./expressions.ts";

export interface Point {
  readonly sizes: Sizes;
  readonly tables: ReadonlyMap<string, Table<Decimal>>;
  readonly indices: ReadonlyMap<Index, number>;
}

export interface Meaning {
  readonly value: Decimal;
  /** Whether a comparison came so close that its outcome is not known. */
  readonly undecided: boolean;
}

const digits = 64;
/** What counts as nearness in a comparison, relative to the operands or to 1. */
const near = 1e-40;
const plain = await decimal(digits);

/** Notes comparisons that rounding could turn. */
class Watched {
  undecided = false;
  readonly field: Field<Decimal>;

  constructor() {
    const { functions, compare } = plain;
    const watch = (x: Decimal, y: Decimal): void => {
      const [gap, scale] = [x.minus(y).abs(), x.abs().plus(y.abs()).plus(1)];
      if (!gap.isZero() && gap.lt(scale.times(near))) this.undecided = true;
    };
    this.field = {
      ...plain,
      compare: (x, y) => {
        watch(x, y);
        return compare(x, y);
      },
      functions: {
        ...functions,
        sign: (x) => {
          watch(x, plain.fromNumber(0));
          return functions.sign(x);
        },
      },
    };
  }
}

export function meaning(e: Expr, { sizes, tables, indices }: Point): Meaning {
  const watched = new Watched();
  const value = evaluateAt(e, indices, { field: watched.field, sizes, tables });
  return { value, undecided: watched.undecided };
}

/** Equal but for rounding: values of ordinary size lose some digits where large parts cancel. */
export const agree = (a: Decimal, b: Decimal): boolean =>
  a.eq(b) || a.minus(b).abs().lte(a.abs().plus(1).times(1e-30));

/** A point from a seed: up to 3 rows and columns, reals of both signs that are 0 nowhere, z positive. */
export function randomPoint(seed: number): Point {
  const random = new Random(seed);
  const [rows, columns] = [random.int(1, 3), random.int(1, 3)];
  const real = (): number => (random.uniform() < 0.5 ? -1 : 1) * (1 / 16 + Math.round(random.uniform() * 2 ** 21) / 2 ** 20);
  const reals = (...shape: readonly number[]): Tensor => ({
    shape,
    data: Float64Array.from({ length: shape.reduce((n, size) => n * size, 1) }, real),
  });
  const arrays = new Map<string, Tensor>([
    ["x", reals()],
    ["z", { shape: [], data: Float64Array.of(Math.abs(real())) }],
    ["a", reals(rows)],
    ["b", reals(columns)],
    ["s", reals(rows, columns)],
    ["y", { shape: [rows], data: Int32Array.from({ length: rows }, () => random.int(0, columns - 1)) }],
  ]);
  const sizes = sizesOf(arrays);
  const indices = new Map([
    [free.i, random.int(0, rows - 1)],
    [free.j, random.int(0, columns - 1)],
    [free.k, random.int(0, columns - 1)],
  ]);
  return { sizes, tables: inputTables({ arrays, sizes }, plain), indices };
}
