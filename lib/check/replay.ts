/**
 * A tape run again beside its point: only what depends on the coordinates that move.
 *
 * A choice that comes out differently is *turned*: between the point and its neighbour
 * lies a kink or a jump. Where a turned choice leads to a branch that the tape does not
 * hold, the run has *left* the tape and its value means nothing.
 */
import { degreeOf, scaleOf } from "./course.ts";
import { partials } from "./partials.ts";
import { settle } from "./settle.ts";
import type { State, Tape } from "./tape.ts";
import { contenders, isOpen, isTest, truth } from "./ties.ts";
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
      if (this.#leaves(node)) left = true;
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
      this.#degree[node] = degreeOf(tape, node, this.#degree);
      scale = Math.min(scale, scaleOf(tape, node, this.#rate, this.#degree[node]!));
    }
    const degree = this.#degree[root]!;
    const watched = watch.map((node) => this.#distance(node));
    for (const node of nodes) this.#rate[node] = this.#degree[node] = 0;
    return { slope, kink, scale, degree, watched };
  }

  /**
   * How far away choices turn along a move, to first order and whatever rounding has made of their guards: the last
   * that is open (0 when they are all exactly on their kink), and the first that is settled.
   */
  turns(move: Move, choices: Iterable<number>): { open: number; settled: number } {
    const { tape } = this.#trace;
    const nodes = this.dependents(move.coordinates);
    this.#push(move, nodes, tape);
    let [open, settled] = [0, Infinity];
    for (const node of choices) {
      const among = isOpen(tape, node) ? contenders(tape, node) : [];
      for (const { gap, speed, error, option } of this.#gaps(node, tape)) {
        if (Number.isNaN(gap / speed) || speed === 0) continue;
        const isTie = option === undefined ? isOpen(tape, node) : among.includes(option);
        if (isTie) open = Math.max(open, (Math.abs(gap) + error) / Math.abs(speed));
        else settled = Math.min(settled, Math.max(0, Math.abs(gap) - error) / Math.abs(speed));
      }
    }
    for (const node of nodes) this.#rate[node] = 0;
    return { open, settled };
  }

  /** The nodes before `last` that depend on a coordinate, itself among them, in order. */
  between(coordinate: number, last: number): Int32Array {
    const { tape, n } = this.#trace;
    const depends = new Uint8Array(last);
    depends[coordinate] = 1;
    const found = [coordinate];
    for (let node = n; node < last; node++) {
      for (let k = 0; k < tape.arity(node); k++)
        if (depends[tape.operand(node, k)] === 1 && tape.active[node] === 1) depends[node] = 1;
      if (depends[node] === 1) found.push(node);
    }
    return Int32Array.from(found);
  }

  /**
   * The guard of a choice and its rate by a coordinate, when that coordinate is x; `nodes` are those between the two.
   * Undefined when the guard does not move, "left" when the tape does not hold the branches that are taken at x.
   */
  approach(
    node: number,
    coordinate: number,
    x: number,
    nodes: Int32Array,
  ): { gap: number; speed: number } | "left" | undefined {
    const { tape, n } = this.#trace;
    const state = (this.#state ??= copied(tape));
    state.value[coordinate] = x;
    for (const at of nodes) {
      if (at < n) continue;
      settle(tape, at, state);
      if (state.picked[at] !== tape.picked[at] && this.#leaves(at)) return "left";
    }
    this.#push({ coordinates: [coordinate], by: [1] }, nodes, state);
    const found = this.#approach(node, state, true);
    for (const at of nodes) this.#rate[at] = 0;
    return found;
  }

  /** The value of a node after the last approach. */
  valueOf(node: number): number {
    return (this.#state ?? this.#trace.tape).value[node]!;
  }

  /** Whether the tape does not hold what follows when this choice comes out differently. */
  #leaves(node: number): boolean {
    const { tape } = this.#trace;
    const op = tape.op[node]!;
    return op === "argmax" || op === "argmin" || (isTest(tape, node) && truth(tape, node) !== undefined);
  }

  /** How far a choice is from turning, to first order. */
  #distance(node: number): number {
    if (!this.#trace.origins.has(node)) return Infinity;
    const found = this.#approach(node, this.#trace.tape, false);
    return found === undefined ? Infinity : Math.abs(found.gap / found.speed);
  }

  /** Of a choice between several, the guard that is reached first. `at0`: also one that is 0 already. */
  #approach(
    node: number,
    state: Pick<State, "value" | "picked">,
    at0: boolean,
  ): { gap: number; speed: number } | undefined {
    let best: { gap: number; speed: number } | undefined;
    for (const { gap, speed } of this.#gaps(node, state)) {
      if (speed === 0 || (gap === 0 && !at0) || !Number.isFinite(gap)) continue;
      if (best === undefined || Math.abs(gap / speed) < Math.abs(best.gap / best.speed))
        best = { gap, speed };
    }
    return best;
  }

  /** The guards of a choice, each with its rate; of an extremum, that of every `option` against the winner. */
  #gaps(node: number, { value, picked }: Pick<State, "value" | "picked">): readonly Gap[] {
    const { tape } = this.#trace;
    const rate = this.#rate;
    const [a, b] = [tape.operand(node, 0), tape.arity(node) > 1 ? tape.operand(node, 1) : -1];
    switch (tape.op[node]) {
      case "abs":
      case "relu":
      case "sign":
        return [{ gap: value[a]!, speed: rate[a]!, error: tape.error[a]! }];
      case "max":
      case "min":
      case "argmax":
      case "argmin": {
        const winner = tape.operand(node, picked[node]!);
        const gaps: Gap[] = [];
        for (let option = 0; option < tape.arity(node); option++) {
          const other = tape.operand(node, option);
          gaps.push({
            gap: value[winner]! - value[other]!,
            speed: rate[winner]! - rate[other]!,
            error: tape.error[winner]! + tape.error[other]!,
            option,
          });
        }
        return gaps;
      }
      default:
        return [
          {
            gap: value[a]! - value[b]!,
            speed: rate[a]! - rate[b]!,
            error: tape.error[a]! + tape.error[b]!,
          },
        ];
    }
  }
}

/** A guard, how fast it changes, and which operand of an extremum it is about. */
interface Gap {
  readonly gap: number;
  readonly speed: number;
  readonly error: number;
  readonly option?: number;
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
