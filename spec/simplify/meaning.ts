/**
 * What an expression is worth at a point, with many digits.
 *
 * Comparisons of numbers that differ by no more than rounding could go either way, and so
 * could whatever follows from them: such values are told apart as `undecided`.
 */
import { sizesOf, type Binding, type Tensor } from "../../lib/binding.ts";
import { Random } from "../../lib/check/random.ts";
import { evaluateAt, inputTables } from "../../lib/eval.ts";
import type { Expr, Index } from "../../lib/expr/node.ts";
import { decimal, type Decimal } from "../../lib/number/decimal.ts";
import type { Arithmetic, Field } from "../../lib/number/field.ts";
import { free } from "./expressions.ts";

export interface Point {
  readonly binding: Binding;
  readonly indices: ReadonlyMap<Index, number>;
}

export interface Meaning {
  readonly value: Decimal;
  /** Whether the outcome of a comparison, or most digits of a root, hung on rounding; and whether a NaN was compared. */
  readonly undecided: boolean;
  /** Whether a function was taken of an infinite value: of a maximum over nothing, say. */
  readonly infinite: boolean;
}

/** What counts as nearness in a comparison, relative to the operands or to 1. */
const near = 1e-40;
const plain = await decimal(64);
/** Digits enough for values that 64 digits do not tell apart because most of them cancel. */
const precise = await decimal(250);

/** Functions whose value at ∞ says nothing about a mistake. */
const passing: ReadonlySet<string> = new Set<Arithmetic>(["max", "min", "abs", "neg", "stop"]);
/** Functions that are steep, or jump, at 0. */
const steep: ReadonlySet<string> = new Set<Arithmetic>(["sign", "cbrt", "sqrt", "pow"]);

type Operation = (x: Decimal, ...more: Decimal[]) => Decimal;

/** A field that notes what makes a value unfit for comparison. */
class Watched {
  undecided = false;
  infinite = false;
  readonly field: Field<Decimal>;

  constructor(plain: Field<Decimal>) {
    const { functions } = plain;
    const names = Object.keys(functions) as Arithmetic[];
    const watched = names.map((name) => [name, this.#watch(name, functions[name])] as const);
    this.field = {
      ...plain,
      compare: (x, y) => {
        this.#compared(x, y);
        return plain.compare(x, y);
      },
      functions: { ...functions, ...Object.fromEntries(watched) },
    };
  }

  #watch(name: Arithmetic, f: Operation): Operation {
    if (passing.has(name)) return f;
    return (x, ...more) => {
      if ([x, ...more].some((v) => !v.isFinite() && !v.isNaN())) this.infinite = true;
      if (steep.has(name)) this.#compared(x, x.minus(x));
      return f(x, ...more);
    };
  }

  #compared(x: Decimal, y: Decimal): void {
    if (x.isNaN() || y.isNaN()) this.undecided = true;
    if (!x.isFinite() || !y.isFinite()) return;
    const [gap, scale] = [x.minus(y).abs(), x.abs().plus(y.abs()).plus(1)];
    if (!gap.isZero() && gap.lt(scale.times(near))) this.undecided = true;
  }
}

function meaning(e: Expr, { binding, indices }: Point, field: Field<Decimal>): Meaning {
  const watched = new Watched(field);
  const tables = inputTables(binding, field);
  const value = evaluateAt(e, indices, { field: watched.field, sizes: binding.sizes, tables });
  return { value, undecided: watched.undecided, infinite: watched.infinite };
}

/** Whether two expressions have the same value at a point; undefined where the first has none that could be compared. */
export function sameValue(e: Expr, other: Expr, point: Point): boolean | undefined {
  for (const field of [plain, precise]) {
    const expected = meaning(e, point, field);
    if (!isFit(expected)) return undefined;
    const got = meaning(other, point, field);
    // An empty sum times a maximum over nothing, say.
    if (got.undecided || got.infinite) return undefined;
    if (agree(expected.value, got.value)) return true;
  }
  return false;
}

const largest = 1e25;
const isFit = ({ value, undecided, infinite }: Meaning): boolean =>
  !undecided && !infinite && value.isFinite() && value.abs().lte(largest);

/** Equal but for rounding. */
const agree = (a: Decimal, b: Decimal): boolean =>
  a.eq(b) || a.minus(b).abs().lte(a.abs().plus(1).times(1e-30));

/** A point from a seed: up to 3 rows and columns, reals of both signs that are 0 nowhere, z positive. */
export function randomPoint(seed: number): Point {
  const random = new Random(seed);
  const [rows, columns] = [random.int(1, 3), random.int(1, 3)];
  const real = (): number =>
    (random.uniform() < 0.5 ? -1 : 1) * (1 / 16 + Math.round(random.uniform() * 2 ** 21) / 2 ** 20);
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
  const indices = new Map([
    [free.i, random.int(0, rows - 1)],
    [free.j, random.int(0, columns - 1)],
    [free.k, random.int(0, columns - 1)],
  ]);
  return { binding: { arrays, sizes: sizesOf(arrays) }, indices };
}
