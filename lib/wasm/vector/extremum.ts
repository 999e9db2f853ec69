/**
 * A maximum (minimum) in lanes at half the cost of an exact one.
 *
 * The larger of two by comparison keeps the old value beside NaN and of two zeros. What that loses is kept on its own:
 * whether there was a NaN, and, as all others are negative (positive) where the extremum is 0, the sign of the zero among
 * the signs of all.
 */
import { get, i32x4, op, type Code, type Local } from "../code.ts";
import type { FunctionBuilder } from "../function.ts";
import { everywhere, type Lanes } from "../lanes.ts";

export class Extremum {
  readonly #f: FunctionBuilder;
  readonly #lanes: Lanes;
  readonly #by: "max" | "min";
  readonly #value: Local;
  readonly #signs: Local;
  readonly #unordered: Local;

  /** `value` is the variable: right before `begin` and after `end`. */
  constructor(f: FunctionBuilder, lanes: Lanes, by: "max" | "min", value: Local) {
    this.#f = f;
    this.#lanes = lanes;
    this.#by = by;
    this.#value = value;
    this.#signs = f.local("v128");
    this.#unordered = f.local("v128");
  }

  begin(): void {
    this.#f.set(this.#signs, get(this.#value));
    this.#f.set(this.#unordered, i32x4(0));
  }

  take(value: Code): void {
    const f = this.#f;
    const { shape } = this.#lanes;
    f.set(this.#value, op(`${shape}.p${this.#by}`, get(this.#value), value));
    f.set(this.#signs, op(this.#by === "max" ? "v128.and" : "v128.or", get(this.#signs), value));
    f.set(this.#unordered, op("v128.or", get(this.#unordered), op(`${shape}.ne`, value, value)));
  }

  end(): void {
    const value = get(this.#value);
    const zero = op(`${this.#lanes.shape}.eq`, value, everywhere(this.#lanes, 0));
    const signed = op("v128.and", get(this.#signs), everywhere(this.#lanes, -0));
    this.#f.set(this.#value, op("v128.or", op("v128.bitselect", signed, value, zero), get(this.#unordered)));
  }
}
