/** Values of a buffer in lanes where the steps of a loop are neighbours in memory. */
import type { Scalar } from "../../loop/nest.ts";
import { along, polynomial, scalarOf } from "../../schedule/polynomial.ts";
import { get, i32, op, type Code } from "../code.ts";
import type { StatementWriter } from "../statement.ts";
import { strideAlong } from "./access.ts";
import { OneByOne, type LaneWriter, type Places } from "./expression.ts";

export class Neighbours implements Places {
  readonly #w: StatementWriter;
  readonly #values: LaneWriter;
  readonly #index: string;

  constructor(w: StatementWriter, values: LaneWriter, index: string) {
    this.#w = w;
    this.#values = values;
    this.#index = index;
  }

  load(buffer: string, offset: Scalar): Code {
    if (this.#w.storage.element(buffer) !== this.#values.lanes.real) throw new OneByOne("other numbers");
    return op("v128.load", this.address(buffer, offset));
  }

  loadInteger(buffer: string, offset: Scalar): Code {
    return integersAt(this.#w, this.#values, buffer, this.address(buffer, offset));
  }

  /**
   * The address of the first lane: what does not change in the loop, which the engine computes before it, and
   * how far the index has come, which all addresses share.
   */
  address(buffer: string, offset: Scalar): Code {
    if (strideAlong(offset, this.#index, this.#values.varies) !== "one") throw new OneByOne("no neighbours");
    const { scalars, scope } = this.#w;
    const { rest } = along(polynomial(offset), this.#index)!;
    const first = scalars.address(buffer, scalarOf(rest));
    return op("i32.add", first, op("i32.shl", get(scope.local(this.#index)), i32(scalars.shift(buffer))));
  }
}

/** Integers beside each other in memory. */
export function integersAt(
  { storage }: StatementWriter,
  { lanes }: LaneWriter,
  buffer: string,
  address: Code,
): Code {
  const element = storage.element(buffer);
  if (element === "i32" && lanes.real === "f64")
    return op("f64x2.convert_low_i32x4_s", op("v128.load64_zero", address));
  if (element === "i32" || (element === "f64" && lanes.real === "f64")) return op("v128.load", address);
  throw new OneByOne("other integers");
}
