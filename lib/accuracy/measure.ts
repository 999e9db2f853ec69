/**
 * The accuracy of emitted code, regime by regime: its errors in ulp against the exact value
 * of the definition at the doubles that are its inputs, beside those of the naive form.
 */
import { bind, type Given, type InputValue } from "../bind.ts";
import { Random } from "../check/random.ts";
import { compile, type Kernel, type KernelResult, type Output } from "../compile.ts";
import type { Derivation } from "../diff/derivation.ts";
import { differentiate } from "../diff/differentiate.ts";
import { evaluate } from "../eval.ts";
import { extentKey, sizeOf, type Extent, type Sizes } from "../expr/extent.ts";
import { children, type Expr } from "../expr/node.ts";
import type { Input, Program } from "../expr/program.ts";
import { rowExtent } from "../loop/stage.ts";
import { decimal } from "../number/decimal.ts";
import type { Field } from "../number/field.ts";
import { knows, wide } from "../number/wide.ts";
import { naive } from "../stable/naive.ts";
import { cut } from "./cut.ts";
import { drawArray, regimes, type Regime } from "./regimes.ts";
import { ulps } from "../number/ulp.ts";

export interface MeasureOptions {
  /** Points a regime. */
  readonly points: number;
  readonly seed: number;
  /** Inputs or stages to take gradients of; those of a score-like stage, or all, when absent. */
  readonly wrt?: readonly string[] | undefined;
  /** Names of the regimes to measure; all when absent. */
  readonly regimes?: readonly string[] | undefined;
  /** What computes the stable form: `js` (the default) or `wasm`. */
  readonly target?: "js" | "wasm" | undefined;
}

/** Errors of one form of one quantity in one regime. */
export interface Errors {
  readonly worst: number;
  /** The 99th percentile. */
  readonly p99: number;
  /** Results that are NaN or infinite where the exact one is not, or 0 where it is a normal number. */
  readonly lost: number;
  /** Where the worst is, to be replayed with `dscore eval`. */
  readonly at: Given;
  /** Σ |xᵢ · ∂q/∂xᵢ| / |q| of the quantity at the worst point: what a rounding of the inputs is multiplied by. */
  readonly condition: number | undefined;
}

export interface Measured {
  readonly regime: string;
  /** The value's name, or `d<name>` of a gradient. */
  readonly quantity: string;
  readonly stable: Errors;
  readonly naive: Errors;
}

export interface Accuracy {
  /** What was measured: the program from its scores on. */
  readonly program: Program;
  readonly stages: readonly string[];
  readonly points: number;
  readonly seed: number;
  readonly rows: readonly Measured[];
}

export async function measure(derivation: Derivation, options: MeasureOptions): Promise<Accuracy> {
  const { program, stages } = cut(derivation);
  const wrt = stages.length > 0 ? stages : (options.wrt ?? derivation.wrt);
  const own = differentiate(program, { wrt });
  const plain = naive(own);
  const { target } = options;
  const kernels = {
    stable: compile(own, { stable: true, target }),
    naive: compile(plain, { stable: false }),
  };
  const draw = drawing(own, wrt);
  const exact = await referenceOf(own);
  const wanted = regimes.filter((r) => options.regimes === undefined || options.regimes.includes(r.name));
  const rows = wanted.flatMap((regime) => {
    const random = new Random(options.seed);
    const tally = new Map<string, { stable: Tally; naive: Tally }>();
    for (let n = 0; n < options.points; n++) {
      const given = draw(regime, random);
      const judge = exact.at(given);
      for (const form of ["stable", "naive"] as const)
        for (const [quantity, got] of quantities(own, kernels[form], given)) {
          if (!tally.has(quantity)) tally.set(quantity, { stable: new Tally(), naive: new Tally() });
          tally.get(quantity)![form].add(judge(quantity, got), given);
        }
    }
    return [...tally].map(([quantity, { stable, naive }]) => ({
      regime: regime.name,
      quantity,
      stable: stable.errors(exact, quantity),
      naive: naive.errors(exact, quantity),
    }));
  });
  const order = [...new Set(rows.map((r) => r.quantity))];
  const sorted = rows.toSorted((a, b) => order.indexOf(a.quantity) - order.indexOf(b.quantity));
  return { program, stages, points: options.points, seed: options.seed, rows: sorted };
}

/** The definition's value and gradients as good as exact. */
interface Reference {
  /** The errors in ulp of the elements of a quantity, by the name of its definition, at a point. */
  readonly at: (given: Given) => (quantity: string, got: readonly number[]) => readonly number[];
  /** The condition number of one element; undefined where it is not finite. */
  readonly condition: (given: Given, quantity: string, position: number) => number | undefined;
}

async function referenceOf(derivation: Derivation): Promise<Reference> {
  const known = derivation.definitions.every((d) => all(d.body, (e) => e.kind !== "apply" || knows(e.op)));
  if (known)
    return referenceIn(derivation, (largest, least) => wide(largest > 40 || least < 1e-20 ? 1280 : 320));
  const field = await decimal(400);
  return referenceIn(derivation, () => field);
}

/**
 * `fieldFor` says in which numbers to compute with inputs whose sizes are between the two: 1 − p is
 * told from 0 as long as p is told from 1, and so is exp(x) − 1 with exp(x).
 */
function referenceIn<T>(
  derivation: Derivation,
  fieldFor: (largest: number, least: number) => Field<T>,
): Reference {
  const valuesAt = (given: Given, field: Field<T>) =>
    evaluate(derivation.definitions, bind(derivation, given), field);
  const fieldAt = (given: Given): Field<T> => {
    const sizes = Object.values(given).flatMap((value) => numbersOf(value).map(Math.abs));
    return fieldFor(Math.max(0, ...sizes), Math.min(1, ...sizes.filter((size) => size > 0)));
  };
  return {
    at: (given) => {
      const field = fieldAt(given);
      const values = valuesAt(given, field);
      return (quantity, got) => got.map((x, n) => ulps(x, values.get(quantity)!.data[n]!, field));
    },
    condition: (given, quantity, position) => {
      const field = fieldAt(given);
      const at = (point: Given): T => valuesAt(point, field).get(quantity)!.data[position]!;
      return condition(given, at, field);
    },
  };
}

function all(e: Expr, is: (e: Expr) => boolean): boolean {
  return is(e) && children(e).every((child) => all(child, is));
}

/** Inputs as they are drawn here: numbers, or flat arrays with a shape. */
type Drawn = number | { readonly shape: readonly number[]; readonly data: readonly number[] };
const drawn = (value: InputValue): Drawn => value as Drawn; // `drawing` makes no others

const numbersOf = (value: InputValue): readonly number[] => {
  const of = drawn(value);
  return typeof of === "number" ? [of] : of.data;
};

const list = (of: Output): readonly number[] => (typeof of === "number" ? [of] : [...of.data]);

/** Value and gradients by the names of their definitions. */
function quantities(
  derivation: Derivation,
  kernel: Kernel,
  given: Given,
): readonly (readonly [string, readonly number[]])[] {
  const { value, gradients }: KernelResult = kernel(given);
  return [
    [derivation.value, list(value)],
    ...[...derivation.gradients].map(([of, name]) => [name, list(gradients[of]!)] as const),
  ];
}

/** Keeps errors of one quantity of one form. */
class Tally {
  readonly #errors: number[] = [];
  #lost = 0;
  #worst = -1;
  #at: Given = {};
  #where = 0;

  add(each: readonly number[], given: Given): void {
    const worst = Math.max(0, ...each);
    this.#errors.push(worst);
    if (worst === Infinity) this.#lost++;
    if (worst <= this.#worst) return;
    [this.#worst, this.#at, this.#where] = [worst, given, each.indexOf(worst)];
  }

  errors(exact: Reference, quantity: string): Errors {
    const sorted = this.#errors.toSorted((a, b) => a - b);
    const worst = Math.max(0, this.#worst);
    return {
      worst,
      p99: sorted[Math.max(0, Math.ceil(sorted.length * 0.99) - 1)] ?? 0,
      lost: this.#lost,
      at: this.#at,
      condition: worst > 2 ? exact.condition(this.#at, quantity, this.#where) : undefined,
    };
  }
}

/** By differences: each array that does not hold labels or counts moved by some 2^-30 of itself. */
function condition<T>(given: Given, at: (given: Given) => T, field: Field<T>): number | undefined {
  const { sub, div, abs } = field.functions;
  const value = at(given);
  let total = 0;
  for (const [name, input] of Object.entries(given)) {
    const of = drawn(input);
    if (typeof of === "number" || of.data.every((x) => Number.isInteger(x) && Math.abs(x) < 100)) continue;
    for (const [n, x] of of.data.entries()) {
      const moved = x * (1 + 2 ** -30);
      if (x === 0 || !Number.isFinite(moved)) continue;
      const beside = at({ ...given, [name]: { shape: of.shape, data: of.data.with(n, moved) } });
      total += field.toNumber(abs(div(sub(beside, value), value))) / (moved / x - 1);
    }
  }
  return Number.isFinite(total) ? total : undefined;
}

/** Draws inputs: scores by the regime, labels in range, everything else of ordinary size. */
function drawing(derivation: Derivation, wrt: readonly string[]): (regime: Regime, random: Random) => Given {
  const { inputs, bounds, definitions } = derivation;
  const row = rowExtent(
    definitions,
    inputs.map((i) => i.shape),
  );
  const upstream = new Set(inputs.filter((i) => !derivation.program.inputs.includes(i)));
  return (regime, random) => {
    const ints = new Map<string, number>();
    const sizes: Sizes = {
      axis: (array, axis) => (row !== undefined && extentKey(row) === `${array}.${axis}` ? 1 : 5),
      scalar: (name) => ints.get(name) ?? 3,
    };
    const shapeOf = (input: Input): readonly number[] =>
      input.shape.map((extent: Extent) => sizeOf(extent, sizes));
    const given: Record<string, InputValue> = {};
    let right = random.int(0, 1);
    for (const input of inputs.filter((i) => i.type === "int")) {
      const limits = bounds
        .filter((b) => b.subscript.kind === "read" && b.subscript.name === input.name)
        .map((b) => sizeOf(b.extent, sizes));
      const shape = shapeOf(input);
      if (shape.length === 0) {
        given[input.name] = 3;
        ints.set(input.name, 3);
        continue;
      }
      const most = Math.max(0, Math.min(...limits, limits.length > 0 ? Infinity : 2) - 1);
      const data = Array.from({ length: shape.reduce((n, size) => n * size, 1) }, () => random.int(0, most));
      right = data[0] ?? 0;
      given[input.name] = { shape, data };
    }
    for (const input of inputs.filter((i) => i.type === "real")) {
      const shape = shapeOf(input);
      if (wrt.includes(input.name) && shape.length > 0)
        given[input.name] = drawArray(regime, shape, right, random);
      else if (shape.length === 0) given[input.name] = random.pick([0.5, 1, 2]);
      else {
        const of = upstream.has(input)
          ? () => random.normal()
          : () => (shape.every((size) => size === 1) ? right : random.int(0, 1));
        given[input.name] = {
          shape,
          data: Array.from({ length: shape.reduce((n, size) => n * size, 1) }, of),
        };
      }
    }
    return given;
  };
}
