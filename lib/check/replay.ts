/**
 * A tape run again beside its point: only what depends on the coordinates that move.
 *
 * A choice that comes out differently is *turned*: between the point and its neighbour
 * lies a kink or a jump. Where a turned choice leads to a branch that the tape does not
 * hold, the run has *left* the tape and its value means nothing.
 */
import { isSmooth, smooth } from "./functions.ts";
import { partials } from "./partials.ts";
import { settle } from "./settle.ts";
import type { State, Tape } from "./tape.ts";
import { isTest, truth } from "./ties.ts";
import type { Trace } from "./trace.ts";

/** A move: so much along each of these coordinates. */
export interface Move {
  readonly coordinates: readonly number[];
  readonly by: readonly number[];
}

export interface Run {
  readonly value: number;
  /** A bound of the rounding error of `value`. */
  readonly error: number;
  /** The slope along the move, in the cell that the neighbour lies in. */
  readonly slope: number;
  readonly turned: readonly number[];
  readonly left: boolean;
}

/** How the tape changes along a direction, at its point. */
export interface Course {
  /** The rate of the root. */
  readonly slope: number;
  /** The nearest settled choice that turns, to first order, with how far away it is in units of the direction, to either side. */
  readonly kink: { readonly node: number; readonly distance: number } | undefined;
  /** How far the functions on the way can be followed before they look different; Infinity when there are none. */
  readonly scale: number;
  /** The degree as a polynomial along the direction, between kinks; Infinity when it is none. */
  readonly degree: number;
  /** How far away each watched choice turns, to first order. */
  readonly watched: readonly number[];
}

export class Replayer {
  readonly #trace: Trace;
  readonly #rate: Float64Array;
  readonly #degree: Float64Array;
  #state: State | undefined;
  #consumers: { readonly first: Int32Array; readonly nodes: Int32Array } | undefined;
  /** Operands visited by all runs so far. */
  work = 0;

  constructor(trace: Trace) {
    const { tape } = trace;
    this.#trace = trace;
    this.#rate = new Float64Array(tape.length);
    this.#degree = new Float64Array(tape.length);
  }

  /** All nodes that depend on these coordinates, in order of computation. */
  dependents(coordinates: readonly number[]): Int32Array {
    const { first, nodes } = (this.#consumers ??= consumers(this.#trace));
    const seen = new Set(coordinates);
    const queue = [...coordinates];
    for (const node of queue)
      for (let n = first[node]!; n < first[node + 1]!; n++) {
        const consumer = nodes[n]!;
        if (seen.has(consumer)) continue;
        seen.add(consumer);
        queue.push(consumer);
      }
    return Int32Array.from(queue).toSorted();
  }

  /** The program at the point moved by `t` times `move`; `nodes` are the dependents of its coordinates. */
  run(move: Move, t: number, nodes: Int32Array): Run {
    const { tape, root, n } = this.#trace;
    const state = (this.#state ??= copied(tape));
    for (const [k, c] of move.coordinates.entries()) state.value[c] = tape.value[c]! + t * move.by[k]!;
    const turned: number[] = [];
    let left = false;
    for (const node of nodes) {
      if (node < n) continue;
      this.work += tape.arity(node);
      settle(tape, node, state);
      if (state.picked[node] === tape.picked[node]) continue;
      turned.push(node);
      const op = tape.op[node]!;
      if (op === "argmax" || op === "argmin" || (isTest(tape, node) && truth(tape, node) !== undefined))
        left = true;
    }
    const slope = this.#push(move, nodes, state);
    const run = { value: state.value[root]!, error: state.error[root]!, slope, turned, left };
    for (const node of nodes) {
      state.value[node] = tape.value[node]!;
      state.error[node] = tape.error[node]!;
      state.picked[node] = tape.picked[node]!;
      this.#rate[node] = 0;
    }
    return run;
  }

  /** The rate of the root along a move; the rates of all dependents are left in `#rate`. */
  #push(move: Move, nodes: Int32Array, state: State): number {
    const { tape, root, n } = this.#trace;
    const rate = this.#rate;
    for (const node of nodes) rate[node] = 0;
    for (const [k, c] of move.coordinates.entries()) rate[c] = move.by[k]!;
    for (const node of nodes) {
      if (node < n) continue;
      let sum = 0;
      partials(tape, node, state, (operand, slope) => {
        const r = rate[operand]!;
        if (r !== 0) sum += slope * r;
      });
      rate[node] = sum;
    }
    return rate[root]!;
  }

  /** `watch`: choices whose distance is wanted beside the nearest. */
  course(move: Move, nodes: Int32Array, watch: readonly number[] = []): Course {
    const { tape, n, root } = this.#trace;
    const slope = this.#push(move, nodes, tape);
    let kink: Course["kink"];
    let scale = Infinity;
    for (const c of move.coordinates) this.#degree[c] = 1;
    for (const node of nodes) {
      if (node < n) continue;
      const distance = this.#distance(node);
      if (distance < (kink?.distance ?? Infinity)) kink = { node, distance };
      this.#degree[node] = this.#degreeOf(node);
      scale = Math.min(scale, this.#scaleOf(node));
    }
    const degree = this.#degree[root]!;
    const watched = watch.map((node) => this.#distance(node));
    for (const node of nodes) this.#rate[node] = this.#degree[node] = 0;
    return { slope, kink, scale, degree, watched };
  }

  /** The guard of a choice and its rate along a move; undefined when the guard does not move. */
  approach(node: number, move: Move): { gap: number; speed: number } | undefined {
    const { tape } = this.#trace;
    const before = Int32Array.from({ length: node }, (_, n) => n).filter((n) => tape.active[n] === 1);
    this.#push(move, before, tape);
    const found = this.#approach(node, true);
    this.#rate.fill(0, 0, node);
    return found;
  }

  /** How far a choice is from turning, to first order. */
  #distance(node: number): number {
    if (!this.#trace.origins.has(node)) return Infinity;
    const found = this.#approach(node, false);
    return found === undefined ? Infinity : Math.abs(found.gap / found.speed);
  }

  /** Of a choice between several, the guard that is reached first. `at0`: also one that is 0 already. */
  #approach(node: number, at0: boolean): { gap: number; speed: number } | undefined {
    const { tape } = this.#trace;
    const { value } = tape;
    const rate = this.#rate;
    let best: { gap: number; speed: number } | undefined;
    const meet = (gap: number, speed: number): void => {
      if (speed === 0 || (gap === 0 && !at0) || !Number.isFinite(gap)) return;
      if (best === undefined || Math.abs(gap / speed) < Math.abs(best.gap / best.speed))
        best = { gap, speed };
    };
    const [a, b] = [tape.operand(node, 0), tape.arity(node) > 1 ? tape.operand(node, 1) : -1];
    switch (tape.op[node]) {
      case "abs":
      case "relu":
      case "sign":
        meet(value[a]!, rate[a]!);
        return best;
      case "max":
      case "min":
      case "argmax":
      case "argmin": {
        const winner = tape.operand(node, tape.picked[node]!);
        for (let k = 0; k < tape.arity(node); k++) {
          const other = tape.operand(node, k);
          meet(value[winner]! - value[other]!, rate[winner]! - rate[other]!);
        }
        return best;
      }
      default:
        meet(value[a]! - value[b]!, rate[a]! - rate[b]!);
        return best;
    }
  }

  #degreeOf(node: number): number {
    const { tape } = this.#trace;
    const degree = this.#degree;
    const op = tape.op[node]!;
    const of = (n: number): number => degree[tape.operand(node, n)]!;
    const most = (): number => {
      let d = 0;
      for (let n = 0; n < tape.arity(node); n++) d = Math.max(d, of(n));
      return d;
    };
    switch (op) {
      case "add":
      case "sub":
      case "neg":
      case "abs":
      case "relu":
      case "max":
      case "min":
        return most();
      case "select":
        return of(1 + tape.picked[node]!);
      case "mul": {
        let d = 0;
        for (let n = 0; n < tape.arity(node); n++) d += of(n);
        return d;
      }
      case "dot": {
        let d = 0;
        for (let n = 0; n < tape.arity(node); n += 2) d = Math.max(d, of(n) + of(n + 1));
        return d;
      }
      case "div":
        return of(1) > 0 ? Infinity : of(0);
      case "pow": {
        const power = tape.value[tape.operand(node, 1)]!;
        return most() === 0
          ? 0
          : of(1) === 0 && Number.isInteger(power) && power >= 0
            ? of(0) * power
            : Infinity;
      }
      case "sign":
      case "stop":
        return 0;
      default:
        return most() > 0 ? Infinity : 0;
    }
  }

  /** How far the direction can be followed before this node's function looks different. */
  #scaleOf(node: number): number {
    const { tape } = this.#trace;
    const rate = this.#rate;
    const op = tape.op[node]!;
    const speed = (n: number): number => Math.abs(rate[tape.operand(node, n)]!);
    const relative = (n: number): number => Math.abs(tape.value[tape.operand(node, n)]!) / speed(n);
    switch (op) {
      case "div":
        return speed(1) > 0 ? relative(1) : Infinity;
      case "pow":
        return speed(0) > 0 && this.#degree[node] === Infinity
          ? relative(0)
          : speed(1) > 0
            ? 1 / speed(1)
            : Infinity;
      case "logsumexp": {
        let [low, high] = [Infinity, -Infinity];
        for (let n = 0; n < tape.arity(node); n++) {
          low = Math.min(low, rate[tape.operand(node, n)]!);
          high = Math.max(high, rate[tape.operand(node, n)]!);
        }
        return high > low ? 1 / (high - low) : Infinity;
      }
      case "hypot":
      case "atan2":
        return (
          Math.hypot(tape.value[tape.operand(node, 0)]!, tape.value[tape.operand(node, 1)]!) /
          Math.hypot(speed(0), speed(1))
        );
      default:
        return isSmooth(op) && speed(0) > 0
          ? smooth[op].scale === "own"
            ? relative(0)
            : 1 / speed(0)
          : Infinity;
    }
  }
}

const copied = ({ value, error, picked, length }: Tape): State => ({
  value: value.slice(0, length),
  error: error.slice(0, length),
  picked: picked.slice(0, length),
});

function consumers({ tape }: Trace): { first: Int32Array; nodes: Int32Array } {
  const count = new Int32Array(tape.length + 1);
  const edges = (visit: (operand: number, node: number) => void): void => {
    for (let node = 0; node < tape.length; node++) {
      if (tape.active[node] === 0) continue;
      for (let n = 0; n < tape.arity(node); n++) {
        const operand = tape.operand(node, n);
        if (tape.active[operand] === 1) visit(operand, node);
      }
    }
  };
  edges((operand) => count[operand + 1]!++);
  for (let n = 0; n < tape.length; n++) count[n + 1]! += count[n]!;
  const nodes = new Int32Array(count[tape.length]!);
  const next = count.slice();
  edges((operand, node) => (nodes[next[operand]!++] = node));
  return { first: count, nodes };
}
