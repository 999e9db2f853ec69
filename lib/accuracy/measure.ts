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
import { knows, wide } from "../number/wide/wide.ts";
import { naive } from "../stable/naive.ts";
import { cut } from "./cut.ts";
import { domains, type DomainName } from "./domains.ts";
import { drawArray, regimes, type Regime } from "./regimes.ts";
import { ulps } from "../number/ulp.ts";
import { widened } from "./widened.ts";

export interface MeasureOptions {
  /** Points a regime. */
  readonly points: number;
  readonly seed: number;
  /** Inputs or stages to take gradients of; those of a score-like stage, or all, when absent. */
  readonly wrt?: readonly string[] | undefined;
  /** Names of the regimes to measure; all when absent. */
  readonly regimes?: readonly string[] | undefined;
  /** What inputs are drawn from, by name, where a number of any size has no meaning. */
  readonly from?: ReadonlyMap<string, DomainName> | undefined;
  /** What computes the stable form: `js` (the default) or `wasm`. */
  readonly target?: "js" | "wasm" | undefined;
}

/** Errors of one form of one quantity in one regime. */
export interface Errors {
  readonly worst: number;
  /** The 99th percentile. */
  readonly p99: number;
  /**
   * The worst error after division by the condition number, where that is above 1: about 1 or below says that
   * the errors beyond 4 ulp are those that a rounding of the inputs alone would bring about. Of the first 40 such.
   */
  readonly conditioned: number;
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
    stable: compile(own, { stable: true, target, style: "fused" }),
    naive: compile(plain, { stable: false }),
  };
  const draw = drawing(own, wrt, options.from ?? new Map());
  const exact = await referenceOf(own);
  const wanted = regimes.filter((r) => options.regimes === undefined || options.regimes.includes(r.name));
  const rows = wanted.flatMap((regime) => {
    const random = new Random(options.seed);
    const tally = new Map<string, { stable: Tally; naive: Tally }>();
    let evaluations = mostEvaluations;
    for (let n = 0; n < options.points; n++) {
      const given = draw(regime, random);
      const judge = exact.at(given);
      const conditions = once(() => {
        if (evaluations <= 0) return undefined;
        evaluations -= moves(given).length;
        return exact.conditions(given);
      });
      for (const form of ["stable", "naive"] as const)
        for (const [quantity, got] of quantities(own, kernels[form], given)) {
          if (!tally.has(quantity))
            tally.set(quantity, { stable: new Tally(quantity), naive: new Tally(quantity) });
          const own = tally.get(quantity)![form];
          own.add(judge(quantity, got), given, form === "stable" ? conditions : undefined);
        }
    }
    return [...tally].map(([quantity, { stable, naive }]) => ({
      regime: regime.name,
      quantity,
      stable: stable.errors(exact),
      naive: naive.errors(exact),
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
  /** The condition numbers of elements at a point: Infinity where one is exactly 0, undefined where it is not a number. */
  readonly conditions: (given: Given) => (quantity: string, position: number) => number | undefined;
}

async function referenceOf(derivation: Derivation): Promise<Reference> {
  const known = derivation.definitions.every((d) => all(d.body, (e) => e.kind !== "apply" || knows(e.op)));
  if (known)
    return referenceIn(derivation, (largest, least) => {
      const bits = largest > 12 || least < 1e-20 ? 1280 : 320;
      return [wide(bits), wide(2 * bits), () => wide(8 * bits)];
    });
  const fields = [await decimal(400), await decimal(800)] as const;
  return referenceIn(derivation, () => [...fields, () => fields[1]]);
}

/**
 * `fieldsFor` says in which numbers to compute with inputs whose sizes are between the two: 1 − p is
 * told from 0 as long as p is told from 1, and so is exp(x) − 1 with exp(x); in which to look again; and where
 * the value is none.
 */
function referenceIn<T>(
  derivation: Derivation,
  fieldsFor: (
    largest: number,
    least: number,
  ) => readonly [field: Field<T>, sharper: Field<T>, sharpest: () => Field<T>],
): Reference {
  const valuesAt = (given: Given, field: Field<T>) =>
    evaluate(derivation.definitions, bind(derivation, given), field);
  const fieldsAt = (given: Given) => {
    const sizes = Object.values(given).flatMap((value) => numbersOf(value).map(Math.abs));
    return fieldsFor(Math.max(0, ...sizes), Math.min(1, ...sizes.filter((size) => size > 0)));
  };
  /** What changes with more digits by all of its size is exactly 0: what is left is the rounding of the reference. */
  const isZero = (value: T, sharper: T, field: Field<T>): boolean => {
    const { abs, mul, max } = field.functions;
    // The rounding may be 0 by luck; then that of the sharper value is so small as only roundings of ordinary numbers are.
    const none = field.compare(value, field.fromNumber(0)) === 0 ? 2 ** -500 : 0;
    const least = max(mul(abs(value), field.fromNumber(2 ** -100)), field.fromNumber(none));
    return field.compare(abs(sharper), least) <= 0;
  };
  return {
    at: (given) => {
      const [field, sharper, sharpest] = fieldsAt(given);
      const values = valuesAt(given, field);
      let again: ReturnType<typeof valuesAt> | undefined;
      let last: ReturnType<typeof valuesAt> | undefined;
      return (quantity, got) =>
        got.map((x, n) => {
          const value = values.get(quantity)!.data[n]!;
          const error = ulps(x, value, field);
          if (error < 1e6) return error;
          // exp of numbers beyond 2^40 is infinite with any number of digits: there is nothing to compare with.
          if (isBeyond(given) && !isNumber(value, field)) return 0;
          // What is less than the last of so many digits of a 1 may be divided by.
          if (field.isNaN(value)) {
            last ??= valuesAt(given, sharpest());
            return ulps(x, last.get(quantity)!.data[n]!, sharpest());
          }
          if (!Number.isFinite(x)) return error;
          again ??= valuesAt(given, sharper);
          if (!isZero(value, again.get(quantity)!.data[n]!, sharper)) return error;
          return x === 0 ? 0 : Number.MAX_VALUE;
        });
    },
    conditions: (given) => {
      const [field, sharper] = fieldsAt(given);
      const here = valuesAt(given, field);
      const again = valuesAt(given, sharper);
      const beside = moves(given).map(({ point, by }) => ({ values: valuesAt(point, field), by }));
      const { sub, div, abs } = field.functions;
      return (quantity, position) => {
        const of = (values: typeof here): T => values.get(quantity)!.data[position]!;
        const value = of(here);
        if (isZero(value, again.get(quantity)!.data[position]!, sharper)) return Infinity;
        const total = beside.reduce(
          (sum, { values, by }) => sum + field.toNumber(abs(div(sub(of(values), value), value))) / by,
          0,
        );
        return Number.isNaN(total) ? undefined : total;
      };
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

const isBeyond = (given: Given): boolean =>
  Object.values(given).some((input) => numbersOf(input).some((x) => Math.abs(x) > 2 ** 40));

const isNumber = <T>(value: T, field: Field<T>): boolean =>
  !field.isNaN(value) && field.compare(field.functions.abs(value), field.fromNumber(Infinity)) < 0;

type Conditions = ReturnType<Reference["conditions"]>;

/** Computed when it is first asked for. */
function once<T>(compute: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => (known ??= { value: compute() }).value;
}

/** Errors above this are compared with the condition number; so many of each quantity and regime. */
const bar = 4;
const most = 40;

/** Condition numbers take a value beside the point for each of its numbers; in a regime, about so many of these. */
const mostEvaluations = 300;

/** Keeps errors of one quantity of one form. */
class Tally {
  readonly #quantity: string;
  readonly #errors: number[] = [];
  #conditioned = 0;
  #compared = 0;
  #lost = 0;
  #worst = -1;
  #at: Given = {};
  #where = 0;

  constructor(quantity: string) {
    this.#quantity = quantity;
  }

  /** With `conditions`, errors above the bar are compared with the condition number there. */
  add(each: readonly number[], given: Given, conditions: (() => Conditions | undefined) | undefined): void {
    const worst = Math.max(0, ...each);
    this.#errors.push(worst);
    if (worst === Infinity) this.#lost++;
    for (const [n, error] of each.entries()) {
      if (error <= this.#conditioned) continue;
      if (error > bar && this.#compared++ >= most) continue;
      const known = error > bar ? conditions?.() : undefined;
      if (error > bar && conditions !== undefined && known === undefined) continue;
      const by = known?.(this.#quantity, n) ?? 1;
      this.#conditioned = Math.max(this.#conditioned, by === Infinity ? 0 : error / Math.max(1, by));
    }
    if (worst <= this.#worst) return;
    [this.#worst, this.#at, this.#where] = [worst, given, each.indexOf(worst)];
  }

  errors(exact: Reference): Errors {
    const sorted = this.#errors.toSorted((a, b) => a - b);
    const worst = Math.max(0, this.#worst);
    const condition = once(() =>
      worst > 2 ? exact.conditions(this.#at)(this.#quantity, this.#where) : undefined,
    );
    return {
      worst,
      p99: sorted[Math.max(0, Math.ceil(sorted.length * 0.99) - 1)] ?? 0,
      conditioned: this.#conditioned,
      lost: this.#lost,
      at: this.#at,
      get condition() {
        return condition();
      },
    };
  }
}

interface Move {
  readonly point: Given;
  readonly by: number;
}

function moved(x: number, pointAt: (x: number) => Given): readonly Move[] {
  const y = x * (1 + 2 ** -30);
  return x === 0 || !Number.isFinite(y) ? [] : [{ point: pointAt(y), by: y / x - 1 }];
}

/** Points beside a point, for differences: each number that is not a label, a count or half of one moved by some 2^-30 of itself. */
function moves(given: Given): readonly Move[] {
  return Object.entries(given).flatMap(([name, input]) => {
    const of = drawn(input);
    if (typeof of === "number")
      return Number.isInteger(2 * of) ? [] : moved(of, (x) => ({ ...given, [name]: x }));
    if (of.data.every((x) => Number.isInteger(x) && Math.abs(x) < 100)) return [];
    return of.data.flatMap((x, n) =>
      moved(x, (y) => ({ ...given, [name]: { shape: of.shape, data: of.data.with(n, y) } })),
    );
  });
}

/** Draws inputs: scores by the regime, labels in range, everything else of ordinary size; what has a domain from it. */
function drawing(
  derivation: Derivation,
  wrt: readonly string[],
  from: ReadonlyMap<string, DomainName>,
): (regime: Regime, random: Random) => Given {
  const { inputs, bounds, definitions } = derivation;
  const row = rowExtent(
    definitions,
    inputs.map((i) => i.shape),
    "loops",
  );
  const upstream = new Set(inputs.filter((i) => !derivation.program.inputs.includes(i)));
  // A loss is measured at one sample; a layer at several, which it may bring together, and by what goes in first.
  const isLayer = upstream.size > 0;
  const scores = new Set(isLayer ? wrt.slice(0, 1) : wrt);
  // Images and what slides over them have many elements even so, and what they are measured with is slow.
  const isLarge = inputs.some((i) => i.shape.length > 2);
  const rows = isLayer ? (isLarge ? 2 : 4) : 1;
  const length = isLarge ? 2 : 5;
  const axis = widened(derivation.bounds, (array, axis) =>
    row !== undefined && extentKey(row) === `${array}.${axis}` ? rows : length,
  );
  return (regime, random) => {
    const ints = new Map<string, number>();
    const sizes: Sizes = { axis, scalar: (name) => ints.get(name) ?? 3 };
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
      const name = from.get(input.name);
      const domain = name && domains[name];
      if (scores.has(input.name) && shape.length > 0) {
        const scores = drawArray(regime, shape, right, random);
        given[input.name] = domain ? { shape, data: scores.data.map(domain.into) } : scores;
      } else if (shape.length === 0)
        given[input.name] = domain ? domain.draw(random) : random.pick([0.5, 1, 2]);
      else {
        const own = domain && (() => domain.draw(random));
        const of = own
          ? own
          : upstream.has(input) || wrt.includes(input.name)
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
