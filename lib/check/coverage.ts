/**
 * Which sides of its guards a program has been seen on.
 *
 * A guard whose other side no point has visited has not been checked there, however
 * many points were right.
 */
import { children } from "../expr/node.ts";
import { guardName, sense } from "./label.ts";
import type { GuardCoverage } from "./report.ts";
import { contenders, nearZero, truth } from "./ties.ts";
import type { Origin, Trace } from "./trace.ts";

interface Counts {
  readonly expr: Origin["expr"];
  readonly sides: Map<string, number>;
  ties: number;
}

/** The guards that a tape has passed, with the sides it took. */
export function coverage({ tape, origins }: Trace): GuardCoverage[] {
  const counts = new Map<Origin["expr"], Counts>();
  for (const [node, origin] of origins) {
    let count = counts.get(origin.expr);
    if (count === undefined) {
      const sides = new Map(sidesOf(origin.expr).map((side) => [side, 0]));
      counts.set(origin.expr, (count = { expr: origin.expr, sides, ties: 0 }));
    }
    const side = sideTaken({ tape }, node, origin);
    if (side === undefined) count.ties++;
    else count.sides.set(side, (count.sides.get(side) ?? 0) + 1);
  }
  return [...counts.values()].map(({ expr, sides, ties }) => ({
    guard: guardName(expr),
    sides: [...sides].map(([side, visits]) => ({ side, visits })),
    ties,
  }));
}

/** What sides there are: below and above 0, or who wins. */
function sidesOf(expr: Origin["expr"]): string[] {
  if (expr.kind === "reduce") return ["the first wins", "another wins"];
  if (children(expr).length <= 2) return ["< 0", "> 0"];
  return children(expr).map((_, n) => `argument ${n + 1} wins`);
}

/** The side of one instance; undefined on the kink. */
function sideTaken({ tape }: Pick<Trace, "tape">, node: number, { expr }: Origin): string | undefined {
  const arity = tape.arity(node);
  const op = tape.op[node]!;
  const [a, b] = [tape.operand(node, 0), arity > 1 ? tape.operand(node, 1) : -1];
  if (arity === 1)
    return nearZero(tape, a) || tape.value[a] === 0 ? undefined : tape.value[a]! < 0 ? "< 0" : "> 0";
  if (op === "max" || op === "min" || op === "argmax" || op === "argmin") {
    if (contenders(tape, node).length > 1) return undefined;
    const winner = tape.picked[node]!;
    if (expr.kind === "reduce") return winner === 0 ? "the first wins" : "another wins";
    if (arity > 2) return `argument ${winner + 1} wins`;
  } else if (truth(tape, node) === undefined) return undefined;
  const gap = sense(children(expr)[0]!) * (tape.value[a]! - tape.value[b]!);
  return gap === 0 || Number.isNaN(gap) ? undefined : gap < 0 ? "< 0" : "> 0";
}

/** The visits of several points together. */
export function mergeCoverage(parts: Iterable<readonly GuardCoverage[]>): GuardCoverage[] {
  const all = new Map<string, { sides: Map<string, number>; ties: number }>();
  for (const part of parts)
    for (const { guard, sides, ties } of part) {
      let total = all.get(guard);
      if (total === undefined) all.set(guard, (total = { sides: new Map(), ties: 0 }));
      total.ties += ties;
      for (const { side, visits } of sides) total.sides.set(side, (total.sides.get(side) ?? 0) + visits);
    }
  return [...all].map(([guard, { sides, ties }]) => ({
    guard,
    sides: [...sides].map(([side, visits]) => ({ side, visits })),
    ties,
  }));
}

/** Guards and sides that nothing has visited: while there are any, "verified" may not be said. */
export function unvisited(guards: readonly GuardCoverage[]): { guard: string; side: string }[] {
  return guards.flatMap(({ guard, sides }) =>
    sides.filter(({ visits }) => visits === 0).map(({ side }) => ({ guard, side })),
  );
}
