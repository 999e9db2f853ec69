/**
 * Coordinates that a scalar does not bring together: with f(x, y) = g(x) + h(y), any limit of ∇g
 * beside any limit of ∇h is a limit of ∇f.
 */
import type { Tape } from "./tape.ts";
import type { Trace } from "./trace.ts";

/** The coordinates, parted so that the scalar is a sum of functions of one part each. */
export function separateCoordinates({ tape, root, n, unsteady }: Trace): number[][] {
  const all = Array.from({ length: n }, (_, c) => c);
  // A constant of a `stop`, or a subscript that is computed, may rest on coordinates that leave no mark.
  if (unsteady.size > 0 || tape.op.includes("stop")) return [all];
  const joins = joined(tape, root);
  const leader = new Int32Array(tape.length).fill(-1);
  const parents = Int32Array.from(all);
  const find = (c: number): number => {
    while (parents[c] !== c) c = parents[c] = parents[parents[c]!]!;
    return c;
  };
  for (let node = 0; node <= root; node++) {
    if (node < n) leader[node] = node;
    else if (joins[node] === 1)
      for (const operand of operandsOf(tape, node)) {
        if (leader[node]! >= 0) parents[find(leader[operand]!)] = find(leader[node]!);
        else leader[node] = leader[operand]!;
      }
  }
  const parts = new Map<number, number[]>();
  for (const c of all) {
    const part = parts.get(find(c));
    if (part === undefined) parts.set(find(c), [c]);
    else part.push(c);
  }
  return [...parts.values()];
}

/** 1 for each node whose operands meet in something that is not linear; the root's own sums part them. */
function joined(tape: Tape, root: number): Uint8Array {
  const summed = new Uint8Array(root + 1);
  const joins = new Uint8Array(root + 1);
  summed[root] = 1;
  for (let node = root; node >= 0; node--) {
    if (summed[node] === 0 && joins[node] === 0) continue;
    if (joins[node] === 0 && !isLinear(tape, node)) joins[node] = 1;
    for (const operand of operandsOf(tape, node)) (joins[node] === 1 ? joins : summed)[operand] = 1;
  }
  return joins;
}

const operandsOf = (tape: Tape, node: number): number[] =>
  Array.from({ length: tape.arity(node) }, (_, k) => tape.operand(node, k)).filter(
    (operand) => tape.active[operand] === 1,
  );

/** Whether a node is a linear function of those of its operands that depend on coordinates. */
function isLinear(tape: Tape, node: number): boolean {
  const active = (k: number): number => tape.active[tape.operand(node, k)]!;
  switch (tape.op[node]) {
    case "add":
    case "sub":
    case "neg":
      return true;
    case "mul":
      return operandsOf(tape, node).length === 1;
    case "div":
      return active(1) === 0;
    case "dot":
      return Array.from({ length: tape.arity(node) / 2 }, (_, k) => active(2 * k) * active(2 * k + 1)).every(
        (both) => both === 0,
      );
    default:
      return false;
  }
}
