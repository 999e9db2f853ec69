/**
 * Scalars of a loop's body for all lanes at once.
 *
 * Reals are lanes of the precision. Integers are doubles in `f64x2`, exact up to 2⁵³, and `i32x4` beside
 * `f32x4`. A condition is all ones or all zeros in its lane. What is the same in all lanes is computed once,
 * as one value, and spread.
 */
import type { Op } from "../../expr/ops.ts";
import { mentionedIn, mentionsAny } from "../../loop/mentioned.ts";
import { parts, type Scalar } from "../../loop/nest.ts";
import { printScalar } from "../../loop/print.ts";
import { f64x2, get, i32, i32x4, op, set, type Code, type Local } from "../code.ts";
import { everywhere, type Lanes } from "../lanes.ts";
import { lanesIn } from "../functions/emit.ts";
import { expSumBelow0 } from "../functions/exponential.ts";
import type { StatementWriter } from "../statement.ts";
import { choiceOfLogs, partsOf, writeChoice } from "./logarithms.ts";
import { here, type Place, type Round } from "./round.ts";
import type { Counter } from "./counter.ts";
import { Stored } from "./stored.ts";

/** Thrown where a loop cannot run in lanes after all; it is then written for one value at a time. */
export class OneByOne extends Error {}

/** Where lanes find their values in memory. */
export interface Places {
  /** Reals of a buffer, where the offset or the values differ from lane to lane. */
  load(buffer: string, offset: Scalar): Code;
  /** Integers of a buffer likewise. */
  loadInteger(buffer: string, offset: Scalar): Code;
}

type Load = Extract<Scalar, { kind: "load" }>;
type Apply = Extract<Scalar, { kind: "apply" }>;

// prettier-ignore
const direct: Partial<Record<Op, "add" | "sub" | "mul" | "div" | "neg" | "max" | "min" | "abs" | "sqrt">> = {
  add: "add", sub: "sub", mul: "mul", div: "div", neg: "neg", max: "max", min: "min", abs: "abs", sqrt: "sqrt",
};
// prettier-ignore
const orders: Partial<Record<Op, "lt" | "le" | "gt" | "ge" | "eq" | "ne">> = {
  lt: "lt", le: "le", gt: "gt", ge: "ge", eq: "eq", ne: "ne",
};

export class LaneWriter {
  readonly lanes: Lanes;
  readonly #w: StatementWriter;
  readonly #index: string;
  /** Names that differ from lane to lane. */
  readonly #varying = new Map<string, Local>();
  readonly #types = new Map<string, Scalar["type"]>();
  /** Buffers that the loop writes. */
  readonly #written: ReadonlySet<string>;
  readonly #accumulators: { has(name: string): boolean };
  /** What does not change in the loop, computed before it. */
  readonly before: Code[] = [];
  readonly #iota: Code;
  readonly #step: number;
  readonly #places: Places;
  #indexLanes: Local | undefined;
  /** Lanes that count, where not all do. */
  mask: Code | undefined;
  /** Whether a condition that all lanes share guards what is written. */
  isConditional = false;
  /** Indices of loops that all lanes are in. */
  readonly counters = new Map<string, Counter>();
  /** Whether what is written runs under some condition only. */
  isBranch = false;
  /** The round of steps that is being written, if there is one. */
  round: Round | undefined;
  readonly #known = new Map<string, Code>();

  constructor(
    w: StatementWriter,
    lanes: Lanes,
    index: string,
    written: ReadonlySet<string>,
    accumulators: { has(name: string): boolean },
    placesOf: (values: LaneWriter) => Places,
    { first, step } = { first: 0, step: lanes.count },
  ) {
    this.#w = w;
    this.lanes = lanes;
    this.#index = index;
    this.#written = written;
    this.#accumulators = accumulators;
    const [a, b, c, d] = [first, first + 1, first + 2, first + 3];
    this.#iota = lanes.real === "f64" ? f64x2(a, b) : i32x4(a, b, c, d);
    this.#step = step;
    this.#places = placesOf(this);
  }

  get #f() {
    return this.#w.f;
  }

  define(name: string, type: Scalar["type"]): Local {
    const local = this.#f.local("v128");
    this.#varying.set(name, local);
    this.#types.set(name, type);
    return local;
  }

  /** The type of a name that differs from lane to lane. */
  typeOf(name: string): Scalar["type"] {
    return this.#types.get(name)!;
  }

  varying(name: string): Local | undefined {
    return this.#varying.get(name);
  }

  /** Whether a scalar differs from lane to lane. */
  varies = (s: Scalar): boolean => {
    if (s.kind === "const") return false;
    const { names, buffers } = mentionedIn(s);
    return (
      names.some((name) => name === this.#index || this.#varying.has(name)) ||
      buffers.some((buffer) => this.#written.has(buffer))
    );
  };

  /** Lanes of a type. */
  typed(s: Scalar, type: Scalar["type"]): Code {
    if (type === "real") return this.real(s);
    return type === "int" ? this.integer(s) : this.condition(s);
  }

  /** The value in the lanes that count, something else in the others. */
  masked(value: Code, otherwise: Code): Code {
    return this.mask === undefined ? value : op("v128.bitselect", value, otherwise, this.mask);
  }

  /** The value in the lanes that count, 0 in the others. */
  orZero(value: Code): Code {
    return this.mask === undefined ? value : op("v128.and", value, this.mask);
  }

  /** Lanes of reals. */
  real(s: Scalar): Code {
    if (mentionsAny(s, this.#accumulators)) throw new OneByOne("an accumulator is read");
    if (!this.varies(s)) return this.#spread(s);
    if (s.type === "int") return this.#asReal(this.integer(s));
    switch (s.kind) {
      case "const":
        return everywhere(this.lanes, s.value);
      case "name":
        return get(this.#varying.get(s.name)!);
      case "load":
        return this.#remembered(s) ?? this.#f.keep(this.#places.load(s.buffer, s.offset));
      case "select":
        return this.#logs(s) ?? this.#select(s, (side) => this.real(side));
      case "apply":
        return this.#operation(s);
    }
  }

  /** max(0, x), where a zero may have any sign: one instruction, which leaves NaN as it is. */
  rectified(s: Scalar): Code {
    if (s.kind !== "apply" || !this.varies(s)) return this.real(s);
    return op(`${this.lanes.shape}.pmax`, this.real(s.args[0]!), everywhere(this.lanes, 0));
  }

  /** Lanes of integers. */
  integer(s: Scalar): Code {
    if (mentionsAny(s, this.#accumulators)) throw new OneByOne("an accumulator is read");
    if (!this.varies(s)) return this.#spreadInteger(s);
    switch (s.kind) {
      case "const":
        return this.#whole(s.value);
      case "name":
        return s.name === this.#index ? this.#indices() : get(this.#varying.get(s.name)!);
      case "load":
        return this.#f.keep(this.#places.loadInteger(s.buffer, s.offset));
      case "select":
        return this.#select(s, (side) => this.integer(side));
      case "apply":
        return this.#integerOperation(s);
    }
  }

  /** Lanes that are all ones where the condition holds. */
  condition(s: Scalar): Code {
    if (mentionsAny(s, this.#accumulators)) throw new OneByOne("an accumulator is read");
    if (s.kind === "name" && this.#varying.has(s.name)) return get(this.#varying.get(s.name)!);
    if (s.kind === "select") return this.#select(s, (side) => this.condition(side));
    if (!this.varies(s)) {
      return this.#once(s, "bool", () =>
        op("i32x4.splat", op("i32.sub", i32(0), this.#w.scalars.condition(s))),
      );
    }
    if (s.kind !== "apply") throw new OneByOne("a condition is in memory");
    const order = orders[s.op];
    if (order !== undefined) return this.#order(order, s.args as readonly [Scalar, Scalar]);
    switch (s.op) {
      case "and":
      case "or": {
        const which = s.op === "and" ? "v128.and" : "v128.or";
        if (s.args.slice(1).some((a) => this.isGuarded(a))) throw new OneByOne("a condition guards a read");
        return s.args.map((a) => this.condition(a)).reduce((a, b) => op(which, a, b));
      }
      case "not":
        return op("v128.not", this.condition(s.args[0]!));
      default:
        throw new OneByOne(s.op);
    }
  }

  /** What was stored in a buffer, until something else may be there. */
  readonly stored = new Stored();

  #remembered(s: Load): Code | undefined {
    const known = this.stored.at(s.buffer, s.offset);
    return known === undefined ? undefined : get(known);
  }

  /** Whether it should not be evaluated for nothing: a read that may be outside, or a function. */
  isGuarded(s: Scalar): boolean {
    if (s.kind === "load") return this.stored.at(s.buffer, s.offset) === undefined;
    if (s.kind === "apply" && !isCheap(s.op)) return true;
    return parts(s).some((part) => this.isGuarded(part));
  }

  #spread(s: Scalar): Code {
    if (s.kind === "const") return everywhere(this.lanes, s.value);
    const counted = this.lanes.real === "f64" ? this.#counted(s) : undefined;
    return counted ?? this.#once(s, "real", () => op(`${this.lanes.shape}.splat`, this.#w.scalars.real(s)));
  }

  #spreadInteger(s: Scalar): Code {
    if (s.kind === "const") return this.#whole(s.value);
    const single = this.lanes.real === "f64" ? "f64" : "i32";
    const spread = single === "f64" ? "f64x2.splat" : "i32x4.splat";
    return this.#counted(s) ?? this.#once(s, "int", () => op(spread, this.#w.scalars.typed(s, single)));
  }

  /** The index of a loop that all lanes are in. */
  #counted(s: Scalar): Code | undefined {
    return s.kind === "name" ? this.counters.get(s.name)?.lanes() : undefined;
  }

  /** Computed before the loop, where nothing speaks against it; else here. */
  #once(s: Scalar, as: Scalar["type"], write: () => Code): Code {
    // Under a condition a read may be outside, and a name may be defined in the loop.
    if (this.mayBeSkipped || mentionsAny(s, this.uniform)) return write();
    const key = `${as} ${printScalar(s)}`;
    let known = this.#known.get(key);
    if (known === undefined) {
      const local = this.#f.local("v128");
      this.before.push(set(local, this.#f.valueInside(write)));
      this.#known.set(key, (known = get(local)));
    }
    return known;
  }

  /** Whether what is written counts for some lanes only, or under a condition. */
  get mayBeSkipped(): boolean {
    return this.mask !== undefined || this.isConditional;
  }

  /** A place in memory, whose address `write` gives; in a round it may be that of the first step, and how far it is from there. */
  place(buffer: string, offset: Scalar, write: () => Code): Place {
    if (this.round === undefined || this.mayBeSkipped) return here(write());
    return this.round.place(buffer, offset, write);
  }

  /** Names that the loop defines, though they are the same in all lanes. */
  readonly uniform = new Set<string>();

  #whole(value: number): Code {
    return this.lanes.real === "f64" ? f64x2(value) : i32x4(value);
  }

  /** The index in all lanes: a vector that the loop keeps. */
  #indices(): Code {
    return get((this.#indexLanes ??= this.#f.local("v128")));
  }

  /** Whether the index was asked for as a number in lanes. */
  get asksIndex(): boolean {
    return this.#indexLanes !== undefined;
  }

  /** The index at its beginning, if it is asked for as a number. */
  beginIndex(): void {
    if (this.#indexLanes === undefined) return;
    const first = get(this.#w.scope.local(this.#index));
    const real = this.lanes.real === "f64";
    const spread = real ? op("f64x2.splat", op("f64.convert_i32_s", first)) : op("i32x4.splat", first);
    this.#f.set(this.#indexLanes, op(real ? "f64x2.add" : "i32x4.add", spread, this.#iota));
  }

  /** As many steps as are taken at once. */
  stepIndex(): void {
    if (this.#indexLanes === undefined) return;
    const step = this.#whole(this.#step);
    const add = this.lanes.real === "f64" ? "f64x2.add" : "i32x4.add";
    this.#f.set(this.#indexLanes, op(add, get(this.#indexLanes), step));
  }

  #asReal(integers: Code): Code {
    return this.lanes.real === "f64" ? integers : op("f32x4.convert_i32x4_s", integers);
  }

  /** Both sides where that is safe and cheap; else a side only where some lane wants it. */
  #select(s: Extract<Scalar, { kind: "select" }>, side: (s: Scalar) => Code): Code {
    const guard = this.#f.keep(this.condition(s.guard));
    const yes = this.#side(s.yes, guard, side);
    if (isZero(s.no)) return this.#f.keep(op("v128.and", yes, guard));
    const no = this.#side(s.no, op("v128.not", guard), side);
    return this.#f.keep(op("v128.bitselect", yes, no, guard));
  }

  #logs(s: Extract<Scalar, { kind: "select" }>): Code | undefined {
    const choice = choiceOfLogs(s);
    if (choice === undefined || !this.varies(s.guard) || partsOf(choice).some((part) => this.isGuarded(part)))
      return undefined;
    const guard = this.#f.keep(this.condition(s.guard));
    return writeChoice(this.#f, this.lanes, guard, choice, (part) => this.real(part));
  }

  #side(s: Scalar, wanted: Code, side: (s: Scalar) => Code): Code {
    if (!this.isGuarded(s)) return side(s);
    const value = this.#f.local("v128");
    this.under(wanted, () => this.#f.set(value, side(s)));
    return get(value);
  }

  /** Statements that count for some lanes only, run where any of them does, or always where that is `harmless`. */
  under(lanes: Code, write: () => void, harmless = false): void {
    const outer = this.mask;
    this.mask = this.#f.keep(outer === undefined ? lanes : op("v128.and", outer, lanes));
    if (harmless) write();
    else {
      const wasBranch = this.isBranch;
      this.isBranch = true;
      this.#f.if(op("v128.any_true", this.mask), write);
      this.isBranch = wasBranch;
    }
    this.mask = outer;
  }

  #operation(s: Apply): Code {
    const name = direct[s.op];
    const { shape } = this.lanes;
    if (s.op === "iverson")
      return this.#f.keep(op("v128.and", this.condition(s.args[0]!), everywhere(this.lanes, 1)));
    if (s.op === "stop" || s.op === "precise") return this.real(s.args[0]!);
    const indicated = this.#indicated(s);
    if (indicated !== undefined) return indicated;
    const args = s.args.map((a) => this.real(a));
    if (name !== undefined) {
      const instruction = `${shape}.${name}` as const;
      return this.#f.keep(
        args.length === 1 ? op(instruction, args[0]!) : args.reduce((a, b) => op(instruction, a, b)),
      );
    }
    if (s.op === "relu") {
      // `max` takes eight of the machine's instructions for NaN and −0; x is left unless x ≤ 0, which NaN is not.
      const x = this.#f.keep(args[0]!);
      return this.#f.keep(op("v128.andnot", x, op(`${shape}.le`, x, everywhere(this.lanes, 0))));
    }
    if (s.op === "sign") {
      const x = this.#f.keep(args[0]!);
      const zero = everywhere(this.lanes, 0);
      const below = op("v128.bitselect", everywhere(this.lanes, -1), x, op(`${shape}.lt`, x, zero));
      return this.#f.keep(op("v128.bitselect", everywhere(this.lanes, 1), below, op(`${shape}.gt`, x, zero)));
    }
    if (this.#w.storage.notPositive.has(s))
      return expSumBelow0(lanesIn(this.#f, shape), this.#f.keep(args[0]!), this.#f.keep(args[1]!));
    return this.#f.keep(
      this.#w.operations.vector(
        this.#f,
        s.op,
        args.map((a) => this.#f.keep(a)),
        this.lanes,
      ),
    );
  }

  /** [p] · x and [p] / x, where x is the same in all lanes: one of two values, each computed once. */
  #indicated({ op: o, args, type }: Apply): Code | undefined {
    const [first, second] = args;
    if (first?.kind !== "apply" || first.op !== "iverson" || second === undefined || args.length > 2)
      return undefined;
    if ((o !== "div" && o !== "mul") || this.varies(second) || !this.varies(first)) return undefined;
    const value = (indicator: number): Code =>
      this.real({
        kind: "apply",
        op: o,
        type,
        args: [{ kind: "const", type: "int", value: indicator }, second],
      });
    const guard = this.condition(first.args[0]!);
    if (o === "div" && second.type === "int" && this.#w.isPositive(second))
      return this.#f.keep(op("v128.and", guard, value(1)));
    // What both have in common is computed before the loop.
    const [yes, no] = [value(1), value(0)];
    return this.#f.keep(op("v128.xor", no, op("v128.and", guard, op("v128.xor", yes, no))));
  }

  #integerOperation(s: Apply): Code {
    const args = s.op === "iverson" ? [] : s.args.map((a) => this.integer(a));
    const doubles = this.lanes.real === "f64";
    switch (s.op) {
      case "iverson":
        return this.#f.keep(op("v128.and", this.condition(s.args[0]!), this.#whole(1)));
      case "stop":
      case "precise":
        return args[0]!;
      case "add":
      case "sub":
      case "mul":
        return this.#f.keep(
          args.reduce((a, b) => op(`${doubles ? "f64x2" : "i32x4"}.${s.op as "add"}`, a, b)),
        );
      case "neg":
      case "abs":
        return this.#f.keep(op(`${doubles ? "f64x2" : "i32x4"}.${s.op}`, args[0]!));
      case "max":
      case "min":
        return this.#f.keep(
          args.reduce((a, b) =>
            doubles ? op(`f64x2.${s.op as "max"}`, a, b) : op(`i32x4.${s.op as "max"}_s`, a, b),
          ),
        );
      default:
        throw new OneByOne(s.op);
    }
  }

  #order(order: "lt" | "le" | "gt" | "ge" | "eq" | "ne", [left, right]: readonly [Scalar, Scalar]): Code {
    if (left.type === "int" && right.type === "int" && this.lanes.real === "f32") {
      const [a, b] = [this.integer(left), this.integer(right)];
      return op(order === "eq" || order === "ne" ? `i32x4.${order}` : `i32x4.${order}_s`, a, b);
    }
    const { shape } = this.lanes;
    const finite = order === "lt" ? finiteOf([left, right]) : undefined;
    if (finite !== undefined && this.varies(finite)) {
      // Only ∞ − ∞ and NaN are NaN, and no |x| needs to be computed.
      const x = this.#f.keep(this.real(finite));
      const difference = this.#f.keep(op(`${shape}.sub`, x, x));
      return this.#f.keep(op(`${shape}.eq`, difference, difference));
    }
    return this.#f.keep(op(`${shape}.${order}`, this.real(left), this.real(right)));
  }
}

const isZero = (s: Scalar): boolean => s.kind === "const" && Object.is(s.value, 0);

/** x of |x| < ∞. */
const finiteOf = ([left, right]: readonly Scalar[]): Scalar | undefined =>
  left?.kind === "apply" && left.op === "abs" && right?.kind === "const" && right.value === Infinity
    ? left.args[0]
    : undefined;

/** Whether an operation is a few instructions. */
export const isCheap = (o: Op): boolean =>
  direct[o] !== undefined ||
  orders[o] !== undefined ||
  ["and", "or", "not", "iverson", "relu", "sign", "stop", "precise", "roundoff", "exactsum"].includes(o);
