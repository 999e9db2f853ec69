/**
 * Loops over short rows, as many rows at a time as there are lanes (`rows.ts` says which).
 *
 * A row's values are gathered from its place in memory and scattered to it; scratch of a row has a place for each lane,
 * side by side, so that no gathering is needed there.
 */
import { mentionsAny } from "../../loop/mentioned.ts";
import { bodiesOf, type Scalar, type Statement } from "../../loop/nest.ts";
import { effectsOf } from "../../schedule/effects.ts";
import { get, i32, op, opWith, type Code, type Local } from "../code.ts";
import { lanesOf, type Lanes } from "../lanes.ts";
import { quickRoundoff, roundoff } from "../operations.ts";
import type { StatementWriter } from "../statement.ts";
import { accumulations, type Accumulation } from "./accumulation.ts";
import { BodyWriter, writtenIn } from "./body.ts";
import { Collection, isExtremum, laneOf } from "./collection.ts";
import { Count } from "./count.ts";
import { Counter } from "./counter.ts";
import { Extremum } from "./extremum.ts";
import { LaneWriter, OneByOne } from "./expression.ts";
import { unlessOneByOne } from "./loop.ts";
import { isLight } from "./light.ts";
import { PartialSums } from "./partial-sums.ts";
import { here, Round, type Place } from "./round.ts";
import { bitsOf, Blocks, extracted, RowPlaces, type LaneNames } from "./row-places.ts";
import { loopsIn, placesIn, rowsAtOnce, type Loop, type RowLoop } from "./rows.ts";

type Store = Extract<Statement, { kind: "store" }>;

/** Rows of up to so many values run across lanes; longer ones have lanes of their own. */
const short = 32;

/**
 * Writes the steps of the loop that can be taken together, if there are any: from `index` on as long as there are as many as
 * lanes. Where rows are long at run time, and where the loop cannot run so, none is taken.
 */
export function across(w: StatementWriter, loop: Loop, rows: RowLoop, index: Local, end: Code): void {
  unlessOneByOne(w, () => {
    const { f } = w;
    const count = rowsAtOnce(lanesOf(w.storage.real), rows);
    const writer = new AcrossWriter(w, loop, rows);
    const last = f.keep(op("i32.sub", end, i32(count - 1)));
    const inner = f.inside(() => writer.step(index));
    const some = op("i32.lt_s", get(index), last);
    f.if(op("i32.and", some, areShort(w, loop, rows)), () => {
      writer.begin();
      f.loop((again) => {
        f.emit(inner);
        writer.stepIndex();
        f.set(index, op("i32.add", get(index), i32(count)));
        f.branchIf(again, op("i32.lt_s", get(index), last));
      });
      writer.end();
    });
  });
  // Where it could not run so, the index may still be that of some lane.
  w.scope.define(loop.index, index);
}

/** Whether the loops inside have few steps, as far as that is known before. */
function areShort(w: StatementWriter, loop: Loop, { together }: RowLoop): Code {
  const { defines, assigns } = effectsOf([loop]);
  const known = loopsIn(together).filter(
    ({ from, to }) => ![from, to].some((s) => mentionsAny(s, defines) || mentionsAny(s, assigns)),
  );
  return known
    .map(({ from, to }) => op("i32.sub", w.scalars.integer(to), w.scalars.integer(from)))
    .map((steps) => op("i32.le_s", steps, i32(short)))
    .reduce((all, one) => op("i32.and", all, one), i32(1));
}

/** A row for each lane of a vector. */
interface Group {
  readonly values: LaneWriter;
  readonly body: RowWriter;
  readonly names: readonly LaneNames[];
}

class AcrossWriter {
  readonly #w: StatementWriter;
  readonly #rows: RowLoop;
  readonly #index: string;
  readonly #collection: Collection;
  readonly #groups: readonly Group[];

  constructor(w: StatementWriter, loop: Loop, rows: RowLoop) {
    this.#w = w;
    this.#rows = rows;
    this.#index = loop.index;
    this.#collection = new Collection(w, rows.accumulations);
    this.#groups = Array.from({ length: rows.groups }, (_, n) => this.#group(loop, n));
  }

  #group({ index }: Loop, number: number): Group {
    const w = this.#w;
    const { together, groups } = this.#rows;
    const lanes = lanesOf(w.storage.real);
    const names = Array.from({ length: lanes.count }, () => new Map<string, Local>());
    let memory: RowPlaces | undefined;
    const place = { first: number * lanes.count, step: groups * lanes.count };
    const values = new LaneWriter(
      w,
      lanes,
      index,
      writtenIn(together),
      this.#collection.names,
      (values) => (memory = new RowPlaces(w, values, index, this.#rows, names, number)),
      place,
    );
    return { values, body: new RowWriter(w, values, this.#collection, memory!, placesIn(together)), names };
  }

  /** One step for each lane of each group. */
  step(index: Local): void {
    const { f, scope } = this.#w;
    for (const [n, names] of this.#groups.flatMap((g) => g.names).entries()) {
      const own = n === 0 ? index : f.local("i32");
      if (n > 0) f.set(own, op("i32.add", get(index), i32(n)));
      names.set(this.#index, own);
    }
    this.#collection.round(() =>
      writeTogether(
        this.#groups.map((g) => g.body),
        this.#rows.together,
      ),
    );
    const { after } = this.#rows;
    const { reads, assigns } = effectsOf(after);
    // What is 0 before the first step is not before the others.
    for (const name of assigns) this.#w.takeZero(name);
    for (const { names: all, values } of after.length === 0 ? [] : this.#groups)
      for (const [n, names] of all.entries()) {
        for (const name of reads) {
          const own = names.get(name) ?? this.#extracted(values, name, n);
          if (own !== undefined) scope.define(name, own);
        }
        this.#w.all(after);
      }
    scope.define(this.#index, index);
  }

  /** A lane of a name that differs from lane to lane, as a single value. */
  #extracted(values: LaneWriter, name: string, n: number): Local | undefined {
    const { f, storage } = this.#w;
    return values.varying(name) === undefined
      ? undefined
      : extracted(this.#w, values, name, n, f.local(storage.local(name, values.typeOf(name))));
  }

  begin(): void {
    this.#collection.begin();
    for (const { values } of this.#groups) {
      values.beginIndex();
      for (const code of values.before) this.#w.f.emit(code);
    }
  }

  stepIndex(): void {
    for (const { values } of this.#groups) values.stepIndex();
  }

  end(): void {
    this.#collection.end();
  }
}

/** Statements for each group: what a group waits for, the processor fills with what another one does. */
function writeTogether(writers: readonly RowWriter[], statements: readonly Statement[]): void {
  for (const s of statements)
    if (s.kind === "for") loopTogether(writers, s);
    else for (const one of writers) one.only(s);
}

/** As many steps as there are lanes, or two, read and write blocks of values. */
const roundsOf = ({ count }: Lanes): readonly number[] => (count === 2 ? [2] : [4, 2]);

const hasLoop = (s: Statement): boolean => s.kind === "for" || bodiesOf(s).some(hasLoop);

/** One loop for all groups. */
function loopTogether(writers: readonly RowWriter[], loop: Loop): void {
  const { index, from, to, step = 1, body } = loop;
  const { w, collection } = writers[0]!;
  const taken = writers.map((one) => one.enter(index, [from, to], body));
  const local = w.f.local("i32");
  const end = w.f.keep(w.scalars.integer(to));
  w.f.set(local, w.scalars.integer(from));
  w.scope.define(index, local);
  const written = writtenIn(body);
  const inside = writers.reduce(
    (write, one) => () => one.values.stored.within(write, written, false),
    () => writeTogether(writers, body),
  );
  const lanes = lanesOf(w.storage.real);
  const counter = new Counter(w.f, lanes);
  for (const one of writers) one.values.counters.set(index, counter);
  const take = (steps: number): Code =>
    w.f.inside(() => {
      const round = new Round(w, loop, local);
      const leave = writers.map((one) => one.enterRound(round, taken[0]!.found));
      round.write(steps, step, () => {
        collection.withoutRound(inside);
        counter.step(step);
      });
      for (const end of leave) end();
    });
  const single = take(1);
  const rounds = isLight(body)
    ? roundsOf(lanes).map((steps) => ({ steps, code: take(steps) }))
    : body.some(hasLoop)
      ? [] // each kind of round is all that is inside once more
      : [{ steps: 2, code: w.f.times(2, single) }];
  counter.begin(get(local));
  w.inRounds([...rounds, { steps: 1, code: single }], local, end, step);
  for (const [n, one] of writers.entries()) one.leave(taken[n]!);
}

/** What a loop accumulates, and in what. */
interface Taken {
  readonly found: readonly Accumulation[];
  readonly extrema: ReadonlyMap<string, Extremum>;
  readonly counts: ReadonlyMap<string, Count>;
}

class RowWriter extends BodyWriter {
  readonly #memory: RowPlaces;
  readonly #places: ReadonlySet<string>;

  constructor(
    w: StatementWriter,
    values: LaneWriter,
    collection: Collection,
    memory: RowPlaces,
    places: ReadonlySet<string>,
  ) {
    super(w, values, collection);
    this.#memory = memory;
    this.#places = places;
  }

  protected override store(s: Store, value: Code): void {
    const { f } = this.w;
    const { values } = this;
    const together = this.#memory.together(s.buffer, s.offset);
    if (together !== undefined) {
      const { address } = together;
      const old = (): Code => opWith("v128.load", together, address);
      const whole = s.by === "set" ? value : this.updated(s.by, old(), value);
      f.emit(opWith("v128.store", together, address, values.masked(whole, old())));
      return;
    }
    const vector = f.local("v128");
    f.set(vector, value);
    if (s.by === "set" && this.#memory.storeColumn(s.buffer, s.offset, get(vector))) return;
    const { lanes, mask } = values;
    for (const [n, { address, offset }] of this.#addresses(s).entries()) {
      const write = (): void => {
        const own = laneOf(lanes, vector, n);
        if (s.by !== "set")
          f.emit(
            opWith(
              `${lanes.real}.store`,
              { offset },
              address,
              this.w.updated(s.by, opWith(`${lanes.real}.load`, { offset }, address), own),
            ),
          );
        else
          f.emit(
            opWith(
              lanes.real === "f64" ? "v128.store64_lane" : "v128.store32_lane",
              { lane: n, offset },
              address,
              get(vector),
            ),
          );
      };
      if (mask === undefined) write();
      else f.if(bitsOf(values, mask, n), write);
    }
  }

  /** Where the lanes store: perhaps all in one place. */
  #addresses({ buffer, offset }: Store): readonly Place[] {
    const { f, scalars } = this.w;
    if (this.values.varies(offset)) return this.#memory.addresses(buffer, offset);
    const place = here(f.keep(scalars.address(buffer, offset)));
    return Array.from({ length: this.values.lanes.count }, () => place);
  }

  /** Statements of this group among those of others. */
  only(s: Statement): void {
    this.#memory.enter();
    this.all([s]);
  }

  protected override loop(s: Loop): void {
    loopTogether([this], s);
  }

  /** Begins a loop; returns what it accumulates in variables of the row. */
  enter(index: string, bounds: readonly Scalar[], body: readonly Statement[]): Taken {
    if (bounds.some(this.values.varies)) throw new OneByOne("rows differ in length");
    this.values.uniform.add(index);
    const taken = this.#takenIn(body);
    for (const [name, extremum] of taken.extrema) {
      extremum.begin();
      this.extrema.set(name, extremum);
    }
    for (const [name, count] of taken.counts) {
      count.begin();
      this.counts.set(name, count);
    }
    return taken;
  }

  leave({ extrema, counts }: Taken): void {
    for (const [name, extremum] of extrema) {
      extremum.end();
      this.extrema.delete(name);
    }
    for (const [name, count] of counts) {
      count.end();
      this.counts.delete(name);
    }
  }

  /** The variables of a row that a loop does nothing with but accumulate in them. */
  #takenIn(body: readonly Statement[]): Taken {
    const { w, values } = this;
    const { lanes } = values;
    const found = [...(accumulations(body)?.values() ?? [])].filter(
      ({ name, lost }) =>
        values.varying(name) !== undefined && (lost === undefined || values.varying(lost) !== undefined),
    );
    const extrema = new Map<string, Extremum>();
    const counts = new Map<string, Count>();
    for (const { name, by, type } of found) {
      const own = values.varying(name)!;
      if (type === "real" && isExtremum(by) && !this.extrema.has(name))
        extrema.set(name, new Extremum(w.f, lanes, by, own));
      if (type === "int" && by === "add" && this.isSum(name) && !this.counts.has(name))
        counts.set(name, new Count(w.f, lanes, own));
    }
    return { found, extrema, counts };
  }

  /** Begins a round of steps; returns what ends it. */
  enterRound(round: Round, found: readonly Accumulation[]): () => void {
    const { w, values } = this;
    const [outer, outerSums, outerBlocks] = [values.round, this.round, this.#memory.blocks];
    values.round = round;
    this.#memory.blocks = new Blocks();
    const sums = found.filter((a) => this.isSum(a.name));
    this.round = new PartialSums(w.f, values.lanes, sums);
    return () => {
      for (const [sum, value] of this.round?.all() ?? []) this.#add(sum, value);
      this.#memory.blocks = outerBlocks;
      values.round = outer;
      this.round = outerSums;
    };
  }

  /** Adds to a variable of the row what a round of steps adds up to. */
  #add({ name, lost, short }: Accumulation, value: Code): void {
    const { f } = this.w;
    const { values } = this;
    const sum = values.varying(name)!;
    if (lost !== undefined) {
      const part = (short ? quickRoundoff : roundoff)(f, values.lanes.shape, get(sum), value);
      const own = values.varying(lost)!;
      f.set(own, op(`${values.lanes.shape}.add`, get(own), part));
    }
    f.set(sum, op(`${values.lanes.shape}.add`, get(sum), value));
  }

  protected override fill({ buffer, value }: Extract<Statement, { kind: "fill" }>): void {
    const { w, values } = this;
    if (values.mask !== undefined || values.isConditional) throw new OneByOne("a buffer is filled");
    if (w.storage.element(buffer) !== values.lanes.real) throw new OneByOne("other numbers");
    const lanes = w.f.keep(values.real(value));
    const n = w.f.local("i32");
    w.repeat(n, i32(0), w.length(buffer), 1, () =>
      w.f.emit(op("v128.store", this.#memory.ownPlace(buffer, get(n)), lanes)),
    );
  }

  protected override defined(s: Extract<Statement, { kind: "let" }>): void {
    if (s.type !== "int" || !this.#places.has(s.name) || this.values.mask !== undefined) return;
    if (this.w.storage.local(s.name, s.type) === "i32") this.#memory.keep(s.name, s.value);
  }
}
