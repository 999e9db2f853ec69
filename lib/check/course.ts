/** What a node of a tape is like along a direction: a polynomial of some degree, and how soon it looks different. */
import { isSmooth, smooth } from "./functions.ts";
import type { Tape } from "./tape.ts";

/** The degree of a node as a polynomial along a direction, between kinks, from those of its operands; Infinity when it is none. */
export function degreeOf(tape: Tape, node: number, degree: Float64Array): number {
  switch (tape.op[node]) {
    case "add":
    case "sub":
    case "neg":
    case "abs":
    case "relu":
    case "max":
    case "min":
      return greatest(tape, node, degree);
    case "select":
      return degree[tape.operand(node, 1 + tape.picked[node]!)]!;
    case "mul": {
      let d = 0;
      for (let n = 0; n < tape.arity(node); n++) d += degree[tape.operand(node, n)]!;
      return d;
    }
    case "dot": {
      let d = 0;
      for (let n = 0; n < tape.arity(node); n += 2)
        d = Math.max(d, degree[tape.operand(node, n)]! + degree[tape.operand(node, n + 1)]!);
      return d;
    }
    case "div":
      return degree[tape.operand(node, 1)]! > 0 ? Infinity : degree[tape.operand(node, 0)]!;
    case "pow":
      return powerDegree(tape, node, degree);
    case "sign":
    case "stop":
      return 0;
    default:
      return greatest(tape, node, degree) > 0 ? Infinity : 0;
  }
}

function greatest(tape: Tape, node: number, degree: Float64Array): number {
  let d = 0;
  for (let n = 0; n < tape.arity(node); n++) d = Math.max(d, degree[tape.operand(node, n)]!);
  return d;
}

function powerDegree(tape: Tape, node: number, degree: Float64Array): number {
  const [base, exponent] = [degree[tape.operand(node, 0)]!, degree[tape.operand(node, 1)]!];
  const power = tape.value[tape.operand(node, 1)]!;
  if (base === 0 && exponent === 0) return 0;
  return exponent === 0 && Number.isInteger(power) && power >= 0 ? base * power : Infinity;
}

/** How far the direction can be followed before a node's function looks different. `rate`: of each node along the direction. */
export function scaleOf(tape: Tape, node: number, rate: Float64Array, degree: number): number {
  const op = tape.op[node]!;
  switch (op) {
    case "div":
      return relative(tape, node, 1, rate);
    case "pow": {
      const exponent = speed(tape, node, 1, rate);
      if (speed(tape, node, 0, rate) > 0 && degree === Infinity) return relative(tape, node, 0, rate);
      return exponent > 0 ? 1 / exponent : Infinity;
    }
    case "logsumexp":
      return 1 / spread(tape, node, rate);
    case "hypot":
    case "atan2": {
      const moved = Math.hypot(speed(tape, node, 0, rate), speed(tape, node, 1, rate));
      const size = Math.hypot(tape.value[tape.operand(node, 0)]!, tape.value[tape.operand(node, 1)]!);
      return moved > 0 ? size / moved : Infinity;
    }
    default:
      if (!isSmooth(op)) return Infinity;
      return smooth[op].scale === "own" ? relative(tape, node, 0, rate) : 1 / speed(tape, node, 0, rate);
  }
}

const speed = (tape: Tape, node: number, n: number, rate: Float64Array): number =>
  Math.abs(rate[tape.operand(node, n)]!);

/** The size of an operand in relation to its speed; Infinity for one that stays. */
function relative(tape: Tape, node: number, n: number, rate: Float64Array): number {
  const moved = speed(tape, node, n, rate);
  return moved > 0 ? Math.abs(tape.value[tape.operand(node, n)]!) / moved : Infinity;
}

function spread(tape: Tape, node: number, rate: Float64Array): number {
  let [low, high] = [Infinity, -Infinity];
  for (let n = 0; n < tape.arity(node); n++) {
    low = Math.min(low, rate[tape.operand(node, n)]!);
    high = Math.max(high, rate[tape.operand(node, n)]!);
  }
  return Math.max(0, high - low);
}
