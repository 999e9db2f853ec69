/** Where rows across lanes have their values: gathered from their places, in blocks where a round of steps reads neighbours. */
import type { Scalar } from "../../loop/nest.ts";
import { printScalar } from "../../loop/print.ts";
import { along, isZero, polynomial, scalarOf, strideOf } from "../../schedule/polynomial.ts";
import { get, i32, op, opWith, type Code, type Local } from "../code.ts";
import { everywhere } from "../lanes.ts";
import { converted } from "../scalar.ts";
import type { StatementWriter } from "../statement.ts";
import { laneOf } from "./collection.ts";
import { OneByOne, type LaneWriter, type Places } from "./expression.ts";
import { integersAt } from "./neighbours.ts";
import { here, type Place, type Round } from "./round.ts";
import type { RowLoop } from "./rows.ts";
import { Transposed } from "./transposed.ts";

/** What a lane knows by itself: the names that say where something is in memory. */
export type LaneNames = Map<string, Local>;

/** Sets a local to a lane of a name. */
export function extracted(
  { f }: StatementWriter,
  values: LaneWriter,
  name: string,
  n: number,
  local: Local,
): Local {
  const type = values.typeOf(name);
  const { lanes } = values;
  const vector = values.varying(name)!;
  if (type === "bool") f.set(local, op("i32.and", bitsOf(values, get(vector), n), i32(1)));
  else f.set(local, converted(laneOf(lanes, vector, n, type), local.type as "i32"));
  return local;
}

/** The lowest bits of a lane. */
export const bitsOf = ({ lanes }: LaneWriter, vector: Code, n: number): Code =>
  opWith("i32x4.extract_lane", { lane: (n * 4) / lanes.count }, vector);

/** Blocks of a row for each lane by a step of a round: what it has read, column by column, and what it will store. */
export class Blocks {
  /** By buffer and offset. */
  readonly read = new Map<string, readonly Code[]>();
  /** By buffer. */
  readonly written = new Map<string, { readonly rows: readonly Place[]; readonly columns: Code[] }>();
}

export class RowPlaces implements Places {
  readonly #w: StatementWriter;
  readonly #values: LaneWriter;
  readonly #index: string;
  readonly #rows: RowLoop;
  readonly #names: readonly LaneNames[];
  readonly #group: number;
  readonly #transposed: Transposed;
  /** What the present round has read, and what it will store. */
  blocks = new Blocks();

  constructor(
    w: StatementWriter,
    values: LaneWriter,
    index: string,
    rows: RowLoop,
    names: readonly LaneNames[],
    group: number,
  ) {
    this.#w = w;
    this.#values = values;
    this.#index = index;
    this.#rows = rows;
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
    const place = op("i32.shl", element, i32(4 + Math.log2(this.#rows.groups)));
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
    if (round === undefined || this.#rows.own.has(buffer)) return false;
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
    if (this.#rows.own.has(buffer)) throw new OneByOne("integers of a row");
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
    if (this.#rows.own.has(buffer)) {
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
    if (this.#rows.own.has(buffer))
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

function* namesIn(s: Scalar): Generator<string> {
  if (s.kind === "name") yield s.name;
  if (s.kind === "apply") for (const a of s.args) yield* namesIn(a);
  if (s.kind === "load") yield* namesIn(s.offset);
  if (s.kind === "select") for (const part of [s.guard, s.yes, s.no]) yield* namesIn(part);
}
