/** Statements of a loop's body for all lanes at once: conditions are masks, a variable of the body has a value in each lane. */
import type { Statement, Update } from "../../loop/nest.ts";
import { get, op, type Code } from "../code.ts";
import { everywhere } from "../lanes.ts";
import type { StatementWriter } from "../statement.ts";
import type { Collection } from "./collection.ts";
import { counted, type Count } from "./count.ts";
import type { Extremum } from "./extremum.ts";
import { OneByOne, type LaneWriter } from "./expression.ts";
import type { PartialSums } from "./partial-sums.ts";
import { visit } from "./accumulation.ts";

type Of<K extends Statement["kind"]> = Extract<Statement, { kind: K }>;

export abstract class BodyWriter {
  readonly w: StatementWriter;
  readonly values: LaneWriter;
  readonly collection: Collection;
  /** Variables of the body that began at 0 and were added to: none of them is −0, so adding 0 changes nothing. */
  readonly #sums = new Set<string>();

  /** Variables of the body that the present loop takes an extremum in, and those that it counts in. */
  protected readonly extrema = new Map<string, Extremum>();
  protected readonly counts = new Map<string, Count>();
  /** What the round of steps that is being written adds to variables of the body. */
  protected round: PartialSums | undefined;

  constructor(w: StatementWriter, values: LaneWriter, collection: Collection) {
    this.w = w;
    this.values = values;
    this.collection = collection;
  }

  all(statements: readonly Statement[]): void {
    for (const s of statements) this.#one(s);
  }

  protected abstract store(s: Of<"store">, value: Code): void;
  protected abstract loop(s: Of<"for">): void;
  protected abstract fill(s: Of<"fill">): void;
  /** A constant that differs from lane to lane has been defined. */
  protected abstract defined(s: Of<"let">): void;

  /** Whether a variable of the body began at 0 and was only added to. */
  protected isSum(name: string): boolean {
    return this.#sums.has(name);
  }

  #one(s: Statement): void {
    switch (s.kind) {
      case "comment":
        return;
      case "let":
        return this.#let(s);
      case "assign":
        return this.#assign(s);
      case "store":
        return this.#store(s);
      case "if":
        return this.#if(s);
      case "for":
        return this.values.stored.within(() => this.loop(s), writtenIn([s]), false);
      case "fill":
        this.values.stored.forget(s.buffer);
        return this.fill(s);
      default:
        throw new OneByOne(s.kind);
    }
  }

  #let(s: Of<"let">): void {
    const { f, scope, scalars, storage } = this.w;
    const { values } = this;
    if (!s.mutable && !values.varies(s.value)) {
      const local = f.local(storage.local(s.name, s.type));
      f.set(local, scalars.typed(s.value, local.type));
      scope.define(s.name, local);
      values.uniform.add(s.name);
      return;
    }
    const value = storage.onlyAdded.has(s.name) ? values.rectified(s.value) : values.typed(s.value, s.type);
    f.set(values.define(s.name, s.type), value);
    if (s.value.kind === "const" && Object.is(s.value.value, 0)) this.#sums.add(s.name);
    else this.#sums.delete(s.name);
    if (!s.mutable) this.defined(s);
  }

  #if(s: Of<"if">): void {
    const { f, scalars } = this.w;
    const { values } = this;
    if (!values.varies(s.guard)) {
      // A read in either branch is guarded by a condition that all lanes share.
      const outer = values.isConditional;
      const wasBranch = values.isBranch;
      values.isConditional = true;
      values.isBranch = true;
      f.if(
        scalars.condition(s.guard),
        () => this.#perhaps(s.yes),
        s.no.length === 0 ? undefined : () => this.#perhaps(s.no),
      );
      values.isConditional = outer;
      values.isBranch = wasBranch;
      return;
    }
    const guard = f.keep(values.condition(s.guard));
    values.under(guard, () => this.#perhaps(s.yes), this.#isHarmless(s.yes));
    if (s.no.length > 0)
      values.under(op("v128.not", guard), () => this.#perhaps(s.no), this.#isHarmless(s.no));
  }

  #perhaps(statements: readonly Statement[]): void {
    this.values.stored.within(() => this.all(statements), writtenIn(statements), true);
  }

  /** Whether statements are so cheap that to ask whether any lane wants them costs more, and touch nothing but variables. */
  #isHarmless(statements: readonly Statement[]): boolean {
    return statements.every(
      (s) =>
        s.kind === "comment" ||
        ((s.kind === "let" || s.kind === "assign") && !this.values.isGuarded(s.value)),
    );
  }

  #assign(s: Of<"assign">): void {
    const { values } = this;
    const own = values.varying(s.name);
    if (own === undefined) return this.collection.assign(s, values);
    if (this.round?.take(s, values) === true) return;
    const count = this.counts.get(s.name);
    const condition = counted(s.value);
    if (count !== undefined && condition !== undefined)
      return count.take(values.orZero(values.condition(condition)));
    const type = values.typeOf(s.name);
    // Offsets may be made of it.
    if (type === "int") values.stored.forgetAll();
    const value = values.typed(s.value, type);
    if (s.by === "set") this.#sums.delete(s.name);
    if (s.by === "add" && this.isSum(s.name)) {
      this.w.f.set(own, this.updated("add", get(own), values.orZero(value), type === "int"));
      return;
    }
    const extremum = this.extrema.get(s.name);
    if (extremum !== undefined) return extremum.take(this.w.f.keep(this.#unlessLeast(s.by, value)));
    const updated = s.by === "set" ? value : this.updated(s.by, get(own), value, type === "int");
    this.w.f.set(own, values.masked(updated, get(own)));
  }

  /** The value in the lanes that count, what changes no maximum (minimum) in the others. */
  #unlessLeast(by: Update, value: Code): Code {
    const least = everywhere(this.values.lanes, by === "max" ? -Infinity : Infinity);
    return this.values.masked(value, least);
  }

  #store(s: Of<"store">): void {
    const { values, w } = this;
    if (w.storage.element(s.buffer) !== values.lanes.real) throw new OneByOne("other numbers are stored");
    const value =
      s.value.type === "bool"
        ? op("v128.and", values.condition(s.value), everywhere(values.lanes, 1))
        : values.real(s.value);
    if (s.by !== "set" || values.mask !== undefined) {
      values.stored.forget(s.buffer);
      return this.store(s, value);
    }
    const local = w.f.local("v128");
    w.f.set(local, value);
    this.store(s, get(local));
    values.stored.set(s.buffer, s.offset, local);
  }

  /** How new values meet old ones. */
  protected updated(by: Exclude<Update, "set">, old: Code, value: Code, isInteger = false): Code {
    const { lanes } = this.values;
    if (!isInteger || lanes.real === "f64") return op(`${lanes.shape}.${by}`, old, value);
    return op(by === "max" || by === "min" ? `i32x4.${by}_s` : `i32x4.${by}`, old, value);
  }
}

/** The buffers that statements store to. */
export function writtenIn(statements: readonly Statement[]): ReadonlySet<string> {
  const written = new Set<string>();
  visit(statements, (s) => {
    if (s.kind === "store" || s.kind === "fill") written.add(s.buffer);
  });
  return written;
}
