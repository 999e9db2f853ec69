/**
 * Scalars of a nest as WebAssembly, one value at a time.
 *
 * An integer is computed on `i32` where a place in memory or a count is wanted, and as a real where a real is
 * wanted, so that what JavaScript computes exactly stays exact. Choices evaluate one side only.
 */
import { unreachable } from "../errors.ts";
import type { Op } from "../expr/ops.ts";
import type { Scalar } from "../loop/nest.ts";
import { f32, f64, get, i32, op, type Code } from "./code.ts";
import type { FunctionBuilder } from "./function.ts";
import type { Operations } from "./operations.ts";
import type { Scope } from "./scope.ts";
import { bytesOf, type Storage } from "./storage.ts";

type Apply = Extract<Scalar, { kind: "apply" }>;

/** Operations that are one instruction on reals. */
// prettier-ignore
const direct = {
  add: "add", sub: "sub", mul: "mul", div: "div", neg: "neg", max: "max", min: "min", abs: "abs", sqrt: "sqrt",
} as const;

const isDirect = (o: Op): o is keyof typeof direct => Object.hasOwn(direct, o);

const orders = { lt: "lt", le: "le", gt: "gt", ge: "ge", eq: "eq", ne: "ne" } as const;

const isOrder = (o: Op): o is keyof typeof orders => Object.hasOwn(orders, o);

export class ScalarWriter {
  readonly #f: FunctionBuilder;
  readonly #scope: Scope;
  readonly #storage: Storage;
  readonly #operations: Operations;

  constructor(f: FunctionBuilder, scope: Scope, storage: Storage, operations: Operations) {
    this.#f = f;
    this.#scope = scope;
    this.#storage = storage;
    this.#operations = operations;
  }

  /** The value as a local of its name's type holds it. */
  typed(s: Scalar, type: Code["type"]): Code {
    if (type === "f64" || type === "f32") return this.#number(s, type);
    return s.type === "bool" ? this.condition(s) : this.integer(s);
  }

  /** A number as a real of the nest's precision. */
  real(s: Scalar): Code {
    return this.#number(s, this.#storage.real);
  }

  /** A number as a float of either size: integers that may be large are computed in doubles. */
  #number(s: Scalar, type: "f64" | "f32"): Code {
    switch (s.kind) {
      case "const":
        return type === "f64" ? f64(s.value) : f32(s.value);
      case "name":
        return converted(get(this.#scope.local(s.name)), type);
      case "load":
        return converted(this.#load(s), type);
      case "select":
        return this.#f.choice(
          this.condition(s.guard),
          () => this.#number(s.yes, type),
          () => this.#number(s.no, type),
        );
      case "apply":
        return this.#apply(s, type);
      default:
        return unreachable(s);
    }
  }

  #apply(s: Apply, type: "f64" | "f32"): Code {
    if (s.op === "iverson") return converted(this.condition(s.args[0]!), type);
    if (s.op === "stop" || s.op === "precise") return this.#number(s.args[0]!, type);
    if (s.op === "quotient") return converted(this.#wideQuotient(s.args as readonly [Scalar, Scalar]), type);
    // An operation on small numbers, rounded to single precision at the end, would be another function.
    const args = s.args.map((a) => this.#number(a, type));
    if (isDirect(s.op)) {
      const name = `${type}.${direct[s.op]}` as const;
      return args.length === 1 ? op(name, args[0]!) : args.reduce((left, right) => op(name, left, right));
    }
    return this.#operations.scalar(this.#f, s.op, args, type);
  }

  /** An integer as `i32`. */
  integer(s: Scalar): Code {
    switch (s.kind) {
      case "const":
        return i32(s.value);
      case "name":
        return converted(get(this.#scope.local(s.name)), "i32");
      case "load":
        return converted(this.#load(s), "i32");
      case "select":
        return this.#f.choice(
          this.condition(s.guard),
          () => this.integer(s.yes),
          () => this.integer(s.no),
        );
      case "apply":
        return this.#integerOperation(s);
      default:
        return unreachable(s);
    }
  }

  #integerOperation(s: Apply): Code {
    const [first, ...others] = s.args as [Scalar, ...Scalar[]];
    switch (s.op) {
      case "add":
      case "sub":
      case "mul": {
        const name = `i32.${s.op}` as const;
        return others.reduce((left, right) => op(name, left, this.integer(right)), this.integer(first));
      }
      case "neg":
        return op("i32.sub", i32(0), this.integer(first));
      case "max":
      case "min":
        return others.reduce(
          (left, right) => this.#extremum(s.op, left, this.integer(right)),
          this.integer(first),
        );
      case "abs": {
        const x = this.#f.keep(this.integer(first));
        return this.#extremum("max", x, op("i32.sub", i32(0), x));
      }
      case "quotient":
        return this.#quotient(this.integer(first), this.integer(others[0]!));
      case "iverson":
        return this.condition(first);
      case "stop":
      case "precise":
        return this.integer(first);
      case "sign": {
        const x = this.#f.keep(this.integer(first));
        return op("i32.sub", op("i32.gt_s", x, i32(0)), op("i32.lt_s", x, i32(0)));
      }
      default:
        throw new Error(`${s.op} reached WebAssembly as an integer`);
    }
  }

  /** Of integers that may outgrow 32 bits: below 2⁵³ no quotient of doubles is rounded up to an integer. */
  #wideQuotient([a, b]: readonly [Scalar, Scalar]): Code {
    return op("f64.floor", op("f64.div", this.#number(a, "f64"), this.#number(b, "f64")));
  }

  /** Division cuts off: what is left over of a negative number takes one more. */
  #quotient(left: Code, right: Code): Code {
    const [a, b] = [this.#f.keep(left), this.#f.keep(right)];
    return op("i32.sub", op("i32.div_s", a, b), op("i32.lt_s", op("i32.rem_s", a, b), i32(0)));
  }

  #extremum(which: string, left: Code, right: Code): Code {
    const [a, b] = [this.#f.keep(left), this.#f.keep(right)];
    return op("select.i32", a, b, op(which === "max" ? "i32.gt_s" : "i32.lt_s", a, b));
  }

  /** A condition as 1 or 0. */
  condition(s: Scalar): Code {
    switch (s.kind) {
      case "const":
        return i32(s.value === 0 ? 0 : 1);
      case "name":
        return get(this.#scope.local(s.name));
      case "load": {
        const element = this.#load(s);
        return element.type === "i32" ? element : op(`${real(element)}.ne`, element, constantOf(element, 0));
      }
      case "select":
        return this.#f.choice(
          this.condition(s.guard),
          () => this.condition(s.yes),
          () => this.condition(s.no),
        );
      case "apply":
        return this.#test(s);
      default:
        return unreachable(s);
    }
  }

  #test(s: Apply): Code {
    if (isOrder(s.op)) return this.#order(orders[s.op], s.args as readonly [Scalar, Scalar]);
    switch (s.op) {
      case "and":
        return s.args
          .map((a) => () => this.condition(a))
          .reduceRight((rest, first) => () => this.#f.choice(first(), rest, () => i32(0)))();
      case "or":
        return s.args
          .map((a) => () => this.condition(a))
          .reduceRight((rest, first) => () => this.#f.choice(first(), () => i32(1), rest))();
      case "not":
        return op("i32.eqz", this.condition(s.args[0]!));
      case "stop":
      case "precise":
        return this.condition(s.args[0]!);
      default:
        throw new Error(`${s.op} reached WebAssembly as a condition`);
    }
  }

  #order(order: keyof typeof orders, [left, right]: readonly [Scalar, Scalar]): Code {
    if (this.#isPlace(left) && this.#isPlace(right)) {
      const name = order === "eq" || order === "ne" ? (`i32.${order}` as const) : (`i32.${order}_s` as const);
      return op(name, this.integer(left), this.integer(right));
    }
    const type = left.type === "int" && right.type === "int" ? "f64" : this.#storage.real;
    return op(`${type}.${order}`, this.#number(left, type), this.#number(right, type));
  }

  /** Whether an integer fits in 32 bits on all ways to it: names and elements that are kept so, and their neighbours. */
  #isPlace(s: Scalar): boolean {
    if (s.type !== "int") return false;
    switch (s.kind) {
      case "const":
        return Math.abs(s.value) < 2 ** 31;
      case "name":
        return this.#scope.local(s.name).type === "i32";
      case "load":
        return this.#storage.element(s.buffer) === "i32";
      case "select":
        return this.#isPlace(s.yes) && this.#isPlace(s.no);
      case "apply":
        // Of two factors one is a constant of the program: a stride.
        if (s.op === "mul")
          return s.args.every((a) => this.#isPlace(a)) && s.args.filter((a) => a.kind !== "const").length < 2;
        return (
          ["add", "sub", "iverson"].includes(s.op) &&
          s.args.every((a) => a.type === "bool" || this.#isPlace(a))
        );
    }
  }

  #load({ buffer, offset }: Extract<Scalar, { kind: "load" }>): Code {
    const address = this.address(buffer, offset);
    const element = this.#storage.element(buffer);
    return element === "u8" ? op("i32.load8_u", address) : op(`${element}.load`, address);
  }

  /** Where an element is in memory. */
  address(buffer: string, offset: Scalar): Code {
    const base = this.#scope.address(buffer);
    const shift = this.shift(buffer);
    if (offset.kind === "const")
      return offset.value === 0 ? base : op("i32.add", base, i32(offset.value << shift));
    const place = this.integer(offset);
    return op("i32.add", base, shift === 0 ? place : op("i32.shl", place, i32(shift)));
  }

  /** The logarithm of the bytes of an element. */
  shift(buffer: string): number {
    return Math.log2(bytesOf[this.#storage.element(buffer)]);
  }

  /** Stores a value of the buffer's type. */
  store(buffer: string, address: Code, value: Code): Code {
    const element = this.#storage.element(buffer);
    return element === "u8" ? op("i32.store8", address, value) : op(`${element}.store`, address, value);
  }

  /** The value as an element of the buffer. */
  element(buffer: string, s: Scalar): Code {
    const element = this.#storage.element(buffer);
    if (element === "u8") return this.condition(s);
    if (element === "i32") return this.integer(s);
    return s.type === "bool" ? converted(this.condition(s), element) : this.#number(s, element);
  }

  /** What a buffer holds at an address. */
  loadAt(buffer: string, address: Code): Code {
    const element = this.#storage.element(buffer);
    return element === "u8" ? op("i32.load8_u", address) : op(`${element}.load`, address);
  }
}

/** A value of one type as that of another. */
export function converted(code: Code, to: "f64" | "f32" | "i32"): Code {
  const { type } = code;
  if (type === to) return code;
  if (to === "i32") return type === "f64" ? op("i32.trunc_sat_f64_s", code) : op("i32.trunc_sat_f32_s", code);
  if (type === "i32") return op(`${to}.convert_i32_s`, code);
  return to === "f64" ? op("f64.promote_f32", code) : op("f32.demote_f64", code);
}

const real = (code: Code): "f64" | "f32" => (code.type === "f32" ? "f32" : "f64");

const constantOf = (code: Code, value: number): Code => (code.type === "f32" ? f32(value) : f64(value));
