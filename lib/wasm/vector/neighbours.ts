/** Values of a buffer in lanes where the steps of a loop are neighbours in memory. */
import type { Scalar } from "../../loop/nest.ts";
import { along, polynomial, scalarOf } from "../../schedule/polynomial.ts";
import { get, i32, op, opWith, type Code } from "../code.ts";
import type { StatementWriter } from "../statement.ts";
import { strideAlong } from "./access.ts";
import { OneByOne, type LaneWriter, type Places } from "./expression.ts";
import type { Place } from "./round.ts";

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
    const place = this.place(buffer, offset);
    return opWith("v128.load", place, place.address);
  }

  loadInteger(buffer: string, offset: Scalar): Code {
    return integersAt(this.#w, this.#values, buffer, this.place(buffer, offset));
  }

  /**
   * Where the first lane is: what does not change in the loop, which the engine computes before it, and how far the index
   * has come, which all addresses share.
   */
  place(buffer: string, offset: Scalar): Place {
    if (strideAlong(offset, this.#index, this.#values.varies) !== "one") throw new OneByOne("no neighbours");
    const { scalars, scope } = this.#w;
    const { rest } = along(polynomial(offset), this.#index)!;
    return this.#values.place(buffer, offset, () => {
      const first = scalars.address(buffer, scalarOf(rest));
      return op("i32.add", first, op("i32.shl", get(scope.local(this.#index)), i32(scalars.shift(buffer))));
    });
  }
}

/** Integers beside each other in memory. */
export function integersAt(
  { storage }: StatementWriter,
  { lanes }: LaneWriter,
  buffer: string,
  place: Place,
): Code {
  const element = storage.element(buffer);
  if (element === "i32" && lanes.real === "f64")
    return op("f64x2.convert_low_i32x4_s", opWith("v128.load64_zero", place, place.address));
  if (element === "i32" || (element === "f64" && lanes.real === "f64"))
    return opWith("v128.load", place, place.address);
  throw new OneByOne("other integers");
}
