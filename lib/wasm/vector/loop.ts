/**
 * An innermost loop over neighbours in memory, several steps at a time.
 *
 * Conditions become masks; a variable that is accumulated has a value in each lane, and the lanes are put
 * together after the loop, in their order. The steps that are left over run one by one.
 */
import type { Statement } from "../../loop/nest.ts";
import { get, i32, op, type Code, type Local } from "../code.ts";
import { everywhere, lanesOf } from "../lanes.ts";
import type { StatementWriter } from "../statement.ts";
import { accumulations } from "./accumulation.ts";
import { isApart, strideAlong } from "./access.ts";
import { BodyWriter, writtenIn } from "./body.ts";
import { Collection, laneOf } from "./collection.ts";
import { LaneWriter, OneByOne } from "./expression.ts";
import { Neighbours } from "./neighbours.ts";

type Loop = Extract<Statement, { kind: "for" }>;
type Store = Extract<Statement, { kind: "store" }>;

/** A sum that the loop adds to one place in memory. */
interface Gathered {
  readonly store: Store;
  readonly lanes: Local;
}

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

function writeLoop(w: StatementWriter, { index, from, to, body }: Loop, collection: Collection): void {
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
  const inner = f.inside(() => writer.all(body));
  const last = f.keep(op("i32.sub", end, i32(lanes.count - 1)));
  f.if(op("i32.lt_s", get(local), last), () => {
    collection.begin();
    writer.begin();
    values.beginIndex();
    for (const code of values.before) f.emit(code);
    const step = f.inside(() => {
      f.emit(inner);
      values.stepIndex();
      f.set(local, op("i32.add", get(local), i32(lanes.count)));
    });
    w.inRounds(4, local, last, lanes.count, step);
    collection.end();
    writer.end();
  });
  w.rest(local, end, body);
}

class NeighbourWriter extends BodyWriter {
  readonly #places: Neighbours;
  readonly #index: string;
  readonly #gathered: Gathered[] = [];

  constructor(w: StatementWriter, values: LaneWriter, collection: Collection, index: string) {
    super(w, values, collection);
    this.#index = index;
    this.#places = new Neighbours(w, values, index);
  }

  begin(): void {
    for (const g of this.#gathered) this.w.f.set(g.lanes, everywhere(this.values.lanes, 0));
  }

  protected override store(s: Store, value: Code): void {
    const { w, values } = this;
    const { f } = w;
    if (strideAlong(s.offset, this.#index, values.varies) === "none") {
      if (s.by !== "add" || values.mask !== undefined)
        throw new OneByOne("all lanes are stored in one place");
      const lanes = f.local("v128");
      this.#gathered.push({ store: s, lanes });
      f.set(lanes, this.updated("add", get(lanes), value));
      return;
    }
    const address = f.keep(this.#places.address(s.buffer, s.offset));
    const old = (): Code => op("v128.load", address);
    const whole = s.by === "set" ? value : this.updated(s.by, old(), value);
    f.emit(op("v128.store", address, values.masked(whole, old())));
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
    for (const { store, lanes: sums } of this.#gathered) {
      const address = f.keep(scalars.address(store.buffer, store.offset));
      const sum = Array.from({ length: count }, (_, n) => laneOf(lanes, sums, n)).reduce((a, b) =>
        op(`${real}.add`, a, b),
      );
      f.emit(op(`${real}.store`, address, op(`${real}.add`, op(`${real}.load`, address), sum)));
    }
  }
}
