/** Choices of a tape in the user's own notation, with the indices' values: `score[3,7] - score[3,y[3]] + Delta`. */
import { apply, num, type Expr, type Index, type Node } from "../expr/node.ts";
import { substitute } from "../expr/substitute.ts";
import { print } from "../text/print.ts";
import type { Origin, Trace } from "./trace.ts";

/** A guard: an expression that is 0 where the choice turns, and what it is worth. */
export interface GuardReport {
  readonly guard: string;
  readonly value: number;
}

/** The guard of a choice at one place. For a max of several, of the two that are nearest to each other. */
export function guardOf({ tape, origins }: Trace, node: number): GuardReport {
  const origin = origins.get(node);
  if (origin === undefined) return { guard: "?", value: tape.value[node]! };
  const { expr } = origin;
  const value = (n: number): number => tape.value[tape.operand(node, n)]!;
  if (expr.kind === "apply" && tape.arity(node) === 1)
    return { guard: text(placed(expr.args[0]!, origin.at)), value: value(0) };
  const [a, b] = nearestPair(tape.arity(node), value, tape.picked[node]!, isExtremum(tape.op[node]!));
  const sides = [branch(origin, a), branch(origin, b)] as const;
  return { guard: text(gap(...sides)), value: sense(sides[0]) * (value(a) - value(b)) + 0 };
}

/** What a guard's value is to be multiplied by: −1 when the guard of `max(0, x)` is written x, the second less the first. */
export const sense = (first: Expr): 1 | -1 => (isZero(first) ? -1 : 1);

const isZero = (e: Expr): boolean => e.kind === "num" && e.value === 0;

const isExtremum = (op: string): boolean => ["max", "min", "argmax", "argmin"].includes(op);

/** The winner and the one next to it; for a comparison, its two sides. */
function nearestPair(
  count: number,
  value: (n: number) => number,
  winner: number,
  extremum: boolean,
): [number, number] {
  if (!extremum) return [0, 1];
  let next = winner === 0 ? 1 : 0;
  for (let n = 0; n < count; n++)
    if (n !== winner && Math.abs(value(n) - value(winner)) < Math.abs(value(next) - value(winner))) next = n;
  return winner < next ? [winner, next] : [next, winner];
}

function branch({ expr, at, positions }: Origin, n: number): Expr {
  if (expr.kind === "reduce") return placed(expr.body, [...at, [expr.over, positions![n]!]]);
  return placed((expr as Node<"apply">).args[n]!, at);
}

const placed = (e: Expr, at: readonly (readonly [Index, number])[]): Expr =>
  substitute(e, new Map(at.map(([i, value]) => [i, num(value)])));

/** a − b, or the one that is not 0. */
function gap(a: Expr, b: Expr): Expr {
  return isZero(a) ? b : isZero(b) ? a : apply("sub", a, b);
}

const text = (e: Expr): string => print(e, { most: 200 });

const guardNames = new WeakMap<Expr, string>();

/** The guard of a choice wherever it stands, with its indices as they are written. */
export function guardName(expr: Origin["expr"]): string {
  let name = guardNames.get(expr);
  if (name === undefined) guardNames.set(expr, (name = nameOf(expr)));
  return name;
}

function nameOf(expr: Origin["expr"]): string {
  if (expr.kind === "reduce" || expr.kind !== "apply") return text(expr);
  const [a, b] = expr.args;
  return expr.args.length === 1 ? text(a!) : expr.args.length === 2 ? text(gap(a!, b!)) : text(expr);
}
