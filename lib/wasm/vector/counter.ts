/** The index of a loop in all lanes, kept beside it if it is asked for: to spread it anew in each step costs more. */
import { f64x2, get, i32x4, op, set, type Code, type Local } from "../code.ts";
import type { FunctionBuilder } from "../function.ts";
import type { Lanes } from "../lanes.ts";

export class Counter {
  readonly #f: FunctionBuilder;
  readonly #doubles: boolean;
  #local: Local | undefined;

  constructor(f: FunctionBuilder, lanes: Lanes) {
    this.#f = f;
    this.#doubles = lanes.real === "f64";
  }

  lanes(): Code {
    return get((this.#local ??= this.#f.local("v128")));
  }

  /** What is to be done before the loop. */
  begin(from: Code): void {
    if (this.#local === undefined) return;
    const spread = this.#doubles ? op("f64x2.splat", op("f64.convert_i32_s", from)) : op("i32x4.splat", from);
    this.#f.emit(set(this.#local, spread));
  }

  /** What is to be done after each step. */
  step(by: number): void {
    if (this.#local === undefined) return;
    const next = this.#doubles
      ? op("f64x2.add", get(this.#local), f64x2(by))
      : op("i32x4.add", get(this.#local), i32x4(by));
    this.#f.emit(set(this.#local, next));
  }
}
