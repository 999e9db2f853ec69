/**
 * Reverse sweeps over a tape: the checker's own derivative.
 *
 * A sweep goes from one node down to the coordinates. It stops at *gates*, the
 * choices that rounding could turn and lengths that are 0, and reports the slope by each of them. Beside
 * the slope go the sum of the magnitudes of its terms and a bound of its error;
 * these two go through every branch of a gate. They give the slack: how far
 * another correct program may be from the slope.
 */
import { vanishingLength, type Entry } from "./lengths.ts";
import { partials } from "./partials.ts";
import { leastNormal, unit } from "./settle.ts";
import type { Slopes } from "./slopes.ts";
import type { Tape } from "./tape.ts";
import { contenders, nearZero, truth } from "./ties.ts";

/** Roundings that a correct program may be away, each half an ulp of Σ|terms|. Observed: below 2. */
const roundings = 64;

/** Other programs may be this many times less exact than the error analysis of ours. */
const generosity = 4;

export interface Swept {
  readonly coordinates: Slopes;
  /** Gates whose value enters, each with the slope by it. */
  readonly gates: Slopes;
  /** Choices that rounding could turn and whose value jumps: sign, brackets, argmax. */
  readonly jumps: readonly number[];
}

export class Sweeper {
  readonly #tape: Tape;
  readonly #n: number;
  readonly #adjoint: Float64Array;
  readonly #terms: Float64Array;
  readonly #error: Float64Array;
  readonly #seen: Uint8Array;
  readonly #queue: Queue = new Queue();
  readonly #branches = new Map<number, readonly number[] | undefined>();
  readonly #lengths = new Map<number, readonly Entry[] | undefined>();

  constructor(tape: Tape, n: number) {
    this.#tape = tape;
    this.#n = n;
    this.#adjoint = new Float64Array(tape.length);
    this.#terms = new Float64Array(tape.length);
    this.#error = new Float64Array(tape.length);
    this.#seen = new Uint8Array(tape.length);
  }

  sweep(root: number): Swept {
    const tape = this.#tape;
    const [touched, gates, jumps]: [number[], number[], number[]] = [[], [], []];
    const done: number[] = [];
    const reach = (node: number, slope: number, terms: number, error: number): void => {
      if (tape.active[node] === 0) return;
      if (this.#seen[node] === 0) {
        this.#seen[node] = 1;
        if (node < this.#n) touched.push(node);
        else this.#queue.push(node);
      }
      this.#adjoint[node]! += slope;
      this.#terms[node]! += terms;
      this.#error[node]! += error + unit * Math.abs(this.#adjoint[node]!);
    };
    reach(root, 1, 1, 0);
    for (let node = this.#queue.pop(); node >= 0; node = this.#queue.pop()) {
      done.push(node);
      const [adjoint, terms, error] = [this.#adjoint[node]!, this.#terms[node]!, this.#error[node]!];
      const [branches, length] = [this.branches(node), this.length(node)];
      if (branches !== undefined || length !== undefined) {
        gates.push(node);
        const room = error + this.#dropped(node);
        for (const branch of branches ?? []) reach(branch, 0, terms, room);
        for (const { node: entry, factor } of length ?? []) reach(entry, 0, terms * factor, room * factor);
      } else if (isJump(tape, node)) jumps.push(node);
      else
        partials(tape, node, tape, (operand, slope, size, moved) => {
          // What another program has for a slope that is 0 here may be as large as its error.
          const most = terms + error;
          if (most === 0) return reach(operand, 0, 0, 0);
          const e =
            (error === 0 ? 0 : error * size) + (moved === 0 ? 0 : most * moved) + underflow(terms, size);
          reach(operand, adjoint === 0 ? 0 : adjoint * slope, terms === 0 ? 0 : terms * size, e);
        });
    }
    touched.sort((a, b) => a - b);
    const swept = { coordinates: this.#slopes(touched, false), gates: this.#slopes(gates, true), jumps };
    for (const node of [...done, ...touched])
      this.#seen[node] = this.#adjoint[node] = this.#terms[node] = this.#error[node] = 0;
    return swept;
  }

  /** `clean`: what is 0 within its slack becomes 0. */
  #slopes(nodes: readonly number[], clean: boolean): Slopes {
    const slack = nodes.map((node) => this.#slack(node));
    const slope = nodes.map((node, n) => {
      const adjoint = this.#adjoint[node]!;
      return clean && Math.abs(adjoint) <= slack[n]! ? 0 : adjoint;
    });
    return { nodes, slope, slack };
  }

  #slack(node: number): number {
    const [terms, error] = [this.#terms[node]!, this.#error[node]!];
    return terms + error === 0 ? 0 : roundings * unit * terms + generosity * error + 4 * leastNormal;
  }

  /** The slope by a gate when it is 0 within its slack: the gate is left out, and others may have kept it. */
  #dropped(node: number): number {
    const size = Math.abs(this.#adjoint[node]!);
    return size <= this.#slack(node) ? size : 0;
  }

  /** The vector that a node is the length of, where that is 0. */
  length(node: number): readonly Entry[] | undefined {
    const op = this.#tape.op[node]!;
    if (op !== "sqrt" && op !== "pow" && op !== "hypot") return undefined;
    if (this.#lengths.has(node)) return this.#lengths.get(node);
    const found = vanishingLength(this.#tape, node);
    this.#lengths.set(node, found);
    return found;
  }

  /** The operands that a node may pass on when it is a gate: rounding decides between them. */
  branches(node: number): readonly number[] | undefined {
    const tape = this.#tape;
    switch (tape.op[node]) {
      case "abs":
      case "relu":
        return nearZero(tape, tape.operand(node, 0)) ? [tape.operand(node, 0)] : undefined;
      case "max":
      case "min": {
        if (this.#branches.has(node)) return this.#branches.get(node);
        const among = contenders(tape, node);
        const open = among.length > 1 ? among.map((n) => tape.operand(node, n)) : undefined;
        this.#branches.set(node, open);
        return open;
      }
      case "select":
        if (truth(tape, tape.operand(node, 0)) !== undefined) return undefined;
        return [tape.operand(node, 1), tape.operand(node, 2)];
      default:
        return undefined;
    }
  }
}

/** What a product of magnitudes may lose below the normal numbers, where roundings are absolute. */
const underflow = (terms: number, size: number): number =>
  terms * size < leastNormal && terms !== 0 && size !== 0 ? Number.MIN_VALUE : 0;

function isJump(tape: Tape, node: number): boolean {
  switch (tape.op[node]) {
    case "sign":
      return nearZero(tape, tape.operand(node, 0));
    case "iverson":
      return truth(tape, tape.operand(node, 0)) === undefined;
    case "argmax":
    case "argmin":
      return contenders(tape, node).length > 1;
    default:
      return false;
  }
}

/** A priority queue that gives the greatest node first. */
class Queue {
  readonly #heap: number[] = [];

  push(node: number): void {
    const heap = this.#heap;
    let at = heap.push(node) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]! >= node) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = node;
  }

  /** −1 when empty. */
  pop(): number {
    const heap = this.#heap;
    const top = heap[0];
    if (top === undefined) return -1;
    const last = heap.pop()!;
    if (heap.length === 0) return top;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && heap[child + 1]! > heap[child]!) child++;
      if (heap[child]! <= last) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}
