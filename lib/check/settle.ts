/**
 * The value of one node of a tape from the values of its operands, with a bound of its rounding error.
 *
 * The bounds hold for every order of summation and for functions good to two ulp,
 * so that they bound what another program for the same formula can get, too.
 */
import { unreachable } from "../errors.ts";
import { double } from "../number/double.ts";
import { isSmooth, smooth, type Smooth } from "./functions.ts";
import type { State, Tape } from "./tape.ts";
import { truth } from "./ties.ts";

/** Half the distance from 1 to the next double: the relative error of one rounding. */
export const unit = 2 ** -53;

/** Below this, doubles have fewer digits: an error of this size comes with every result that is smaller. */
export const leastNormal = 2 ** -1022;

const values = double.functions;

/** Fills in value, error and pick of a node; those of its operands must be there. */
export function settle(tape: Tape, node: number, state: State): void {
  const { value, error, picked } = state;
  const op = tape.op[node]!;
  const arity = tape.arity(node);
  const a = arity > 0 ? tape.operand(node, 0) : -1;
  const b = arity > 1 ? tape.operand(node, 1) : -1;
  switch (op) {
    case "coordinate":
    case "constant":
      return;
    case "add":
      return settleSum(tape, node, state);
    case "dot":
      return settleDot(tape, node, state);
    case "mul":
      return settleProduct(tape, node, state);
    case "sub": {
      const v = value[a]! - value[b]!;
      return put(state, node, v, error[a]! + error[b]! + unit * Math.abs(v));
    }
    case "neg":
      return put(state, node, -value[a]!, error[a]!);
    case "div": {
      const v = value[a]! / value[b]!;
      const room = Math.abs(value[b]!) - error[b]!;
      const moved = error[a]! + (error[b] === 0 ? 0 : Math.abs(v) * error[b]!);
      return put(state, node, v, (moved === 0 ? 0 : room > 0 ? moved / room : Infinity) + rounding(v));
    }
    case "pow":
      return settlePower(tape, node, state);
    case "max":
    case "min":
    case "argmax":
    case "argmin":
      return settleExtremum(tape, node, state);
    case "abs":
      picked[node] = Math.sign(value[a]!);
      return put(state, node, Math.abs(value[a]!), error[a]!);
    case "relu":
      picked[node] = Math.sign(value[a]!);
      return put(state, node, values.relu(value[a]!), value[a]! + error[a]! <= 0 ? 0 : error[a]!);
    case "sign":
      picked[node] = Math.sign(value[a]!);
      return put(
        state,
        node,
        Math.sign(value[a]!),
        Math.abs(value[a]!) <= error[a]! && tape.active[a] ? 2 : 0,
      );
    case "stop":
      return put(state, node, value[a]!, error[a]!);
    case "atan2": {
      const distance = Math.hypot(value[a]!, value[b]!) - error[a]! - error[b]!;
      const moved = error[a]! + error[b]!;
      const v = values.atan2(value[a]!, value[b]!);
      return put(
        state,
        node,
        v,
        (moved === 0 ? 0 : distance > 0 ? moved / distance : Infinity) + rounding(v),
      );
    }
    case "hypot": {
      const v = values.hypot(value[a]!, value[b]!);
      return put(state, node, v, error[a]! + error[b]! + rounding(v));
    }
    case "logsumexp":
      return settleLogSumExp(tape, node, state);
    case "lt":
    case "le":
    case "gt":
    case "ge":
    case "eq":
    case "ne": {
      const order = double.compare(value[a]!, value[b]!);
      picked[node] = holds[op](order) ? 1 : 0;
      return put(state, node, picked[node]!, 0);
    }
    case "and":
    case "or": {
      const stops = op === "and" ? 0 : 1;
      let result = 1 - stops;
      for (let n = 0; n < arity; n++) if (value[tape.operand(node, n)] === stops) result = stops;
      picked[node] = result;
      return put(state, node, result, 0);
    }
    case "not":
      picked[node] = value[a] === 0 ? 1 : 0;
      return put(state, node, picked[node]!, 0);
    case "iverson":
      picked[node] = value[a]!;
      return put(state, node, value[a]!, truth(tape, a) === undefined ? 1 : 0);
    case "select": {
      picked[node] = value[a] === 1 ? 0 : 1;
      const [taken, other] = [tape.operand(node, 1 + picked[node]!), tape.operand(node, 2 - picked[node]!)];
      // Two sides are there only where rounding decides between them.
      const apart = Math.abs(value[taken]! - value[other]!);
      return put(state, node, value[taken]!, error[taken]! + (Number.isFinite(apart) ? apart : 0));
    }
    case "expsum":
    case "exactsum":
    case "roundoff":
    case "mulroundoff":
    case "precise":
    case "quotient":
      throw new Error(`${op} reached the checker: it is for code, made after differentiation`);
    default:
      return isSmooth(op) ? settleFunction(op, value[a]!, error[a]!, node, state) : unreachable(op);
  }
}

/** What is not finite has no error that would mean anything, but what has overflowed on the way may be anything. */
function put({ value, error }: State, node: number, v: number, e: number): void {
  value[node] = v;
  error[node] = Number.isFinite(v) || e === Infinity ? e : 0;
}

/** Whether a value has overflowed, though its operands had not. */
export const hasOverflowed = ({ value, error, length }: Tape): boolean =>
  error.some((e, node) => e === Infinity && node < length && !Number.isFinite(value[node]!));

/** As `put`, for arithmetic: a result that is not finite, of operands that are, has overflowed. */
function putArithmetic(tape: Tape, node: number, state: State, v: number, e: number): void {
  if (Number.isFinite(v)) return put(state, node, v, e);
  let [overflowed, finite] = [false, true];
  for (let n = 0; n < tape.arity(node); n++) {
    const operand = tape.operand(node, n);
    if (state.error[operand] === Infinity) overflowed = true;
    if (!Number.isFinite(state.value[operand]!)) finite = false;
  }
  put(state, node, v, overflowed || finite ? Infinity : 0);
}

// prettier-ignore
const holds = {
  lt: (order: number) => order < 0,
  le: (order: number) => order <= 0,
  gt: (order: number) => order > 0,
  ge: (order: number) => order >= 0,
  eq: (order: number) => order === 0,
  ne: (order: number) => order !== 0,
};

/** The error of a result that is good to two ulp. */
const rounding = (v: number): number =>
  4 * unit * Math.abs(v) + (v !== 0 && Math.abs(v) < leastNormal ? leastNormal : 0);

function settleSum(tape: Tape, node: number, state: State): void {
  const { value, error } = state;
  const arity = tape.arity(node);
  let [total, moved, size] = [0, 0, 0];
  for (let n = 0; n < arity; n++) {
    const operand = tape.operand(node, n);
    total = n === 0 ? value[operand]! : total + value[operand]!;
    moved += error[operand]!;
    size += Math.abs(value[operand]!);
  }
  putArithmetic(tape, node, state, total, moved + Math.max(0, arity - 1) * unit * size);
}

function settleDot(tape: Tape, node: number, state: State): void {
  const { value, error } = state;
  const arity = tape.arity(node);
  let [total, moved, size] = [0, 0, 0];
  for (let n = 0; n < arity; n += 2) {
    const [x, y] = [tape.operand(node, n), tape.operand(node, n + 1)];
    const term = value[x]! * value[y]!;
    total = n === 0 ? term : total + term;
    size += Math.abs(term);
    const [ex, ey] = [error[x]!, error[y]!];
    if (ex !== 0 || ey !== 0) moved += ex * Math.abs(value[y]!) + ey * Math.abs(value[x]!) + ex * ey;
    if (term !== 0 && Math.abs(term) < leastNormal) moved += leastNormal;
  }
  putArithmetic(tape, node, state, total, moved + (arity / 2) * unit * size);
}

function settleProduct(tape: Tape, node: number, state: State): void {
  const { value, error } = state;
  let product = value[tape.operand(node, 0)]!;
  let moved = error[tape.operand(node, 0)]!;
  for (let n = 1; n < tape.arity(node); n++) {
    const operand = tape.operand(node, n);
    const [v, e] = [value[operand]!, error[operand]!];
    const next = product * v;
    moved =
      (moved === 0 ? 0 : moved * (Math.abs(v) + e)) +
      (e === 0 ? 0 : e * Math.abs(product)) +
      unit * Math.abs(next);
    if (next !== 0 && Math.abs(next) < leastNormal) moved += leastNormal;
    product = next;
  }
  putArithmetic(tape, node, state, product, moved);
}

function settlePower(tape: Tape, node: number, state: State): void {
  const { value, error } = state;
  const [a, b] = [tape.operand(node, 0), tape.operand(node, 1)];
  const [x, y, ex, ey] = [value[a]!, value[b]!, error[a]!, error[b]!];
  const v = values.pow(x, y);
  let moved = rounding(v);
  if (ex !== 0) {
    const wide = Math.abs(values.pow(Math.abs(x) + ex, y) - Math.abs(v));
    const near =
      Math.abs(x) > ex
        ? Math.abs(values.pow(Math.abs(x) - ex, y) - Math.abs(v))
        : y < 0
          ? Infinity
          : Math.abs(v);
    moved += Math.max(wide, near);
  }
  if (ey !== 0) moved += Math.abs(v * Math.log(Math.abs(x))) * ey * 2;
  // At 0 it has a pole, which is no overflow.
  if (x === 0) put(state, node, v, moved);
  else putArithmetic(tape, node, state, v, moved);
}

function settleExtremum(tape: Tape, node: number, { value, error, picked }: State): void {
  const op = tape.op[node]!;
  const sign = op === "max" || op === "argmax" ? 1 : -1;
  let winner = 0;
  for (let n = 1; n < tape.arity(node); n++) {
    const [best, v] = [value[tape.operand(node, winner)]!, value[tape.operand(node, n)]!];
    if (!Number.isNaN(best) && (Number.isNaN(v) || sign * v > sign * best)) winner = n;
  }
  picked[node] = winner;
  if (op === "argmax" || op === "argmin") return;
  const best = tape.operand(node, winner);
  const reach = sign * value[best]! - error[best]!;
  let moved = error[best]!;
  for (let n = 0; n < tape.arity(node); n++) {
    const operand = tape.operand(node, n);
    if (sign * value[operand]! + error[operand]! >= reach) moved = Math.max(moved, error[operand]!);
  }
  value[node] = value[best]!;
  error[node] = moved;
}

/** Of max + log Σ exp(term − max), the sum over all terms. */
function settleLogSumExp(tape: Tape, node: number, { value, error }: State): void {
  const arity = tape.arity(node);
  let [greatest, moved] = [-Infinity, 0];
  for (let n = 0; n < arity; n++) {
    const operand = tape.operand(node, n);
    greatest = Math.max(greatest, value[operand]!);
    moved = Math.max(moved, error[operand]!);
  }
  value[node] = greatest;
  error[node] = 0;
  if (!Number.isFinite(greatest)) return;
  let total = 0;
  for (let n = 0; n < arity; n++) total += Math.exp(value[tape.operand(node, n)]! - greatest);
  value[node] = greatest + Math.log(total);
  error[node] = moved + unit * (8 + arity + 4 * Math.abs(greatest) + 4 * Math.log(total));
}

function settleFunction(op: Smooth, x: number, e: number, node: number, state: State): void {
  const v = values[op](x);
  let moved = rounding(v);
  if (e !== 0) {
    const [low, high] = [values[op](x - e), values[op](x + e)];
    const reach = Math.max(Math.abs(high - v), Math.abs(v - low));
    const slope = Math.abs(smooth[op].slope(x, v)) * e;
    // Outside the domain one neighbour is NaN: the value may be anything up to the edge, but for a root, which ends there.
    moved += Number.isNaN(reach)
      ? op === "sqrt"
        ? high
        : Infinity
      : Math.max(reach, slope < Infinity ? slope : 0);
  }
  if (v === 0 && x !== 0 && Number.isFinite(x)) moved += leastNormal;
  put(state, node, v, moved);
}
