/**
 * An innermost loop over neighbours in memory, several steps at a time.
 *
 * Conditions become masks; a variable that is accumulated has a value in each lane, and the lanes are put
 * together after the loop, in their order. The steps that are left over run one by one.
 */
import type { Scalar, Statement } from "../../loop/nest.ts";
import { get, i32, op, opWith, type Code, type Local } from "../code.ts";
import { everywhere, lanesOf } from "../lanes.ts";
import type { StatementWriter } from "../statement.ts";
import { accumulations } from "./accumulation.ts";
import { isApart, strideAlong } from "./access.ts";
import { BodyWriter, writtenIn } from "./body.ts";
import { Collection, laneOf } from "./collection.ts";
import { exceptionOf } from "./exception.ts";
import { LaneWriter, OneByOne } from "./expression.ts";
import { isLight } from "./light.ts";
import { Neighbours } from "./neighbours.ts";
import { Round } from "./round.ts";

type Loop = Extract<Statement, { kind: "for" }>;
type Store = Extract<Statement, { kind: "store" }>;

/** Writes the loop in lanes; false, and nothing is written, where it cannot run so. */
export function inLanes(w: StatementWriter, loop: Loop): boolean {
  const { body, step } = loop;
  if (step !== undefined || !isApart(body)) return false;
  const found = accumulations(body);
  if (found === undefined) return false;
  return unlessOneByOne(w, () => writeLoop(w, loop, new Collection(w, found)));
}

/** What `write` appends; false, and nothing is appended, where it finds that lanes cannot do it. */
export function unlessOneByOne(w: StatementWriter, write: () => void): boolean {
  try {
    w.f.emit(w.f.inside(write));
    return true;
  } catch (error) {
    if (error instanceof OneByOne) return false;
    throw error;
  }
}

/** Steps in a round: vectors for the processor to mix. */
const steps = 4;

function writeLoop(w: StatementWriter, loop: Loop, collection: Collection): void {
  const { index, from, to, body } = loop;
  const { f, scope, scalars } = w;
  const end = f.keep(scalars.integer(to));
  const local = f.local("i32");
  f.set(local, scalars.integer(from));
  scope.define(index, local);
  const lanes = lanesOf(w.storage.real);
  const values = new LaneWriter(
    w,
    lanes,
    index,
    writtenIn(body),
    collection.names,
    (own) => new Neighbours(w, own, index),
  );
  const writer = new NeighbourWriter(w, values, collection, index);
  const take = (of: number, what: readonly Statement[]): Code =>
    f.inside(() => {
      values.round = new Round(w, loop, local);
      collection.round(() => values.round!.write(of, lanes.count, () => writer.step(what)));
      values.round = undefined;
    });
  const isShort = isLight(body);
  const exception = exceptionOf(loop);
  const usual =
    exception === undefined
      ? undefined
      : isShort
        ? take(steps, exception.usual)
        : f.times(steps, take(1, exception.usual));
  // Where only rounds with the exception ask for the index in lanes, the others do not keep it.
  const keepsIndex = usual === undefined || values.asksIndex;
  const asking = (of: number): Code => {
    const code = take(of, body);
    return f.inside(() => {
      if (!keepsIndex) values.beginIndex();
      f.emit(code);
    });
  };
  const single = asking(1);
  const round = isShort ? asking(steps) : f.times(steps, single);
  const all = keepsIndex ? round : unlessOdd(w, exception!.value, local, round, usual!);
  const last = f.keep(op("i32.sub", end, i32(lanes.count - 1)));
  f.if(op("i32.lt_s", get(local), last), () => {
    collection.begin();
    writer.begin();
    if (keepsIndex) values.beginIndex();
    for (const code of values.before) f.emit(code);
    const rounds = [
      { steps, code: all },
      { steps: 1, code: single },
    ];
    w.inRounds(rounds, local, last, lanes.count);
    collection.end();
    writer.end();
  });
  w.rest(local, end, body);
}

/** A round, or what it is where it does not have the value of the index that is asked for. */
function unlessOdd(
  { f, scalars, storage }: StatementWriter,
  value: Scalar,
  index: Local,
  round: Code,
  usual: Code,
): Code {
  const first = f.keep(scalars.integer(value));
  return f.inside(() => {
    const ahead = op("i32.sub", first, get(index));
    const isOdd = op("i32.lt_u", ahead, i32(steps * lanesOf(storage.real).count));
    f.if(
      isOdd,
      () => f.emit(round),
      () => f.emit(usual),
    );
  });
}

class NeighbourWriter extends BodyWriter {
  readonly #places: Neighbours;
  readonly #index: string;
  /** Sums that the loop adds to one place in memory, in lanes. */
  readonly #gathered = new Map<Store, Local>();

  constructor(w: StatementWriter, values: LaneWriter, collection: Collection, index: string) {
    super(w, values, collection);
    this.#index = index;
    this.#places = new Neighbours(w, values, index);
  }

  /** A step of each lane. */
  step(body: readonly Statement[]): void {
    this.values.stored.within(() => this.all(body), writtenIn(body), false);
    this.values.stepIndex();
  }

  begin(): void {
    for (const lanes of this.#gathered.values()) this.w.f.set(lanes, everywhere(this.values.lanes, 0));
  }

  protected override store(s: Store, value: Code): void {
    const { w, values } = this;
    const { f } = w;
    if (strideAlong(s.offset, this.#index, values.varies) === "none") {
      if (s.by !== "add" || values.mask !== undefined)
        throw new OneByOne("all lanes are stored in one place");
      const lanes = this.#gathered.get(s) ?? f.local("v128");
      this.#gathered.set(s, lanes);
      f.set(lanes, this.updated("add", get(lanes), value));
      return;
    }
    const place = this.#places.place(s.buffer, s.offset);
    const address = f.keep(place.address);
    const old = (): Code => opWith("v128.load", place, address);
    const whole = s.by === "set" ? value : this.updated(s.by, old(), value);
    f.emit(opWith("v128.store", place, address, values.masked(whole, old())));
  }

  protected override loop(): never {
    throw new OneByOne("a loop is inside");
  }

  protected override fill(): never {
    throw new OneByOne("a buffer is filled");
  }

  protected override defined(): void {
    // Nothing else needs it.
  }

  /** Adds lanes to their one place in memory. */
  end(): void {
    const { f, scalars } = this.w;
    const { lanes } = this.values;
    const { real, count } = lanes;
    for (const [store, sums] of this.#gathered) {
      const address = f.keep(scalars.address(store.buffer, store.offset));
      const sum = Array.from({ length: count }, (_, n) => laneOf(lanes, sums, n)).reduce((a, b) =>
        op(`${real}.add`, a, b),
      );
      f.emit(op(`${real}.store`, address, op(`${real}.add`, op(`${real}.load`, address), sum)));
    }
  }
}
