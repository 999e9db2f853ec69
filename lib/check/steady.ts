/** Values that depend on coordinates and yet stay as they are beside the point: positions of clear winners, counts, signs. */
import type { Tape } from "./tape.ts";
import { contenders, nearZero, truth } from "./ties.ts";

const known = new WeakMap<Tape, Map<number, boolean>>();

/** Whether a node has the same value everywhere near the point: it rests on settled choices alone. */
export function isSteady(tape: Tape, node: number): boolean {
  if (tape.active[node] === 0) return true;
  if (node < tape.length && tape.op[node] === "coordinate") return false;
  let memo = known.get(tape);
  if (memo === undefined) known.set(tape, (memo = new Map()));
  let steady = memo.get(node);
  if (steady === undefined) memo.set(node, (steady = look(tape, node)));
  return steady;
}

function look(tape: Tape, node: number): boolean {
  switch (tape.op[node]) {
    case "argmax":
    case "argmin":
      return contenders(tape, node).length === 1;
    case "sign":
      return !nearZero(tape, tape.operand(node, 0));
    case "iverson":
      return truth(tape, tape.operand(node, 0)) !== undefined;
    case "select": {
      const guard = truth(tape, tape.operand(node, 0));
      return guard !== undefined && isSteady(tape, tape.operand(node, guard ? 1 : 2));
    }
    default: {
      if (tape.op[node] === "mul" && hasNoughtBeside(tape, node)) return true;
      for (let n = 0; n < tape.arity(node); n++) if (!isSteady(tape, tape.operand(node, n))) return false;
      return true;
    }
  }
}

/** Whether a factor that nothing moves is 0. */
function hasNoughtBeside(tape: Tape, node: number): boolean {
  for (let n = 0; n < tape.arity(node); n++) {
    const factor = tape.operand(node, n);
    if (tape.active[factor] === 0 && tape.value[factor] === 0 && tape.value[node] === 0) return true;
  }
  return false;
}
