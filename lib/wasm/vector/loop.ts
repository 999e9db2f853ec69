/**
 * An innermost loop over neighbours in memory, several steps at a time.
 *
 * Conditions become masks; a variable that is accumulated has a value in each lane, and the lanes are put
 * together after the loop, in their order. The steps that are left over run one by one.
 */
import type { Scalar, Statement } from "../../loop/nest.ts";
import { get, i32, i32x4, op, opWith, type Code, type Local } from "../code.ts";
import { everywhere, lanesOf, type Lanes } from "../lanes.ts";
import { quickRoundoff, roundoff } from "../operations.ts";
import { converted } from "../scalar.ts";
import type { StatementWriter } from "../statement.ts";
import { accumulations, lossOf, visit, type Accumulation } from "./accumulation.ts";
import { isApart, strideAlong } from "./access.ts";
import { LaneWriter, OneByOne } from "./expression.ts";

type Loop = Extract<Statement, { kind: "for" }>;
type Store = Extract<Statement, { kind: "store" }>;

/** Lanes of an accumulation, and the variable that they go to. */
interface Collected {
  readonly accumulation: Accumulation;
  readonly lanes: Local;
  readonly lost: Local | undefined;
}

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
  try {
    w.f.emit(w.f.inside(() => new LoopWriter(w, loop, found).write()));
    return true;
  } catch (error) {
    if (error instanceof OneByOne) return false;
    throw error;
  }
}

class LoopWriter {
  readonly #w: StatementWriter;
  readonly #loop: Loop;
  readonly #lanes: Lanes;
  readonly #values: LaneWriter;
  readonly #collected = new Map<string, Collected>();
  readonly #gathered: Gathered[] = [];
  readonly #lost = new Map<string, Local>();

  constructor(w: StatementWriter, loop: Loop, found: ReadonlyMap<string, Accumulation>) {
    this.#w = w;
    this.#loop = loop;
    this.#lanes = lanesOf(w.storage.real);
    const written = new Set<string>();
    visit(loop.body, (s) => {
      if (s.kind === "store") written.add(s.buffer);
    });
    const losses = [...found.values()].flatMap((a) => (a.lost === undefined ? [] : [a.lost]));
    this.#values = new LaneWriter(w, this.#lanes, loop.index, written, new Set([...found.keys(), ...losses]));
    for (const accumulation of found.values()) {
      const lost = accumulation.lost === undefined ? undefined : w.f.local("v128");
      if (lost !== undefined) this.#lost.set(accumulation.lost!, lost);
      this.#collected.set(accumulation.name, { accumulation, lanes: w.f.local("v128"), lost });
    }
  }

  write(): void {
    const { f, scope, scalars } = this.#w;
    const { index, from, to, body } = this.#loop;
    const end = f.keep(scalars.integer(to));
    const start = f.keep(scalars.integer(from));
    const local = f.local("i32");
    scope.define(index, local);
    const count = this.#lanes.count;
    const whole = f.keep(op("i32.sub", end, i32(count - 1)));
    f.set(local, start);
    const inner = f.inside(() => this.#all(body));
    f.if(op("i32.lt_s", get(local), whole), () => {
      for (const c of this.#collected.values()) {
        f.set(c.lanes, this.#identity(c.accumulation));
        if (c.lost !== undefined) f.set(c.lost, everywhere(this.#lanes, 0));
      }
      for (const g of this.#gathered) f.set(g.lanes, everywhere(this.#lanes, 0));
      for (const code of this.#values.before) f.emit(code);
      f.loop((again) => {
        f.emit(inner);
        f.set(local, op("i32.add", get(local), i32(count)));
        f.branchIf(again, op("i32.lt_s", get(local), whole));
      });
      for (const c of this.#collected.values()) this.#collect(c);
      for (const g of this.#gathered) this.#gather(g);
    });
    this.#w.rest(local, end, body);
  }

  #identity({ by, type }: Accumulation): Code {
    const value = { add: 0, mul: 1, max: -Infinity, min: Infinity }[by];
    if (type === "int" && by !== "add") throw new OneByOne("integers are not added");
    return everywhere(this.#lanes, value);
  }

  #all(statements: readonly Statement[]): void {
    for (const s of statements) this.#one(s);
  }

  #one(s: Statement): void {
    const { f, scope, scalars, storage } = this.#w;
    const values = this.#values;
    switch (s.kind) {
      case "comment":
        return;
      case "let": {
        if (!s.mutable && !values.varies(s.value)) {
          const local = f.local(storage.local(s.name, s.type));
          f.set(local, scalars.typed(s.value, local.type));
          scope.define(s.name, local);
          values.uniform.add(s.name);
          return;
        }
        const value = this.#value(s.value, s.type);
        f.set(values.define(s.name), value);
        return;
      }
      case "assign":
        this.#assign(s);
        return;
      case "store":
        this.#store(s);
        return;
      case "if":
        this.#if(s);
        return;
      default:
        throw new OneByOne(s.kind);
    }
  }

  #value(s: Scalar, type: Scalar["type"]): Code {
    if (type === "real") return this.#values.real(s);
    return type === "int" ? this.#values.integer(s) : this.#values.condition(s);
  }

  #if(s: Extract<Statement, { kind: "if" }>): void {
    const { f, scalars } = this.#w;
    const values = this.#values;
    if (!values.varies(s.guard)) {
      // A read in either branch is guarded by a condition that all lanes share.
      const outer = values.mask;
      values.mask ??= i32x4(-1);
      f.if(
        scalars.condition(s.guard),
        () => this.#all(s.yes),
        s.no.length === 0 ? undefined : () => this.#all(s.no),
      );
      values.mask = outer;
      return;
    }
    const guard = f.keep(values.condition(s.guard));
    this.#under(guard, s.yes);
    if (s.no.length > 0) this.#under(op("v128.not", guard), s.no);
  }

  /** Statements for some lanes: where nobody has to be kept from running them, it costs more to ask. */
  #under(lanes: Code, statements: readonly Statement[]): void {
    const isFree = statements.every(
      (s) => s.kind === "comment" || (s.kind === "assign" && !this.#values.isGuarded(s.value)),
    );
    if (isFree) this.#values.masked(lanes, () => this.#all(statements));
    else this.#values.under(lanes, () => this.#all(statements));
  }

  #assign(s: Extract<Statement, { kind: "assign" }>): void {
    const { f } = this.#w;
    const values = this.#values;
    const own = values.varying(s.name);
    if (own !== undefined) {
      if (s.by !== "set") throw new OneByOne("a variable of a step is updated");
      const value = this.#value(s.value, s.value.type);
      f.set(own, values.mask === undefined ? value : op("v128.bitselect", value, get(own), values.mask));
      return;
    }
    const lost = this.#lost.get(s.name);
    if (lost !== undefined) return this.#lose(s, lost);
    const { accumulation, lanes } = this.#collected.get(s.name)!;
    const { by, type } = accumulation;
    const { shape } = this.#lanes;
    if (type === "int") {
      const value = this.#orZero(values.integer(s.value));
      f.set(lanes, op(this.#lanes.real === "f64" ? "f64x2.add" : "i32x4.add", get(lanes), value));
      return;
    }
    const term = values.real(s.value);
    const value = by === "add" ? this.#orZero(term) : this.#masked(term, this.#identity(accumulation));
    f.set(lanes, op(`${shape}.${by}`, get(lanes), value));
  }

  /** What the rounding of a sum loses, in each lane. */
  #lose(s: Extract<Statement, { kind: "assign" }>, lost: Local): void {
    const { f } = this.#w;
    const loss = lossOf(s.value);
    if (loss === undefined) throw new OneByOne("a loss is no rounding");
    const { lanes } = this.#collected.get(loss.sum)!;
    const { shape } = this.#lanes;
    const value = f.keep(this.#orZero(this.#values.real(loss.term)));
    const part = (loss.short ? quickRoundoff : roundoff)(f, shape, get(lanes), value);
    f.set(lost, op(`${shape}.add`, get(lost), part));
  }

  #masked(value: Code, otherwise: Code): Code {
    const { mask } = this.#values;
    return mask === undefined ? value : op("v128.bitselect", value, otherwise, mask);
  }

  /** The value in lanes that count, 0 in others. */
  #orZero(value: Code): Code {
    const { mask } = this.#values;
    return mask === undefined ? value : op("v128.and", value, mask);
  }

  #store(s: Store): void {
    const { f, storage } = this.#w;
    const values = this.#values;
    const { shape, real } = this.#lanes;
    if (storage.element(s.buffer) !== real) throw new OneByOne("other numbers are stored");
    const value =
      s.value.type === "bool"
        ? op("v128.and", values.condition(s.value), everywhere(this.#lanes, 1))
        : values.real(s.value);
    if (strideAlong(s.offset, this.#loop.index, values.varies) === "none") {
      if (s.by !== "add" || values.mask !== undefined)
        throw new OneByOne("all lanes are stored in one place");
      const lanes = f.local("v128");
      this.#gathered.push({ store: s, lanes });
      f.set(lanes, op(`${shape}.add`, get(lanes), value));
      return;
    }
    const address = f.keep(values.address(s.buffer, s.offset));
    const old = (): Code => op("v128.load", address);
    const whole = s.by === "set" ? value : op(`${shape}.${s.by}`, old(), value);
    f.emit(
      op(
        "v128.store",
        address,
        values.mask === undefined ? whole : op("v128.bitselect", whole, old(), values.mask),
      ),
    );
  }

  /** Puts lanes together: into the variable, in the order of the lanes. */
  #collect({ accumulation, lanes, lost }: Collected): void {
    const { f, scope } = this.#w;
    const { name, by, type } = accumulation;
    const variable = scope.local(name);
    // What is 0 becomes the first lane; nothing is lost.
    const zero =
      by === "add" && this.#w.takeZero(name) && (lost === undefined || this.#w.takeZero(accumulation.lost!));
    for (let n = 0; n < this.#lanes.count; n++) {
      const lane = f.keep(this.#lane(lanes, n, type));
      if (zero && n === 0) {
        if (lost !== undefined) f.set(scope.local(accumulation.lost!), this.#lane(lost, 0, "real"));
        f.set(variable, converted(lane, variable.type as "f64"));
        continue;
      }
      if (lost !== undefined) {
        const slot = scope.local(accumulation.lost!);
        const part = roundoff(f, this.#lanes.real, get(variable), lane);
        const both = op(`${this.#lanes.real}.add`, part, this.#lane(lost, n, "real"));
        f.set(slot, op(`${this.#lanes.real}.add`, get(slot), both));
      }
      f.set(variable, combined(by, get(variable), converted(lane, variable.type as "f64")));
    }
  }

  #lane(lanes: Local, n: number, type: Scalar["type"]): Code {
    if (type === "int" && this.#lanes.real === "f32")
      return opWith("i32x4.extract_lane", { lane: n }, get(lanes));
    return opWith(`${this.#lanes.shape}.extract_lane`, { lane: n }, get(lanes));
  }

  /** Adds lanes to their one place in memory. */
  #gather({ store, lanes }: Gathered): void {
    const { f, scalars } = this.#w;
    const address = f.keep(scalars.address(store.buffer, store.offset));
    const { real, count } = this.#lanes;
    const sum = Array.from({ length: count }, (_, n) => this.#lane(lanes, n, "real")).reduce((a, b) =>
      op(`${real}.add`, a, b),
    );
    f.emit(op(`${real}.store`, address, op(`${real}.add`, op(`${real}.load`, address), sum)));
  }
}

function combined(by: Accumulation["by"], a: Code, b: Code): Code {
  const { type } = a;
  if (type === "i32") return op(`i32.${by as "add"}`, a, b);
  return op(`${type as "f64"}.${by}`, a, b);
}
