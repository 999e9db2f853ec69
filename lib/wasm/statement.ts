/** Statements of a nest as WebAssembly, one value at a time. */
import { unreachable } from "../errors.ts";
import { plain } from "../schedule/plain.ts";
import type { Scalar, Statement, Update } from "../loop/nest.ts";
import { get, i32, op, type Code, type Local } from "./code.ts";
import { ContractionWriter } from "./contract/contract.ts";
import type { FunctionBuilder } from "./function.ts";
import type { ModuleBuilder } from "./module.ts";
import type { Operations } from "./operations.ts";
import { ScalarWriter } from "./scalar.ts";
import type { Scope } from "./scope.ts";
import type { Storage } from "./storage.ts";
import { across } from "./vector/across.ts";
import { inLanes } from "./vector/loop.ts";

/** Loops that are written in another way. */
export type SharedLoops = ReadonlyMap<Statement, (w: StatementWriter) => void>;

/** Several steps of a loop as one statement. */
export interface SomeSteps {
  readonly steps: number;
  readonly code: Code;
}

export class StatementWriter {
  readonly f: FunctionBuilder;
  readonly scope: Scope;
  readonly storage: Storage;
  readonly scalars: ScalarWriter;
  readonly operations: Operations;
  readonly #contractions: ContractionWriter;
  readonly #shared: SharedLoops;
  /** Variables that are 0 where the writing is. */
  readonly #zero = new Set<string>();
  /** Sizes that are above 0 where the writing is, as a loop runs up to them. */
  readonly #positive = new Set<string>();
  /** The number of elements of a buffer. */
  readonly length: (buffer: string) => Code;
  /** The types of the nest's names. */
  readonly types: ReadonlyMap<string, Scalar["type"]>;

  constructor(
    f: FunctionBuilder,
    scope: Scope,
    storage: Storage,
    operations: Operations,
    length: (buffer: string) => Code,
    module: ModuleBuilder,
    work: Code,
    types: ReadonlyMap<string, Scalar["type"]>,
    shared: SharedLoops = new Map(),
  ) {
    this.#shared = shared;
    this.f = f;
    this.scope = scope;
    this.storage = storage;
    this.operations = operations;
    this.scalars = new ScalarWriter(f, scope, storage, operations);
    this.length = length;
    this.types = types;
    this.#contractions = new ContractionWriter(module, this, work);
  }

  all(statements: readonly Statement[]): void {
    for (const s of statements) this.#one(s);
  }

  #one(s: Statement): void {
    const { f, scope, scalars } = this;
    switch (s.kind) {
      case "comment":
        return;
      case "let": {
        const local = f.local(this.storage.local(s.name, s.type));
        f.set(local, scalars.typed(s.value, local.type));
        scope.define(s.name, local);
        if (s.mutable && s.value.kind === "const" && s.value.value === 0) this.#zero.add(s.name);
        else this.#zero.delete(s.name);
        return;
      }
      case "assign": {
        const local = scope.local(s.name);
        this.#zero.delete(s.name);
        const value = scalars.typed(s.value, local.type);
        f.set(local, updated(f, s.by, get(local), value));
        return;
      }
      case "store":
        this.#store(s.buffer, s.offset, s.by, s.value);
        return;
      case "fill":
        this.#fill(s.buffer, s.value);
        return;
      case "for":
        this.#loop(s);
        return;
      case "contract":
        if (!this.#contractions.write(s)) this.all(plain(s));
        return;
      case "if":
        f.if(
          scalars.condition(s.guard),
          () => this.all(s.yes),
          s.no.length === 0 ? undefined : () => this.all(s.no),
        );
        return;
      case "require":
        throw new Error("a check of the inputs reached WebAssembly: it belongs at the door");
      default:
        return unreachable(s);
    }
  }

  #store(buffer: string, offset: Scalar, by: Update, value: Scalar): void {
    const { f, scalars } = this;
    const address = f.keep(scalars.address(buffer, offset));
    const element = scalars.element(buffer, value);
    const whole = by === "set" ? element : updated(f, by, scalars.loadAt(buffer, address), element);
    f.emit(scalars.store(buffer, address, whole));
  }

  #fill(buffer: string, value: Scalar): void {
    const { f, scalars } = this;
    const element = f.keep(scalars.element(buffer, value));
    const n = f.local("i32");
    const base = this.scope.address(buffer);
    const shift = { f64: 3, f32: 2, i32: 2, u8: 0 }[this.storage.element(buffer)];
    this.repeat(n, i32(0), this.length(buffer), 1, () =>
      f.emit(scalars.store(buffer, op("i32.add", base, op("i32.shl", get(n), i32(shift))), element)),
    );
  }

  #loop(loop: Extract<Statement, { kind: "for" }>): void {
    const shared = this.#shared.get(loop);
    if (shared !== undefined) {
      this.#zero.clear();
      return shared(this);
    }
    const { to } = loop;
    const isNew = to.kind === "name" && isNatural(loop.from) && !this.#positive.has(to.name);
    if (isNew) this.#positive.add(to.name);
    this.#loopAlone(loop);
    if (isNew) this.#positive.delete(to.name);
  }

  #loopAlone(loop: Extract<Statement, { kind: "for" }>): void {
    if (inLanes(this, loop)) return;
    const { index, from, to, step = 1, body } = loop;
    const { f, scalars } = this;
    const local = f.local("i32");
    const end = f.keep(scalars.integer(to));
    f.set(local, scalars.integer(from));
    this.scope.define(index, local);
    const rows = this.storage.rows(body);
    if (rows !== undefined) across(this, loop, rows, local, end);
    // A variable from before the loop is 0 in its first step only.
    this.#zero.clear();
    this.rest(local, end, body, step);
    this.#zero.clear();
  }

  /** Whether an integer is above 0 for certain. */
  isPositive(s: Scalar): boolean {
    return s.kind === "const" ? s.value > 0 : s.kind === "name" && this.#positive.has(s.name);
  }

  /** Whether a variable is 0 for certain here, as nothing was added to it yet; from now on it is not. */
  takeZero(name: string): boolean {
    return this.#zero.delete(name);
  }

  /** How a new value meets the old one. */
  updated(by: Update, old: Code, value: Code): Code {
    return updated(this.f, by, old, value);
  }

  /** The body for the values that are left of an index. */
  rest(index: Local, end: Code, body: readonly Statement[], step = 1): void {
    this.while(index, end, () => {
      this.all(body);
      this.f.set(index, op("i32.add", get(index), i32(step)));
    });
  }

  /** The body, which increases the index, as long as that is less than the end. */
  while(index: Local, end: Code, body: () => void): void {
    const { f } = this;
    f.if(op("i32.lt_s", get(index), end), () =>
      f.loop((again) => {
        body();
        f.branchIf(again, op("i32.lt_s", get(index), end));
      }),
    );
  }

  /**
   * Steps that increase the index by `by` each, as long as it is less than the end: in rounds of several, the largest first,
   * the last of which is a single step.
   */
  inRounds(rounds: readonly SomeSteps[], index: Local, end: Code, by: number): void {
    const { f } = this;
    for (const [n, { steps, code }] of rounds.entries()) {
      const last = steps === 1 ? end : f.keep(op("i32.sub", end, i32((steps - 1) * by)));
      if (rounds[n - 1]?.steps === 2 * steps) f.if(op("i32.lt_s", get(index), last), () => f.emit(code));
      else this.while(index, last, () => f.emit(code));
    }
  }

  /** The body for `from ≤ index < to`, in steps. */
  repeat(index: Local, from: Code, to: Code, step: number, body: () => void): void {
    const { f } = this;
    const end = f.keep(to);
    f.set(index, from);
    this.while(index, end, () => {
      body();
      f.set(index, op("i32.add", get(index), i32(step)));
    });
  }
}

const isNatural = (s: Scalar): boolean => s.kind === "const" && s.value >= 0;

/** How a new value meets the old one. */
function updated(f: FunctionBuilder, by: Update, old: Code, value: Code): Code {
  if (by === "set") return value;
  const { type } = value;
  if (type === "f64" || type === "f32") return op(`${type}.${by}`, old, value);
  if (by === "add" || by === "mul") return op(`i32.${by}`, old, value);
  const [a, b] = [f.keep(old), f.keep(value)];
  return op("select.i32", a, b, op(by === "max" ? "i32.gt_s" : "i32.lt_s", a, b));
}
