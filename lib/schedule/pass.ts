/** A pass over rows: a loop of the nest, and what of its data belongs to one row. */
import { constant, named, parts, type Nest, type Scalar, type Statement } from "../loop/nest.ts";
import { naming, replaced } from "../loop/rewrite.ts";
import { effectsOf, touched, writtenAnew, type Access } from "./effects.ts";
import { equal, mentions, strideOf, type Polynomial } from "./polynomial.ts";
import type { Windows } from "./windows.ts";
import { volume } from "./volume.ts";

type Loop = Extract<Statement, { kind: "for" }>;
type Let = Extract<Statement, { kind: "let" }>;

export class Pass {
  readonly loop: Loop;
  /** Buffers that hold one row at a time. */
  readonly own: ReadonlySet<string>;
  /** Constants and variables of a row. */
  readonly lets: ReadonlyMap<string, Let>;
  /** Those constants that are read from the inputs: as good computed again as kept. */
  readonly again: ReadonlyMap<string, Scalar>;
  readonly windows: Windows;
  readonly #nest: Nest;
  readonly #accesses = new Map<string, Access[]>();

  /** `counts` says of each buffer how many statements of the nest's body touch it, `windows` says what is a window. */
  constructor(nest: Nest, loop: Loop, counts: ReadonlyMap<string, number>, windows: Windows) {
    this.#nest = nest;
    this.loop = loop;
    this.windows = windows;
    for (const a of effectsOf(loop.body).accesses) {
      const before = this.#accesses.get(a.buffer);
      if (before === undefined) this.#accesses.set(a.buffer, [a]);
      else before.push(a);
    }
    const elsewhere = (buffer: string): boolean => counts.get(buffer)! > (touched([loop], buffer) ? 1 : 0);
    const candidates = nest.buffers.filter(
      (b) => b.role === "scratch" && this.#accesses.has(b.name) && !elsewhere(b.name),
    );
    this.own = new Set(candidates.map((b) => b.name).filter((name) => this.#isOwn(name)));
    this.lets = new Map(loop.body.flatMap((s) => (s.kind === "let" ? [[s.name, s] as const] : [])));
    this.again = this.#readAgain();
  }

  /** The row that the loop is at. */
  get row(): Scalar {
    return named(this.loop.index, "int");
  }

  /** How many values a row has in one of its own buffers, or as a variable. */
  volume(name: string): Scalar {
    const buffer = this.#nest.buffers.find((b) => b.name === name);
    return buffer === undefined ? constant(1) : volume(this.#nest, buffer.shape);
  }

  /** Whether each row touches its own part of a buffer only. */
  isAligned(buffer: string): boolean {
    const accesses = this.#accesses.get(buffer) ?? [];
    const strides: Polynomial[] = [];
    for (const access of accesses) {
      const stride = access.kind === "fill" ? undefined : strideOf(access.offset, this.loop.index);
      if (stride === undefined || stride.size === 0) return false;
      strides.push(stride);
    }
    return strides.every((s) => equal(s, strides[0]!));
  }

  /** Whether each row writes a buffer before it reads it, and all rows write the same places. */
  #isOwn(name: string): boolean {
    const accesses = this.#accesses.get(name) ?? [];
    return (
      accesses.length > 0 &&
      accesses.every((a) => a.kind !== "store" || !mentions(a.offset, this.loop.index)) &&
      writtenAnew(this.loop.body, name)
    );
  }

  #readAgain(): ReadonlyMap<string, Scalar> {
    const again = new Map<string, Scalar>();
    const inputs = new Set(this.#nest.buffers.filter((b) => b.role === "input").map((b) => b.name));
    const given = new Set([
      this.loop.index,
      ...this.#nest.sizes.map((s) => s.name),
      ...this.#nest.parameters.map((p) => p.name),
    ]);
    const readable = (s: Scalar): boolean =>
      (s.kind === "const" ||
        s.kind === "apply" ||
        (s.kind === "name" && (given.has(s.name) || again.has(s.name))) ||
        (s.kind === "load" && inputs.has(s.buffer))) &&
      parts(s).every(readable);
    for (const { name, mutable, value } of this.lets.values())
      if (!mutable && isCheap(value) && readable(value)) again.set(name, replaced(value, naming(again)));
    return again;
  }
}

/** Little work, no search and no function. */
const isCheap = (s: Scalar): boolean =>
  (s.kind !== "apply" || ["add", "sub", "mul", "neg", "min", "max"].includes(s.op)) &&
  parts(s).every(isCheap);
