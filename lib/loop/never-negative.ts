/** Values that are never below 0, whatever the inputs are; "no" when it is not known. NaN is not below 0. */
import { unreachable } from "../errors.ts";
import type { Expr, Node } from "../expr/node.ts";
import type { Op } from "../expr/ops.ts";
import type { Stage } from "./stage.ts";

// prettier-ignore
const always: ReadonlySet<Op> = new Set<Op>([
  "abs", "exp", "expsum", "relu", "sigmoid", "softplus", "sqrt", "hypot", "cosh", "erfc", "iverson",
]);

// Operations that are so when all of their arguments are.
const whenAll: ReadonlySet<Op> = new Set<Op>([
  "add",
  "mul",
  "div",
  "min",
  "log1p",
  "expm1",
  "stop",
  "precise",
]);

/** Whether an expression is never below 0, given the names of arrays that never are. */
export function neverNegative(e: Expr, known: ReadonlySet<string>): boolean {
  switch (e.kind) {
    case "num":
      return e.value >= 0;
    case "index":
    case "size":
      return true;
    case "read":
      return known.has(e.name);
    case "where":
      return neverNegative(e.then, known) && neverNegative(e.else, known);
    case "reduce":
      return (
        e.op !== "logsumexp" && !e.op.startsWith("arg") && e.op !== "max" && neverNegative(e.body, known)
      );
    case "apply":
      return ofOperation(e, known);
    default:
      return unreachable(e);
  }
}

function ofOperation({ op, args }: Node<"apply">, known: ReadonlySet<string>): boolean {
  if (always.has(op)) return true;
  if (op === "mul" && args.length === 2 && args[0] === args[1]) return true;
  if (op === "max") return args.some((a) => neverNegative(a, known));
  if (op === "pow") return isEven(args[1]!) || neverNegative(args[0]!, known);
  return whenAll.has(op) && args.every((a) => neverNegative(a, known));
}

const isEven = (e: Expr): boolean => e.kind === "num" && e.value % 2 === 0;

/** The names of stages that are never below 0; each reads those before it. */
export function neverNegativeOf(stages: readonly Stage[]): ReadonlySet<string> {
  const known = new Set<string>();
  for (const stage of stages) {
    const sum = stage.role !== "accumulate" || stage.op !== "max";
    if (sum && neverNegative(stage.body, known)) known.add(stage.name);
  }
  return known;
}
