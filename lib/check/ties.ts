/**
 * Which choices of a tape rounding could turn: the guards that are 0 within their rounding error.
 *
 * A guard that depends on no coordinate is settled: moving the coordinates cannot turn it. So is one
 * between values that stay as they are beside the point, such as the position of a clear winner.
 */
import type { Tape } from "./tape.ts";
import { comparisons } from "../expr/syntax.ts";
import { isSteady } from "./steady.ts";

/** A guard is on its kink within this many times its error bound: other code may compute it by another formula. */
const room = 4;

/** Whether two operands are equal within the rounding error, one of them moving with the coordinates. */
function near(tape: Tape, a: number, b: number): boolean {
  if (tape.active[a] === 0 && tape.active[b] === 0) return false;
  const gap = Math.abs(tape.value[a]! - tape.value[b]!);
  if (!(gap <= room * (tape.error[a]! + tape.error[b]!))) return false;
  return !isSteady(tape, a) || !isSteady(tape, b);
}

/** Whether an operand is 0 within its rounding error. */
export const nearZero = (tape: Tape, a: number): boolean =>
  tape.active[a] === 1 && Math.abs(tape.value[a]!) <= room * tape.error[a]! && !isSteady(tape, a);

/** The operands (by position) that may win a max, min, argmax or argmin; the winner alone when it is settled. */
export function contenders(tape: Tape, node: number): readonly number[] {
  const winner = tape.picked[node]!;
  const best = tape.operand(node, winner);
  const among = [winner];
  let nodes: Set<number> | undefined; // most often there is no tie
  for (let n = 0; n < tape.arity(node); n++) {
    const operand = tape.operand(node, n);
    if (operand === best || nodes?.has(operand) || !near(tape, best, operand)) continue;
    (nodes ??= new Set()).add(operand);
    among.push(n);
  }
  return among.length > 1 ? among.toSorted((m, n) => m - n) : among;
}

/** What a condition is worth; undefined when rounding decides. */
export function truth(tape: Tape, node: number): boolean | undefined {
  const [a, b] = [
    tape.arity(node) > 0 ? tape.operand(node, 0) : -1,
    tape.arity(node) > 1 ? tape.operand(node, 1) : -1,
  ];
  switch (tape.op[node]) {
    case "lt":
    case "le":
    case "gt":
    case "ge":
    case "eq":
    case "ne":
      return near(tape, a, b) ? undefined : tape.picked[node] === 1;
    case "and":
    case "or": {
      const stops = tape.op[node] === "or";
      let open = false;
      for (let n = 0; n < tape.arity(node); n++) {
        const known = truth(tape, tape.operand(node, n));
        if (known === stops) return stops;
        if (known === undefined) open = true;
      }
      return open ? undefined : !stops;
    }
    case "not": {
      const known = truth(tape, a);
      return known === undefined ? undefined : !known;
    }
    case "select": {
      const guard = truth(tape, a);
      if (guard !== undefined) return truth(tape, tape.operand(node, guard ? 1 : 2));
      const [then, otherwise] = [truth(tape, b), truth(tape, tape.operand(node, 2))];
      return then === otherwise ? then : undefined;
    }
    default:
      return tape.value[node] !== 0;
  }
}

/** The comparisons that a condition rests on and that rounding decides. */
export function openTests(tape: Tape, node: number, found: Set<number> = new Set()): Set<number> {
  switch (tape.op[node]) {
    case "and":
    case "or":
    case "not":
    case "select":
      for (let n = 0; n < tape.arity(node); n++) openTests(tape, tape.operand(node, n), found);
      return found;
    default:
      if (isTest(tape, node) && truth(tape, node) === undefined) found.add(node);
      return found;
  }
}

const tests: ReadonlySet<string> = new Set(comparisons);

export const isTest = (tape: Tape, node: number): boolean => tests.has(tape.op[node]!);

/** Whether rounding could turn a choice. */
export function isOpen(tape: Tape, node: number): boolean {
  switch (tape.op[node]) {
    case "abs":
    case "relu":
    case "sign":
      return nearZero(tape, tape.operand(node, 0));
    case "max":
    case "min":
    case "argmax":
    case "argmin":
      return contenders(tape, node).length > 1;
    default:
      return isTest(tape, node) && truth(tape, node) === undefined;
  }
}
