/** Reductions on a tape: terms whose guards rounding could turn are there through a choice. */
import { unreachable } from "../errors.ts";
import { sizeOf } from "../expr/extent.ts";
import type { Expr, Node } from "../expr/node.ts";
import { discrete, neutral, type DiscreteScope } from "./discrete.ts";
import type { Tape, TapeOp } from "./tape.ts";
import { contenders, truth } from "./ties.ts";

/** Puts a value on the tape; returns its node. */
export type Emit = () => number;

/** What a part of a program needs of the tracer. */
export interface Tracing extends DiscreteScope {
  /** That of the present point. */
  readonly tape: Tape;
  /** Whether an expression rests on no real number. */
  isDiscrete(e: Expr): boolean;
  emit(e: Expr): Emit;
  /** `source` is what chooses, `positions` the values of its index. */
  append(
    op: TapeOp,
    operands: readonly number[],
    source?: Node<"apply" | "reduce">,
    positions?: readonly number[],
  ): number;
}

/** A reduction, its terms each evaluated where its guard may hold. */
export function reduction(t: Tracing, e: Node<"reduce">): Emit {
  const { op, over, body } = e;
  const size = sizeOf(over.extent, t.sizes);
  const cell = t.cell(over);
  const accept = guarded(t, e);
  const isDot =
    op === "sum" &&
    body.kind === "apply" &&
    body.op === "mul" &&
    body.args.length === 2 &&
    !hasRealTest(t, body) &&
    accept.always;
  const factors = isDot ? body.args.map((a) => t.emit(a)) : [];
  const term = t.emit(body);
  return () => {
    const outer = cell.value;
    const operands: number[] = [];
    const positions: number[] = [];
    for (cell.value = 0; cell.value < size; cell.value++) {
      if (isDot) {
        if (accept.holds()) operands.push(factors[0]!(), factors[1]!());
        continue;
      }
      const node = accept.term(term);
      if (node < 0) continue;
      operands.push(node);
      positions.push(cell.value);
    }
    cell.value = outer;
    return fold(t, e, operands, positions, isDot);
  };
}

const hasRealTest = (t: Tracing, body: Node<"apply">): boolean =>
  body.args.some((a) => a.kind === "apply" && a.op === "iverson" && !t.isDiscrete(a));

/** How the guard of a reduction acts: on whole terms when it is discrete, through a choice when it tests reals. */
function guarded(
  t: Tracing,
  { op, guard }: Node<"reduce">,
): {
  always: boolean;
  holds: () => boolean;
  term: (term: Emit) => number;
} {
  if (guard === undefined) return { always: true, holds: () => true, term: (term) => term() };
  if (t.isDiscrete(guard)) {
    const condition = discrete(guard, t);
    const holds = (): boolean => condition() !== 0;
    return { always: true, holds, term: (term) => (holds() ? term() : -1) };
  }
  const condition = t.emit(guard);
  return {
    always: false,
    holds: () => true,
    term: (term) => {
      const node = condition();
      const known = truth(t.tape, node);
      if (known === false) return -1;
      return known === true ? term() : t.append("select", [node, term(), t.tape.constant(neutral[op])]);
    },
  };
}

function fold(
  t: Tracing,
  e: Node<"reduce">,
  operands: readonly number[],
  positions: readonly number[],
  isDot: boolean,
): number {
  const tape = t.tape;
  switch (e.op) {
    case "sum":
      if (operands.length === 0) return tape.constant(0);
      return isDot
        ? t.append("dot", operands)
        : operands.length === 1
          ? operands[0]!
          : t.append("add", operands);
    case "prod":
      if (operands.length === 0) return tape.constant(1);
      return operands.length === 1 ? operands[0]! : t.append("mul", operands);
    case "logsumexp":
      return operands.length === 0 ? tape.constant(-Infinity) : t.append("logsumexp", operands);
    case "max":
    case "min":
      if (operands.length === 0) return tape.constant(e.op === "max" ? -Infinity : Infinity);
      return operands.length === 1 ? operands[0]! : t.append(e.op, operands, e, positions);
    case "argmax":
    case "argmin": {
      if (operands.length === 0) return tape.constant(-1);
      const node = t.append(e.op, operands, e, positions);
      tape.value[node] = positions[tape.picked[node]!]!;
      if (contenders(tape, node).length > 1) tape.error[node] = Math.abs(positions.at(-1)! - positions[0]!);
      return node;
    }
    default:
      return unreachable(e.op);
  }
}
