/**
 * A count in lanes: a condition that holds is all ones, which is −1, and so is subtracted.
 *
 * Lanes of doubles have their integers as doubles, too; there the loop counts in integers of its own, which are added to the
 * variable when it is done.
 */
import type { Scalar } from "../../loop/nest.ts";
import { get, i32x4, i64x2, op, f64x2, type Code, type Local } from "../code.ts";
import type { FunctionBuilder } from "../function.ts";
import type { Lanes } from "../lanes.ts";

const two52 = 2 ** 52;
/** The bits of 2⁵²: those of a smaller integer in their place are that many more. */
const bits52 = 0x4330000000000000n;

export class Count {
  readonly #f: FunctionBuilder;
  readonly #value: Local;
  readonly #counted: Local;
  readonly #shape: "i64x2" | "i32x4";

  constructor(f: FunctionBuilder, { count }: Lanes, value: Local) {
    this.#f = f;
    this.#value = value;
    this.#shape = count === 2 ? "i64x2" : "i32x4";
    this.#counted = this.#shape === "i64x2" ? f.local("v128") : value;
  }

  begin(): void {
    if (this.#shape === "i64x2") this.#f.set(this.#counted, i32x4(0));
  }

  /** Counts the lanes that are all ones. */
  take(condition: Code): void {
    this.#f.set(this.#counted, op(`${this.#shape}.sub`, get(this.#counted), condition));
  }

  end(): void {
    if (this.#shape !== "i64x2") return;
    const double = op("f64x2.sub", op("v128.or", get(this.#counted), i64x2(bits52)), f64x2(two52));
    this.#f.set(this.#value, op("f64x2.add", get(this.#value), double));
  }
}

/** The condition whose cases an integer counts; undefined for other integers. */
export const counted = (s: Scalar): Scalar | undefined =>
  s.kind === "apply" && s.op === "iverson" ? s.args[0] : undefined;
