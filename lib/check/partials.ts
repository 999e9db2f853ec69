/**
 * The partial derivatives of one node of a tape by its operands, each with the
 * magnitude of the terms it is computed from and a bound of its error.
 *
 * Where a node picks one of several, the one it picked has slope 1 and the others 0.
 */
import { unreachable } from "../errors.ts";
import { double } from "../number/double.ts";
import { isSmooth, smooth, type Smooth } from "./functions.ts";
import { leastNormal, unit } from "./settle.ts";
import type { State, Tape } from "./tape.ts";

/** ∂node/∂operand. `error` bounds what rounding of the operands does to the slope; `terms` ≥ |slope|. */
export type Visit = (operand: number, slope: number, terms: number, error: number) => void;

export function partials(tape: Tape, node: number, state: State, visit: Visit): void {
  const { value, error, picked } = state;
  const op = tape.op[node]!;
  const a = tape.arity(node) > 0 ? tape.operand(node, 0) : -1;
  const b = tape.arity(node) > 1 ? tape.operand(node, 1) : -1;
  switch (op) {
    case "coordinate":
    case "constant":
    case "stop":
    case "sign":
    case "argmax":
    case "argmin":
    case "lt":
    case "le":
    case "gt":
    case "ge":
    case "eq":
    case "ne":
    case "and":
    case "or":
    case "not":
    case "iverson":
      return;
    case "add":
      for (let n = 0; n < tape.arity(node); n++) visit(tape.operand(node, n), 1, 1, 0);
      return;
    case "sub":
      visit(a, 1, 1, 0);
      return visit(b, -1, 1, 0);
    case "neg":
      return visit(a, -1, 1, 0);
    case "dot":
      for (let n = 0; n < tape.arity(node); n += 2) {
        const [x, y] = [tape.operand(node, n), tape.operand(node, n + 1)];
        if (tape.active[x]) visit(x, value[y]!, Math.abs(value[y]!), error[y]!);
        if (tape.active[y]) visit(y, value[x]!, Math.abs(value[x]!), error[x]!);
      }
      return;
    case "mul":
      return productPartials(tape, node, state, visit);
    case "div": {
      const slope = 1 / value[b]!;
      const near = Math.abs(value[b]!) - error[b]!;
      const e = error[b] === 0 ? 0 : near > 0 ? (Math.abs(slope) * error[b]!) / near : Infinity;
      visit(a, slope, Math.abs(slope), e);
      if (!tape.active[b]) return;
      const [f, ef] = [value[node]!, error[node]!];
      return visit(
        b,
        -f * slope,
        Math.abs(f * slope),
        ef * Math.abs(slope) + (e === 0 ? 0 : e * (Math.abs(f) + ef)),
      );
    }
    case "pow":
      return powerPartials(tape, node, state, visit);
    case "max":
    case "min":
      return visit(tape.operand(node, picked[node]!), 1, 1, 0);
    case "abs":
      return visit(a, picked[node]!, 1, 0);
    case "relu":
      return picked[node]! > 0 ? visit(a, 1, 1, 0) : undefined;
    case "select":
      return visit(tape.operand(node, 1 + picked[node]!), 1, 1, 0);
    case "logsumexp":
      for (let n = 0; n < tape.arity(node); n++) {
        const operand = tape.operand(node, n);
        const drop = value[operand]! - value[node]!;
        const share = Math.exp(drop);
        // A share is at most 1, however little of it rounding leaves.
        const moved = Math.min(1, share * Math.expm1(error[operand]! + error[node]! + unit * Math.abs(drop)));
        visit(operand, share, share, share > leastNormal ? moved : drop > -Infinity ? leastNormal : 0);
      }
      return;
    case "atan2": {
      const square = value[a]! ** 2 + value[b]! ** 2;
      const e = (error[a]! + error[b]!) / square;
      visit(a, value[b]! / square, Math.abs(value[b]! / square), 3 * e);
      return visit(b, -value[a]! / square, Math.abs(value[a]! / square), 3 * e);
    }
    case "hypot": {
      const e = (2 * (error[a]! + error[b]!)) / value[node]!;
      visit(a, value[a]! / value[node]!, Math.abs(value[a]! / value[node]!), e);
      return visit(b, value[b]! / value[node]!, Math.abs(value[b]! / value[node]!), e);
    }
    case "expsum":
    case "exactsum":
    case "roundoff":
    case "mulroundoff":
    case "precise":
    case "quotient":
      throw new Error(`${op} reached the checker: it is for code, made after differentiation`);
    default:
      return isSmooth(op) ? functionPartial(op, a, state, node, visit) : unreachable(op);
  }
}

/** Each operand's slope is the product of the others. */
function productPartials(tape: Tape, node: number, { value, error }: State, visit: Visit): void {
  const arity = tape.arity(node);
  const after: number[] = Array.from({ length: arity + 1 }, () => 1);
  const afterWide: number[] = Array.from({ length: arity + 1 }, () => 1);
  for (let n = arity - 1; n >= 0; n--) {
    const operand = tape.operand(node, n);
    after[n] = after[n + 1]! * value[operand]!;
    afterWide[n] = afterWide[n + 1]! * (Math.abs(value[operand]!) + error[operand]!);
  }
  let [before, beforeWide] = [1, 1];
  for (let n = 0; n < arity; n++) {
    const operand = tape.operand(node, n);
    const slope = before * after[n + 1]!;
    const wide = beforeWide * afterWide[n + 1]!;
    if (tape.active[operand]) visit(operand, slope, Math.abs(slope), Math.max(0, wide - Math.abs(slope)));
    before *= value[operand]!;
    beforeWide *= Math.abs(value[operand]!) + error[operand]!;
  }
}

function powerPartials(tape: Tape, node: number, { value, error }: State, visit: Visit): void {
  const [a, b] = [tape.operand(node, 0), tape.operand(node, 1)];
  const [x, y, f] = [value[a]!, value[b]!, value[node]!];
  if (tape.active[a]) {
    const slope = y === 0 ? 0 : y * x ** (y - 1);
    const at = (x: number): number => Math.abs(Math.abs(y) * Math.abs(x) ** (y - 1) - Math.abs(slope));
    const e = error[a]!;
    const reach = e === 0 || y === 0 ? 0 : Math.max(at(Math.abs(x) + e), at(Math.max(0, Math.abs(x) - e)));
    const exponent = error[b] === 0 ? 0 : Math.abs(slope) * error[b]! * (1 + Math.abs(Math.log(Math.abs(x))));
    visit(a, slope, Math.abs(slope), reach + 4 * unit * Math.abs(slope) + exponent);
  }
  if (!tape.active[b]) return;
  const slope = f === 0 ? 0 : f * Math.log(x);
  const base = error[a] === 0 ? 0 : Math.abs(f) * (error[a]! / Math.abs(x));
  const moved = f === 0 ? 0 : error[node]! * Math.abs(Math.log(x));
  visit(b, slope, Math.abs(slope), moved + base + 4 * unit * Math.abs(slope));
}

function functionPartial(
  op: Smooth,
  operand: number,
  { value, error }: State,
  node: number,
  visit: Visit,
): void {
  const { slope: at, terms } = smooth[op];
  const [x, f, e] = [value[operand]!, value[node]!, error[operand]!];
  const slope = at(x, f);
  const size = terms === undefined ? Math.abs(slope) : Math.max(Math.abs(slope), terms(x, f));
  let moved = 4 * unit * size;
  if (e !== 0) {
    const { functions } = double;
    const low = at(x - e, functions[op](x - e));
    const high = at(x + e, functions[op](x + e));
    const reach = Math.max(Math.abs(low - slope), Math.abs(high - slope));
    moved += Number.isNaN(reach) ? Infinity : reach;
  }
  if (slope === 0 && f === 0 && x < 0) moved += leastNormal; // exp has run out of digits, its slope with it
  visit(operand, slope, size, moved);
}
