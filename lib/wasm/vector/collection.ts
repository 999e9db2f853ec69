/**
 * Variables that a loop in lanes accumulates in: each lane on its own, put together after the loop, in the order of the
 * lanes.
 */
import type { Scalar, Statement } from "../../loop/nest.ts";
import { get, op, opWith, type Code, type Local } from "../code.ts";
import { everywhere, lanesOf, type Lanes } from "../lanes.ts";
import { quickRoundoff, roundoff } from "../operations.ts";
import { converted } from "../scalar.ts";
import type { StatementWriter } from "../statement.ts";
import { lossOf, type Accumulation } from "./accumulation.ts";
import { Count, counted } from "./count.ts";
import { Extremum } from "./extremum.ts";
import { OneByOne, type LaneWriter } from "./expression.ts";
import { PartialSums } from "./partial-sums.ts";

type Assign = Extract<Statement, { kind: "assign" }>;

/** Lanes of an accumulation, and what they need beside them. */
interface Collected {
  readonly accumulation: Accumulation;
  readonly lanes: Local;
  readonly lost: Local | undefined;
  readonly extremum: Extremum | undefined;
  readonly count: Count | undefined;
}

export class Collection {
  readonly #w: StatementWriter;
  readonly #lanes: Lanes;
  readonly #collected = new Map<string, Collected>();
  readonly #lost = new Map<string, Local>();
  /** What the round of steps that is being written adds. */
  #round: PartialSums | undefined;
  /** Variables that are accumulated in, those for losses too. */
  readonly names: ReadonlySet<string>;

  constructor(w: StatementWriter, found: ReadonlyMap<string, Accumulation>) {
    this.#w = w;
    this.#lanes = lanesOf(w.storage.real);
    for (const accumulation of found.values()) {
      const lost = accumulation.lost === undefined ? undefined : w.f.local("v128");
      if (lost !== undefined) this.#lost.set(accumulation.lost!, lost);
      const { by, type } = accumulation;
      const lanes = w.f.local("v128");
      const extremum =
        type === "real" && isExtremum(by) ? new Extremum(w.f, this.#lanes, by, lanes) : undefined;
      const count = type === "int" && by === "add" ? new Count(w.f, this.#lanes, lanes) : undefined;
      this.#collected.set(accumulation.name, { accumulation, lanes, lost, extremum, count });
    }
    this.names = new Set([...this.#collected.keys(), ...this.#lost.keys()]);
  }

  /** Lanes in which nothing is accumulated yet. */
  begin(): void {
    const { f } = this.#w;
    for (const { accumulation, lanes, lost, extremum, count } of this.#collected.values()) {
      f.set(lanes, this.#identity(accumulation));
      if (lost !== undefined) f.set(lost, everywhere(this.#lanes, 0));
      extremum?.begin();
      count?.begin();
    }
  }

  #identity({ by, type }: Accumulation): Code {
    const value = { add: 0, mul: 1, max: -Infinity, min: Infinity }[by];
    if (type === "int" && by !== "add") throw new OneByOne("integers are not added");
    return everywhere(this.#lanes, value);
  }

  /** Writes a round of steps: what they add to a sum is added up first. */
  round(write: () => void): void {
    const { f } = this.#w;
    const found = [...this.#collected.values()].map((c) => c.accumulation);
    this.#round = new PartialSums(f, this.#lanes, found);
    write();
    for (const [{ name, short }, value] of this.#round.all()) {
      const { lanes, lost } = this.#collected.get(name)!;
      if (lost !== undefined) this.#lose(lanes, lost, value, short);
      f.set(lanes, op(`${this.#lanes.shape}.add`, get(lanes), value));
    }
    this.#round = undefined;
  }

  /** Writes what runs more than once in a round. */
  withoutRound(write: () => void): void {
    const round = this.#round;
    this.#round = undefined;
    write();
    this.#round = round;
  }

  /** A statement that accumulates. */
  assign(s: Assign, values: LaneWriter): void {
    const { f } = this.#w;
    if (this.#round?.take(s, values) === true) return;
    const lost = this.#lost.get(s.name);
    if (lost !== undefined) return this.#assignLoss(s, lost, values);
    const { accumulation, lanes, extremum, count } = this.#collected.get(s.name)!;
    const { by, type } = accumulation;
    const { shape } = this.#lanes;
    if (type === "int") {
      const condition = counted(s.value);
      if (count !== undefined && condition !== undefined)
        return count.take(values.orZero(values.condition(condition)));
      const value = values.orZero(values.integer(s.value));
      f.set(lanes, op(this.#lanes.real === "f64" ? "f64x2.add" : "i32x4.add", get(lanes), value));
      return;
    }
    const own = values.real(s.value);
    const value = by === "add" ? values.orZero(own) : values.masked(own, this.#identity(accumulation));
    if (extremum !== undefined) return extremum.take(f.keep(value));
    f.set(lanes, op(`${shape}.${by}`, get(lanes), value));
  }

  #assignLoss(s: Assign, lost: Local, values: LaneWriter): void {
    const loss = lossOf(s.value);
    if (loss === undefined) throw new OneByOne("a loss is no rounding");
    const { lanes } = this.#collected.get(loss.sum)!;
    const value = this.#w.f.keep(values.orZero(values.real(loss.term)));
    this.#lose(lanes, lost, value, loss.short);
  }

  /** What the rounding of a sum loses, in each lane. */
  #lose(lanes: Local, lost: Local, value: Code, short: boolean): void {
    const { f } = this.#w;
    const { shape } = this.#lanes;
    const part = (short ? quickRoundoff : roundoff)(f, shape, get(lanes), value);
    f.set(lost, op(`${shape}.add`, get(lost), part));
  }

  /** Puts lanes together: into the variables, in the order of the lanes. */
  end(): void {
    for (const c of this.#collected.values()) this.#collect(c);
  }

  #collect({ accumulation, lanes, lost, extremum, count }: Collected): void {
    const { f, scope } = this.#w;
    extremum?.end();
    count?.end();
    const { name, by, type } = accumulation;
    const variable = scope.local(name);
    // What is 0 becomes the first lane; nothing is lost.
    const zero =
      by === "add" && this.#w.takeZero(name) && (lost === undefined || this.#w.takeZero(accumulation.lost!));
    for (let n = 0; n < this.#lanes.count; n++) {
      const value = f.keep(laneOf(this.#lanes, lanes, n, type));
      if (zero && n === 0) {
        if (lost !== undefined) f.set(scope.local(accumulation.lost!), laneOf(this.#lanes, lost, 0));
        f.set(variable, converted(value, variable.type as "f64"));
        continue;
      }
      if (lost !== undefined) {
        const slot = scope.local(accumulation.lost!);
        const part = roundoff(f, this.#lanes.real, get(variable), value);
        const both = op(`${this.#lanes.real}.add`, part, laneOf(this.#lanes, lost, n));
        f.set(slot, op(`${this.#lanes.real}.add`, get(slot), both));
      }
      f.set(variable, this.#w.updated(by, get(variable), converted(value, variable.type as "f64")));
    }
  }
}

export const isExtremum = (by: Accumulation["by"]): by is "max" | "min" => by === "max" || by === "min";

/** One lane: a real, or an integer as the lanes have it. */
export function laneOf(lanes: Lanes, vector: Local, n: number, type: Scalar["type"] = "real"): Code {
  if (type !== "real" && lanes.real === "f32") return opWith("i32x4.extract_lane", { lane: n }, get(vector));
  return opWith(`${lanes.shape}.extract_lane`, { lane: n }, get(vector));
}
