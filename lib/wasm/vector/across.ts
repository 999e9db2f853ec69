/**
 * Loops over short rows, as many rows at a time as there are lanes (`rows.ts` says which).
 *
 * A row's values are gathered from its place in memory and scattered to it; scratch of a row has a place for each lane,
 * side by side, so that no gathering is needed there.
 */
import { bodiesOf, type Scalar, type Statement } from "../../loop/nest.ts";
import { printScalar } from "../../loop/print.ts";
import { effectsOf } from "../../schedule/effects.ts";
import { along, isZero, polynomial, scalarOf, strideOf } from "../../schedule/polynomial.ts";
import { get, i32, op, opWith, type Code, type Local } from "../code.ts";
import { everywhere, lanesOf, type Lanes } from "../lanes.ts";
import { quickRoundoff, roundoff } from "../operations.ts";
import { converted } from "../scalar.ts";
import type { StatementWriter } from "../statement.ts";
import { accumulations, mentionsAny, type Accumulation } from "./accumulation.ts";
import { BodyWriter, writtenIn } from "./body.ts";
import { Collection, isExtremum, laneOf } from "./collection.ts";
import { Count } from "./count.ts";
import { Counter } from "./counter.ts";
import { Extremum } from "./extremum.ts";
import { LaneWriter, OneByOne, type Places } from "./expression.ts";
import { unlessOneByOne } from "./loop.ts";
import { isLight } from "./light.ts";
import { integersAt } from "./neighbours.ts";
import { PartialSums } from "./partial-sums.ts";
import { here, Round, type Place } from "./round.ts";
import { Transposed } from "./transposed.ts";
import { groups, loopsIn, placesIn, rowsAtOnce, type Loop, type RowLoop } from "./rows.ts";

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
    const count = rowsAtOnce(lanesOf(w.storage.real));
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

/** What a lane knows by itself: the names that say where something is in memory. */
type LaneNames = Map<string, Local>;

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
    this.#groups = Array.from({ length: groups }, (_, n) => this.#group(loop, n));
  }

  #group({ index }: Loop, number: number): Group {
    const w = this.#w;
    const { together, own } = this.#rows;
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
      (values) => (memory = new RowPlaces(w, values, index, own, names, number)),
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
    const { reads } = effectsOf(after);
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

/** Sets a local to a lane of a name. */
function extracted({ f }: StatementWriter, values: LaneWriter, name: string, n: number, local: Local): Local {
  const type = values.typeOf(name);
  const { lanes } = values;
  const vector = values.varying(name)!;
  if (type === "bool") f.set(local, op("i32.and", bitsOf(values, get(vector), n), i32(1)));
  else f.set(local, converted(laneOf(lanes, vector, n, type), local.type as "i32"));
  return local;
}

/** The lowest bits of a lane. */
const bitsOf = ({ lanes }: LaneWriter, vector: Code, n: number): Code =>
  opWith("i32x4.extract_lane", { lane: (n * 4) / lanes.count }, vector);

/** Blocks of a row for each lane by a step of a round: what it has read, column by column, and what it will store. */
class Blocks {
  /** By buffer and offset. */
  readonly read = new Map<string, readonly Code[]>();
  /** By buffer. */
  readonly written = new Map<string, { readonly rows: readonly Place[]; readonly columns: Code[] }>();
}

class RowPlaces implements Places {
  readonly #w: StatementWriter;
  readonly #values: LaneWriter;
  readonly #index: string;
  readonly #own: ReadonlySet<string>;
  readonly #names: readonly LaneNames[];
  readonly #group: number;
  readonly #transposed: Transposed;
  /** What the present round has read, and what it will store. */
  blocks = new Blocks();

  constructor(
    w: StatementWriter,
    values: LaneWriter,
    index: string,
    own: ReadonlySet<string>,
    names: readonly LaneNames[],
    group: number,
  ) {
    this.#w = w;
    this.#values = values;
    this.#index = index;
    this.#own = own;
    this.#names = names;
    this.#group = group;
    this.#transposed = new Transposed(w.f, values.lanes);
  }

  /** What follows is for the rows of this group. */
  enter(): void {
    this.#w.scope.define(this.#index, this.#names[0]!.get(this.#index)!);
  }

  /** Where the group's lanes of an element of scratch begin. */
  ownPlace(buffer: string, element: Code): Code {
    const place = op("i32.shl", element, i32(4 + Math.log2(groups)));
    return op("i32.add", op("i32.add", this.#w.scope.address(buffer), i32(16 * this.#group)), place);
  }

  load(buffer: string, offset: Scalar): Code {
    if (this.#w.storage.element(buffer) !== this.#values.lanes.real) throw new OneByOne("other numbers");
    const together = this.together(buffer, offset);
    if (together !== undefined) return opWith("v128.load", together, together.address);
    return this.#column(buffer, offset) ?? this.#gathered(this.addresses(buffer, offset));
  }

  /** Of a block of values that a round reads, those of the present step; undefined where it reads no block. */
  #column(buffer: string, offset: Scalar): Code | undefined {
    const round = this.#roundOver(buffer, offset, "load");
    if (round === undefined) return undefined;
    const key = `${buffer} ${printScalar(offset)}`;
    if (round.step === 0)
      this.blocks.read.set(key, this.#transposed.load(this.addresses(buffer, offset), round.steps));
    return this.blocks.read.get(key)?.[round.step];
  }

  /** Stores what a step of a round stores, when all have come; false where they are no block. */
  storeColumn(buffer: string, offset: Scalar, value: Code): boolean {
    const round = this.#roundOver(buffer, offset, "store");
    if (round === undefined || this.#own.has(buffer)) return false;
    if (round.step === 0)
      this.blocks.written.set(buffer, { rows: this.addresses(buffer, offset), columns: [] });
    const { rows, columns } = this.blocks.written.get(buffer)!;
    columns.push(value);
    if (columns.length === round.steps) this.#transposed.store(rows, columns);
    return true;
  }

  /** The present round, if its steps read (write) a block of a buffer. */
  #roundOver(buffer: string, offset: Scalar, kind: "load" | "store"): Round | undefined {
    const { round, mayBeSkipped } = this.#values;
    if (round === undefined || mayBeSkipped || !this.#transposed.has(round.steps)) return undefined;
    return this.#isAffine(offset) && round.areNeighbours(buffer, offset, kind) ? round : undefined;
  }

  loadInteger(buffer: string, offset: Scalar): Code {
    const { lanes } = this.#values;
    if (this.#own.has(buffer)) throw new OneByOne("integers of a row");
    const stride = strideOf(offset, this.#index);
    if (stride !== undefined && this.#isAffine(offset) && this.values.mask === undefined) {
      const { scalars } = this.#w;
      const [only] = stride.values();
      if (stride.size === 1 && only!.atoms.length === 0 && only!.coefficient === 1)
        return integersAt(
          this.#w,
          this.#values,
          buffer,
          this.#values.place(buffer, offset, () => scalars.address(buffer, offset)),
        );
    }
    if (this.#w.storage.element(buffer) !== "i32") throw new OneByOne("other integers");
    const addresses = this.addresses(buffer, offset);
    const each = addresses.map((place, n) =>
      this.ifActive(n, () => opWith("i32.load", place, place.address), i32(0)),
    );
    return each.reduce(
      (all, one, lane) =>
        lanes.real === "f64"
          ? opWith("f64x2.replace_lane", { lane }, all, op("f64.convert_i32_s", one))
          : opWith("i32x4.replace_lane", { lane }, all, one),
      everywhere(lanes, 0),
    );
  }

  get values(): LaneWriter {
    return this.#values;
  }

  /** Where the values of all lanes are side by side; undefined where they are not. */
  together(buffer: string, offset: Scalar): Place | undefined {
    const { scalars, storage, f } = this.#w;
    const { lanes } = this.#values;
    if (this.#own.has(buffer)) {
      if (storage.element(buffer) !== lanes.real) throw new OneByOne("other numbers");
      if (this.#values.varies(offset)) return undefined;
      return here(f.keep(this.ownPlace(buffer, scalars.integer(offset))));
    }
    if (!this.#isAffine(offset)) return undefined;
    const stride = strideOf(offset, this.#index)!;
    const [only] = stride.values();
    if (stride.size !== 1 || only!.atoms.length > 0 || only!.coefficient !== 1) return undefined;
    return this.#values.place(buffer, offset, () => f.keep(scalars.address(buffer, offset)));
  }

  /** Whether nothing but the index makes the offset differ from lane to lane. */
  #isAffine(offset: Scalar): boolean {
    const parts = along(polynomial(offset), this.#index);
    if (parts === undefined) return false;
    return !this.#values.varies(scalarOf(parts.rest)) && !this.#values.varies(scalarOf(parts.stride));
  }

  /** Where each lane has its value. */
  addresses(buffer: string, offset: Scalar): readonly Place[] {
    const { f, scalars } = this.#w;
    const { lanes } = this.#values;
    if (this.#own.has(buffer))
      return this.#names.map((_, n) => {
        const place = this.inLane(n, offset, () => this.ownPlace(buffer, scalars.integer(offset)));
        return { address: f.keep(place), offset: n * lanes.bytes };
      });
    const stride = this.#isAffine(offset) ? strideOf(offset, this.#index)! : undefined;
    if (stride === undefined)
      return this.#names.map((_, n) =>
        here(f.keep(this.inLane(n, offset, () => scalars.address(buffer, offset)))),
      );
    if (isZero(stride)) throw new OneByOne("all lanes have one place");
    const { address: first, offset: ahead } = this.#values.place(buffer, offset, () =>
      f.keep(scalars.address(buffer, offset)),
    );
    // The same in all steps: the engine computes it before the loop.
    const step = op("i32.shl", scalars.integer(scalarOf(stride)), i32(scalars.shift(buffer)));
    return this.#names.map((_, n) => ({
      address: n === 0 ? first : f.keep(op("i32.add", first, op("i32.mul", step, i32(n)))),
      offset: ahead,
    }));
  }

  /** What `write` gives where names mean what they do in the n-th lane. */
  inLane<T>(n: number, offset: Scalar, write: () => T): T {
    const { scope, f } = this.#w;
    const restore: (() => void)[] = [];
    const index = this.#names[0]!.get(this.#index)!;
    scope.define(this.#index, this.#names[n]!.get(this.#index)!);
    for (const name of namesIn(offset)) {
      if (name === this.#index || this.#values.varying(name) === undefined) continue;
      const own = this.#names[n]!.get(name) ?? extracted(this.#w, this.#values, name, n, f.local("i32"));
      const before = scope.has(name) ? scope.local(name) : undefined;
      if (before !== undefined) restore.push(() => scope.define(name, before));
      scope.define(name, own);
    }
    try {
      return write();
    } finally {
      scope.define(this.#index, index);
      for (const undo of restore) undo();
    }
  }

  /** A lane's own copy of a constant of the row, where offsets are made of it. */
  keep(name: string, value: Scalar): void {
    const { f, scalars } = this.#w;
    const own = this.#names.map((_, n) =>
      this.inLane(n, value, () => {
        const local = f.local("i32");
        f.set(local, scalars.integer(value));
        return local;
      }),
    );
    for (const [n, local] of own.entries()) this.#names[n]!.set(name, local);
  }

  /** A value of the n-th lane, computed only if the lane counts. */
  ifActive(n: number, value: () => Code, otherwise: Code): Code {
    const { mask } = this.#values;
    if (mask === undefined) return value();
    return this.#w.f.keep(this.#w.f.choice(bitsOf(this.#values, mask, n), value, () => otherwise));
  }

  /** The values at addresses, one for each lane. */
  #gathered(addresses: readonly Place[]): Code {
    const { f } = this.#w;
    const { lanes, mask } = this.#values;
    const zero = lanes.real === "f64" ? "v128.load64_zero" : "v128.load32_zero";
    const lane = lanes.real === "f64" ? "v128.load64_lane" : "v128.load32_lane";
    if (mask === undefined)
      return addresses
        .slice(1)
        .reduce(
          (all, { address, offset }, n) => opWith(lane, { lane: n + 1, offset }, address, all),
          opWith(zero, addresses[0]!, addresses[0]!.address),
        );
    const vector = f.local("v128");
    f.set(vector, everywhere(lanes, 0));
    for (const [n, { address, offset }] of addresses.entries())
      f.if(bitsOf(this.#values, mask, n), () =>
        f.set(vector, opWith(lane, { lane: n, offset }, address, get(vector))),
      );
    return get(vector);
  }
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

function* namesIn(s: Scalar): Generator<string> {
  if (s.kind === "name") yield s.name;
  if (s.kind === "apply") for (const a of s.args) yield* namesIn(a);
  if (s.kind === "load") yield* namesIn(s.offset);
  if (s.kind === "select") for (const part of [s.guard, s.yes, s.no]) yield* namesIn(part);
}
