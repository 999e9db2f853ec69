/** A program along one coordinate: its values, slopes and kinks there, and what difference quotients say. */
import { localModelOf } from "../check/gates.ts";
import { moved, positionIn, type Point } from "../check/point.ts";
import { Replayer, type Move } from "../check/replay.ts";
import { traceAt, type Trace } from "../check/trace.ts";
import { crossings, guardAt, type Crossing, type Guard } from "./guards.ts";

/** A kink on the way, at a signed distance from the point. */
export interface SliceKink {
  readonly guard: string;
  /** The guard's value at the point. */
  readonly value: number;
  readonly at: number;
  /** The slopes just before it and just after, along the coordinate. */
  readonly left: number;
  readonly right: number;
  /** By how much the value is higher just after it than just before; 0 where it is continuous. */
  readonly jump: number;
}

export interface Quotient {
  readonly step: number;
  readonly numeric: number;
  /** What rounding may have done to it. */
  readonly rounding: number;
  readonly straddled: number;
}

export class Slice {
  /** As in `W[3,1]`. */
  readonly name: string;
  readonly position: readonly number[];
  readonly input: string;
  /** The slope that the program's own choice of branches has at the point. */
  readonly slope: number;
  readonly value: number;
  readonly crossings: readonly Crossing[];
  readonly #point: Point;
  readonly #trace: Trace;
  readonly #replayer: Replayer;
  readonly #move: Move;
  readonly #nodes: Int32Array;

  constructor(point: Point, traced: Trace, replayer: Replayer, guards: readonly Guard[], coordinate: number) {
    this.#point = point;
    this.#trace = traced;
    this.#replayer = replayer;
    this.#move = { coordinates: [coordinate], by: [1] };
    this.#nodes = replayer.dependents([coordinate]);
    const block = traced.blocks.find((b) => coordinate >= b.from && coordinate < b.from + b.size)!;
    this.input = block.name;
    this.position = positionIn(block.shape, coordinate - block.from);
    this.name = block.shape.length === 0 ? block.name : `${block.name}[${this.position.join(",")}]`;
    this.crossings = crossings(guards, coordinate);
    this.value = traced.tape.value[traced.root]!;
    this.slope = this.#run(0).slope;
  }

  /** The value, its rounding error and the slope so far along. */
  #run(t: number): { value: number; error: number; slope: number } {
    const { value, error, slope, left } = this.#replayer.run(this.#move, t, this.#nodes);
    if (!left) return { value, error, slope };
    // Off the tape: a branch that the point does not take.
    const values = this.#point.wrt.flatMap((name) => [...this.#point.binding.arrays.get(name)!.data]);
    const [c] = this.#move.coordinates as [number];
    const there = moved(this.#point, values.with(c, values[c]! + t));
    const traced = traceAt(there);
    const { nodes, slope: slopes } = localModelOf(traced).root.coordinates;
    const { tape, root } = traced;
    return { value: tape.value[root]!, error: tape.error[root]!, slope: slopes[nodes.indexOf(c)] ?? 0 };
  }

  at(t: number): number {
    return this.#run(t).value;
  }

  /** A central difference as people write it. */
  quotient(step: number): Quotient {
    const [right, left] = [this.#run(step), this.#run(-step)];
    return {
      step,
      numeric: (right.value - left.value) / (2 * step),
      rounding: (right.error + left.error) / (2 * step),
      straddled: this.within(step).length,
    };
  }

  within(reach: number): readonly Crossing[] {
    return this.crossings.filter(({ at }) => Math.abs(at) < reach);
  }

  /** The kinks within reach, from left to right, the nearest ones if there are many. */
  kinks(reach: number, most = 12): readonly SliceKink[] {
    const near = this.within(reach)
      .slice(0, most)
      .toSorted((a, b) => a.at - b.at);
    return near.map(({ guard, at }, n) => {
      const before = n === 0 ? at - Math.max(reach, Math.abs(at)) : near[n - 1]!.at;
      const after = n === near.length - 1 ? at + Math.max(reach, Math.abs(at)) : near[n + 1]!.at;
      const [left, right] = [this.#run(beside(at, before)), this.#run(beside(at, after))];
      const [run, rest] = [at - beside(at, before), beside(at, after) - at];
      return {
        ...guardAt(this.#trace, guard),
        at,
        left: left.slope,
        right: right.slope,
        jump: jump(left, right, run, rest),
      };
    });
  }
}

interface Side {
  readonly value: number;
  readonly error: number;
  readonly slope: number;
}

/** What both slopes, over these ways, do not explain of the difference: 0 where curvature or rounding may. */
function jump(left: Side, right: Side, run: number, rest: number): number {
  const rise = left.slope * run + right.slope * rest;
  const unexplained = right.value - left.value - rise;
  const explicable = Math.abs(left.slope * run) + Math.abs(right.slope * rest);
  return Math.abs(unexplained) > explicable + 64 * (left.error + right.error) ? unexplained : 0;
}

/** A point beside a kink, on the way to its neighbour. */
const beside = (at: number, neighbour: number): number => at + (neighbour - at) / 1000;
