/**
 * Several steps of a loop, written one after the other: a round. Its steps share what they have in common: one comparison at
 * the end, and one address for all that lies a known distance apart.
 */
import { loads, mentionsAny } from "../../loop/mentioned.ts";
import type { Scalar, Statement } from "../../loop/nest.ts";
import { effectsOf, type Access } from "../../schedule/effects.ts";
import { along, isOne, polynomial, strideOf } from "../../schedule/polynomial.ts";
import { get, i32, op, type Code, type Local } from "../code.ts";
import type { StatementWriter } from "../statement.ts";

type Loop = Extract<Statement, { kind: "for" }>;

/** A place in memory: an address, and how far after it, in bytes, which is part of an instruction. */
export interface Place {
  readonly address: Code;
  readonly offset: number;
}

export const here = (address: Code): Place => ({ address, offset: 0 });

export class Round {
  readonly #w: StatementWriter;
  readonly #index: string;
  readonly #first: Local;
  /** Names that each step gives another value. */
  readonly #own: ReadonlySet<string>;
  /** What the body reads and writes. */
  readonly #accesses: readonly Access[];
  /** Which step is being written, and how far the index has come. */
  #step = 0;
  #steps = 1;
  #ahead = 0;

  /** `first` holds the index when the round begins. */
  constructor(w: StatementWriter, { index, body }: Loop, first: Local) {
    this.#w = w;
    this.#index = index;
    this.#first = first;
    const { accesses, defines, assigns } = effectsOf(body);
    this.#accesses = accesses;
    this.#own = new Set([...defines, ...assigns]);
  }

  /** Writes the steps, and increases the index by all of them. */
  write(of: number, by: number, step: (n: number) => void): void {
    const { f, scope } = this.#w;
    this.#steps = of;
    for (let n = 0; n < of; n++) {
      this.#step = n;
      this.#ahead = n * by;
      const local = n === 0 ? this.#first : f.local("i32");
      if (n > 0) f.set(local, op("i32.add", get(this.#first), i32(this.#ahead)));
      scope.define(this.#index, local);
      step(n);
    }
    scope.define(this.#index, this.#first);
    f.set(this.#first, op("i32.add", get(this.#first), i32(of * by)));
  }

  /** Which step is being written, the first is 0. */
  get step(): number {
    return this.#step;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Whether the steps read neighbours here, or write them, and nothing of the buffer besides. */
  areNeighbours(buffer: string, offset: Scalar, kind: "load" | "store"): boolean {
    if (this.#isOwn(offset) || !isOne(strideOf(offset, this.#index))) return false;
    const all = this.#accesses.filter((a) => a.buffer === buffer);
    return kind === "load" ? all.every((a) => a.kind === "load") : all.length === 1;
  }

  /** Whether steps may differ in what an offset is, besides in the index. */
  #isOwn(offset: Scalar): boolean {
    return mentionsAny(offset, this.#own) || loads(offset);
  }

  /**
   * The place of an offset that the first step of the round has in memory, too: `write` gives its address. What is read under a
   * condition may have none in the first step.
   */
  place(buffer: string, offset: Scalar, write: () => Code): Place {
    const ahead = this.#aheadOf(offset);
    if (ahead === undefined) return here(write());
    const { scope, scalars } = this.#w;
    const local = scope.local(this.#index);
    scope.define(this.#index, this.#first);
    const address = write();
    scope.define(this.#index, local);
    return { address, offset: ahead << scalars.shift(buffer) };
  }

  /** How much further the offset is than in the first step; undefined where that is not known, or it is before it. */
  #aheadOf(offset: Scalar): number | undefined {
    if (this.#ahead === 0 || this.#isOwn(offset)) return undefined;
    const [only, ...more] = along(polynomial(offset), this.#index)?.stride.values() ?? [];
    const isConstant = only !== undefined && more.length === 0 && only.atoms.length === 0;
    return isConstant && only.coefficient > 0 ? only.coefficient * this.#ahead : undefined;
  }
}
