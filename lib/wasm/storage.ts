/**
 * How a nest's values are kept: which numbers of the machine hold its reals, integers and conditions.
 *
 * Reals are `f64`, or `f32` in single precision. A condition is an `i32`, in memory a byte. An integer is an
 * `i32` where it is small for certain (a label, an index, a size, a count) or says where something is in
 * memory; else it is kept as a real is, exactly up to 2⁵³, as JavaScript does.
 */
import type { Op } from "../expr/ops.ts";
import {
  bodiesOf,
  parts,
  scalarsOf,
  type Buffer,
  type Nest,
  type Scalar,
  type Statement,
} from "../loop/nest.ts";
import type { ValueType } from "./instructions.ts";
import { lanesOf } from "./lanes.ts";
import { notPositive } from "./vector/not-positive.ts";
import { onlyAdded } from "./vector/only-added.ts";
import { rowLoops, rowsAtOnce, type RowLoop } from "./vector/rows.ts";

export type Precision = "float64" | "float32";

/** What an element of a buffer is in memory. */
export type Element = "f64" | "f32" | "i32" | "u8";

/** The type of reals on the stack. */
export type Real = "f64" | "f32";

// prettier-ignore
export const bytesOf: Readonly<Record<Element, number>> = { f64: 8, f32: 4, i32: 4, u8: 1 };

export class Storage {
  readonly real: Real;
  readonly #elements: ReadonlyMap<string, Element>;
  readonly #buffers: ReadonlyMap<string, Buffer>;
  /** Integers by name that are no small ones. */
  readonly #wide: ReadonlySet<string>;
  readonly #rowLoops: ReadonlyMap<readonly Statement[], RowLoop>;
  /** Exponentials of what is not above 0. */
  readonly notPositive: ReadonlySet<Scalar>;
  /** Rectified values that are zeros of no sign. */
  readonly onlyAdded: ReadonlySet<string>;

  constructor(nest: Nest, precision: Precision) {
    this.real = precision === "float64" ? "f64" : "f32";
    this.#buffers = new Map(nest.buffers.map((b) => [b.name, b]));
    this.#rowLoops = rowLoops(nest);
    this.notPositive = notPositive(nest);
    this.onlyAdded = onlyAdded(nest);
    const use = new Uses(nest);
    this.#wide = use.wide;
    this.#elements = new Map(nest.buffers.map((b) => [b.name, this.#element(b, use.wideBuffers)]));
  }

  #element({ name, type, role }: Buffer, wide: ReadonlySet<string>): Element {
    if (type === "real" || role === "result") return this.real;
    if (type === "bool") return "u8";
    return wide.has(name) ? "f64" : "i32";
  }

  element(buffer: string): Element {
    return this.#elements.get(buffer)!;
  }

  buffer(name: string): Buffer {
    return this.#buffers.get(name)!;
  }

  /** How the loop with this body may run for several rows at a time. */
  rows(body: readonly Statement[]): RowLoop | undefined {
    return this.#rowLoops.get(body);
  }

  /** How many places each element of a buffer has: one for each lane where rows run across lanes. */
  copies(buffer: string): number {
    const across = [...this.#rowLoops.values()].find(({ own }) => own.has(buffer));
    return across ? rowsAtOnce(lanesOf(this.real), across) : 1;
  }

  /** The type of the local that holds a name's value. */
  local(name: string, type: Scalar["type"]): ValueType {
    if (type === "real") return this.real;
    return type === "int" && this.#wide.has(name) ? "f64" : "i32";
  }
}

/** Finds the integers that may outgrow 32 bits. */
class Uses {
  readonly wide = new Set<string>();
  readonly wideBuffers = new Set<string>();
  /** Names that say where something is in memory, or how often something is done. */
  readonly #places = new Set<string>();

  readonly #indices: Set<string>;

  constructor({ body, buffers, results, sizes }: Nest) {
    this.#indices = new Set(sizes.map((s) => s.name));
    const scratch = new Set(buffers.filter((b) => b.type === "int" && b.role !== "input").map((b) => b.name));
    for (const s of body) this.#findPlaces(s);
    for (const { name, scalar } of results) if (scalar) this.#places.delete(name);
    // Names come before their uses, save for variables in loops: a second round sees these.
    for (let round = 0; round < 2; round++) for (const s of body) this.#findWide(s, scratch);
  }

  #place(s: Scalar): void {
    if (s.kind === "name") this.#places.add(s.name);
    for (const part of parts(s)) this.#place(part);
  }

  #placesIn(s: Scalar): void {
    if (s.kind === "load") this.#place(s.offset);
    for (const part of parts(s)) this.#placesIn(part);
  }

  #findPlaces(s: Statement): void {
    for (const scalar of scalarsOf(s)) this.#placesIn(scalar);
    if (s.kind === "store") this.#place(s.offset);
    if (s.kind === "for") {
      this.#indices.add(s.index);
      for (const bound of [s.from, s.to]) this.#place(bound);
    }
    if (s.kind === "contract") {
      this.#place(s.offset);
      for (const { from, to } of [...s.frees, ...s.sums]) {
        this.#place(from);
        this.#place(to);
      }
    }
    for (const inner of bodiesOf(s)) this.#findPlaces(inner);
  }

  #findWide(s: Statement, scratch: ReadonlySet<string>): void {
    if (s.kind === "let" && s.type === "int") this.#meet(s.name, this.#isSmall(s.value));
    if (s.kind === "assign" && s.value.type === "int") this.#meet(s.name, this.#staysSmall(s.by, s.value));
    if (s.kind === "store" && scratch.has(s.buffer) && !this.#staysSmall(s.by, s.value))
      this.wideBuffers.add(s.buffer);
    if (s.kind === "contract" && scratch.has(s.buffer)) this.wideBuffers.add(s.buffer);
    for (const inner of bodiesOf(s)) this.#findWide(inner, scratch);
  }

  #meet(name: string, small: boolean): void {
    if (!small && !this.#places.has(name)) this.wide.add(name);
  }

  /** What is no larger than a size, or a constant of the program. */
  #isIndex(s: Scalar): boolean {
    return s.kind === "const" || (s.kind === "name" && this.#indices.has(s.name));
  }

  /** A count stays small: its steps are ones. */
  #staysSmall(by: string, value: Scalar): boolean {
    if (by === "add") return isUnit(value);
    return by !== "mul" && this.#isSmall(value);
  }

  #isSmall(s: Scalar): boolean {
    switch (s.kind) {
      case "const":
        return Number.isInteger(s.value) && Math.abs(s.value) < 2 ** 31 && !Object.is(s.value, -0);
      case "name":
        return !this.wide.has(s.name);
      case "load":
        return !this.wideBuffers.has(s.buffer);
      case "select":
        return this.#isSmall(s.yes) && this.#isSmall(s.no);
      case "apply":
        if (s.op === "iverson") return true;
        // A label and a constant, as in y[i] + 1, or i − i0; −0 is no integer of 32 bits, so negation is out.
        if (s.op === "add" || s.op === "sub")
          return s.args.every((a) => this.#isSmall(a)) && s.args.filter((a) => !this.#isIndex(a)).length < 2;
        return smallAmong.has(s.op) && s.args.every((a) => this.#isSmall(a));
    }
  }
}

/** Operations that are no larger in size than the largest of their arguments; of integers, a quotient is one. */
const smallAmong: ReadonlySet<Op> = new Set<Op>(["max", "min", "stop", "precise", "quotient"]);

const isUnit = (s: Scalar): boolean =>
  s.kind === "select"
    ? isUnit(s.yes) && isUnit(s.no)
    : (s.kind === "const" && (Math.abs(s.value) === 1 || s.value === 0)) ||
      (s.kind === "apply" && s.op === "iverson");
