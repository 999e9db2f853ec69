/**
 * Tapes: one evaluation of a program, written down operation by operation.
 *
 * A node is a number: its operands have smaller numbers, so the order of the
 * tape is an order of computation. The first nodes are the coordinates that
 * gradients are checked for: node i is coordinate i. Each node has its value, a
 * bound of the rounding error of that value, and what it picked (the winner of
 * a max, the sign of what abs was taken of, the truth of a comparison).
 */
import type { Comparison } from "../expr/syntax.ts";
import type { Arithmetic, Logic } from "../number/field.ts";

/** `add`, `mul`, `max` and `min` take any number of operands; so do `dot` (x₁, y₁, x₂, y₂, …), `logsumexp` and `argmax`. */
export type TapeOp =
  | Arithmetic
  | Comparison
  | Logic
  | "coordinate"
  | "constant"
  | "dot"
  | "logsumexp"
  | "argmax"
  | "argmin"
  /** `guard`, then, else: both sides when rounding could change the guard, else the side taken, twice. */
  | "select";

/** What an evaluation gives each node. */
export interface State {
  readonly value: Float64Array;
  /** The computed value is this near to the true one, whatever the order of summation. */
  readonly error: Float64Array;
  /** max, min, argmax, argmin: the operand that wins; abs, relu, sign: the sign; conditions: 1 or 0; select: 0 or 1. */
  readonly picked: Int32Array;
}

export class Tape implements State {
  readonly op: TapeOp[] = [];
  value: Float64Array<ArrayBuffer>;
  error: Float64Array<ArrayBuffer>;
  picked: Int32Array<ArrayBuffer>;
  /** Whether the value depends on a coordinate. */
  active: Uint8Array<ArrayBuffer>;
  #first: Int32Array<ArrayBuffer>;
  #operands: Int32Array<ArrayBuffer>;
  readonly #constants = new Map<number, number>();

  /** A tape that grows when it has more than `nodes`. */
  constructor(nodes: number) {
    this.value = new Float64Array(nodes);
    this.error = new Float64Array(nodes);
    this.picked = new Int32Array(nodes);
    this.active = new Uint8Array(nodes);
    this.#first = new Int32Array(nodes + 1);
    this.#operands = new Int32Array(2 * nodes);
  }

  get length(): number {
    return this.op.length;
  }

  /** How many operands all nodes have together: the work of one evaluation. */
  get work(): number {
    return this.#first[this.length]!;
  }

  arity(node: number): number {
    return this.#first[node + 1]! - this.#first[node]!;
  }

  operand(node: number, n: number): number {
    return this.#operands[this.#first[node]! + n]!;
  }

  /** Makes a constant of a coordinate, before anything is computed with it. */
  hold(coordinate: number): void {
    this.active[coordinate] = 0;
  }

  coordinate(value: number): number {
    const node = this.append("coordinate", []);
    this.value[node] = value;
    this.active[node] = 1;
    return node;
  }

  constant(value: number): number {
    if (Object.is(value, -0)) return this.#fresh(value);
    let node = this.#constants.get(value);
    if (node === undefined) this.#constants.set(value, (node = this.#fresh(value)));
    return node;
  }

  #fresh(value: number): number {
    const node = this.append("constant", []);
    this.value[node] = value;
    return node;
  }

  /** A new node without a value yet. */
  append(op: TapeOp, operands: readonly number[]): number {
    const node = this.op.length;
    this.op.push(op);
    if (this.value.length <= node) this.#growNodes();
    const from = this.#first[node]!;
    if (this.#operands.length < from + operands.length) this.#growOperands(from + operands.length);
    this.#operands.set(operands, from);
    this.#first[node + 1] = from + operands.length;
    let active = 0;
    for (const operand of operands) active |= this.active[operand]!;
    this.active[node] = op === "stop" ? 0 : active;
    return node;
  }

  #growNodes(): void {
    const size = Math.max(256, 2 * this.value.length);
    this.value = grown(this.value, new Float64Array(size));
    this.error = grown(this.error, new Float64Array(size));
    this.picked = grown(this.picked, new Int32Array(size));
    this.active = grown(this.active, new Uint8Array(size));
    this.#first = grown(this.#first, new Int32Array(size + 1));
  }

  #growOperands(least: number): void {
    this.#operands = grown(this.#operands, new Int32Array(Math.max(least, 2 * this.#operands.length)));
  }
}

function grown<A extends Float64Array | Int32Array | Uint8Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
