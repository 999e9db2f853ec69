/**
 * The guards of a traced program with their slopes: for each place where a choice turns,
 * what is 0 there, and how fast it moves along every coordinate.
 */
import { guardOf } from "../check/label.ts";
import { Sweeper, type Swept } from "../check/sweep.ts";
import type { Trace } from "../check/trace.ts";

export interface Guard {
  /** Its choice on the tape. */
  readonly node: number;
  /** Its value: 0 is the kink. */
  readonly gap: number;
  /** The coordinates that move it, and how fast. */
  readonly coordinates: readonly number[];
  readonly slopes: readonly number[];
}

/** Every guard of the point; for a max over several, the winner against each of the others. */
export function guardsOf({ tape, n, origins }: Trace): readonly Guard[] {
  const sweeper = new Sweeper(tape, n);
  const swept = new Map<number, Swept>();
  const slopesOf = (operand: number): Swept | undefined => {
    if (tape.active[operand] === 0) return undefined;
    let known = swept.get(operand);
    if (known === undefined) swept.set(operand, (known = sweeper.sweep(operand)));
    return known;
  };
  const guards: Guard[] = [];
  for (const node of origins.keys())
    for (const [a, b] of sides(node)) {
      const gap = tape.value[a]! - (b === undefined ? 0 : tape.value[b]!);
      const slope = new Map<number, number>();
      add(slope, slopesOf(a), 1);
      if (b !== undefined) add(slope, slopesOf(b), -1);
      const moving = [...slope].filter(([, s]) => s !== 0);
      if (moving.length > 0)
        guards.push({ node, gap, coordinates: moving.map(([c]) => c), slopes: moving.map(([, s]) => s) });
    }
  return guards;

  function sides(node: number): readonly (readonly [number, number | undefined])[] {
    const arity = tape.arity(node);
    if (arity === 1) return [[tape.operand(node, 0), undefined]];
    if (!/^(?:arg)?(?:max|min)$/u.test(tape.op[node]!))
      return [[tape.operand(node, 0), tape.operand(node, 1)]];
    const winner = tape.picked[node]!;
    return Array.from({ length: arity }, (_, k) => k).flatMap((k) =>
      k === winner ? [] : [pair(node, Math.min(k, winner), Math.max(k, winner))],
    );
  }

  function pair(node: number, a: number, b: number): readonly [number, number] {
    return [tape.operand(node, a), tape.operand(node, b)];
  }
}

function add(to: Map<number, number>, swept: Swept | undefined, factor: number): void {
  if (swept === undefined) return;
  const { nodes, slope } = swept.coordinates;
  for (const [n, c] of nodes.entries()) to.set(c, (to.get(c) ?? 0) + factor * slope[n]!);
}

/** A guard on the way of one coordinate: the move that brings it to 0, to first order. */
export interface Crossing {
  readonly guard: Guard;
  /** Signed. */
  readonly at: number;
}

/** The guards that one coordinate moves, the nearest first. */
export function crossings(guards: readonly Guard[], coordinate: number): readonly Crossing[] {
  return guards
    .flatMap((guard) => {
      const n = guard.coordinates.indexOf(coordinate);
      return n < 0 ? [] : [{ guard, at: -guard.gap / guard.slopes[n]! }];
    })
    .toSorted((a, b) => Math.abs(a.at) - Math.abs(b.at));
}

/** In the user's notation, with the indices' values; and its value. */
export const guardAt = (trace: Trace, { node }: Guard): { guard: string; value: number } =>
  guardOf(trace, node);
