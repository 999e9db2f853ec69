/**
 * Blocks under construction: the body of a loop or of a condition, with what is
 * known and already computed in it. Statements are only ever added at the end, so
 * what a block computes is there for the blocks that are opened in it later.
 */
import { freeIndices, type Expr, type Index } from "../expr/node.ts";
import type { Scalar, Statement } from "./nest.ts";
import type { Reach } from "./reach.ts";

export class Block {
  readonly statements: Statement[] = [];
  readonly #parent: Block | undefined;
  /** The loop index that this block is the body of, and what the nest calls it. */
  readonly #binds: ReadonlyMap<Index, string>;
  /** Whether this is the body of a loop. */
  readonly #loops: boolean;
  /** Conditions under which this block runs, beyond those of its parent. */
  readonly #facts: readonly Expr[];
  readonly #values = new Map<Expr, Scalar>();

  private constructor(
    parent: Block | undefined,
    binds: ReadonlyMap<Index, string>,
    loops: boolean,
    facts: readonly Expr[],
  ) {
    this.#parent = parent;
    this.#binds = binds;
    this.#loops = loops;
    this.#facts = facts;
  }

  static root(): Block {
    return new Block(undefined, new Map(), false, []);
  }

  /** A loop's body. */
  loop(index: Index, name: string): Block {
    return new Block(this, new Map([[index, name]]), true, []);
  }

  /** What runs with `index` at one value only. */
  pin(index: Index, name: string, facts: readonly Expr[]): Block {
    return new Block(this, new Map([[index, name]]), false, facts);
  }

  /** What runs when `facts` hold. */
  branch(facts: readonly Expr[]): Block {
    return new Block(this, new Map(), false, facts);
  }

  /** What the nest calls an index here. */
  nameOf(index: Index): string {
    const name = this.#binds.get(index) ?? this.#parent?.nameOf(index);
    if (name === undefined) throw new Error(`index ${index.name} reached lowering outside its loop`);
    return name;
  }

  /** Names of the loop indices around here. */
  open(): ReadonlySet<string> {
    const names = new Set(this.#binds.values());
    if (this.#parent) for (const name of this.#parent.open()) names.add(name);
    return names;
  }

  /** Conditions that hold here. */
  facts(): readonly Expr[] {
    return this.#parent ? [...this.#parent.facts(), ...this.#facts] : this.#facts;
  }

  /** The value of `e`, if it was computed here or around here. */
  known(e: Expr): Scalar | undefined {
    const value = this.#values.get(e);
    if (value !== undefined || this.#bindsFree(e)) return value;
    return this.#parent?.known(e);
  }

  remember(e: Expr, value: Scalar): void {
    this.#values.set(e, value);
  }

  /**
   * Where `e` can be computed: `near` is as far out as one gets within the innermost loop,
   * `far` is just outside the last loop that `e` does not need (undefined when it needs the
   * innermost one), `top` is as far out as possible. Never past a condition that `e` relies on;
   * past one of `needed`, without which nobody asks for it, only to leave a loop.
   */
  homes(
    e: Expr,
    reach: Reach,
    needed?: ReadonlySet<Expr>,
  ): { near: Block; far: Block | undefined; top: Block } {
    let [near, top]: readonly [Block, Block] = [this, this];
    let far: Block | undefined;
    let needless = false;
    for (const block of this.#chain()) {
      const parent = block.#parent;
      if (parent === undefined) break;
      if (block.#bindsFree(e)) break;
      if (block.#facts.length > 0 && !reach.inside(e, parent.facts())) break;
      needless = !block.#loops && (needless || block.#facts.some((fact) => needed?.has(fact)));
      if (block.#loops) far = parent;
      if (needless) continue;
      top = parent;
      if (far === undefined) near = parent;
    }
    return { near, far, top };
  }

  /** This block and those around it, from the inside out. */
  #chain(all: Block[] = []): readonly Block[] {
    all.push(this);
    return this.#parent === undefined ? all : this.#parent.#chain(all);
  }

  #bindsFree(e: Expr): boolean {
    return this.#binds.size > 0 && freeIndices(e).some((i) => this.#binds.has(i));
  }
}
