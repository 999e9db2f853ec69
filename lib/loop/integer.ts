/** Integer arithmetic on scalars of a nest, for offsets and loop bounds: constants are folded, nothing else. */
import { resultType, type Op } from "../expr/ops.ts";
import { constant, operation, type Scalar } from "./nest.ts";
import { withParts } from "./rewrite.ts";

/** `op` applied to scalars, as it stands. */
export const call = (op: Op, ...args: readonly Scalar[]): Scalar =>
  operation(
    op,
    resultType(
      op,
      args.map((a) => a.type),
    ),
    args,
  );

export function plus(a: Scalar, b: Scalar): Scalar {
  if (a.kind === "const" && b.kind === "const") return constant(a.value + b.value);
  if (a.kind === "const" && a.value === 0) return b;
  if (b.kind === "const" && b.value === 0) return a;
  if (b.kind === "const" && b.value < 0) return minus(a, constant(-b.value));
  if (b.kind === "apply" && b.op === "neg") return minus(a, b.args[0]!);
  // a + (b - c) as (a + b) - c, and so on: sums lean left, as people write them.
  if (b.kind === "apply" && b.op === "sub") return minus(plus(a, b.args[0]!), b.args[1]!);
  if (b.kind === "apply" && b.op === "add") return b.args.reduce(plus, a);
  return call("add", a, b);
}

export function minus(a: Scalar, b: Scalar): Scalar {
  if (a.kind === "const" && b.kind === "const") return constant(a.value - b.value);
  if (b.kind === "const" && b.value === 0) return a;
  if (b.kind === "const" && b.value < 0) return plus(a, constant(-b.value));
  // (a + 1) - 1 is a, (a - 1) - 1 is a - 2.
  if (b.kind === "const" && a.kind === "apply" && a.args.length === 2 && a.args[1]!.kind === "const") {
    if (a.op === "add") return plus(a.args[0]!, constant(a.args[1]!.value - b.value));
    if (a.op === "sub") return minus(a.args[0]!, constant(a.args[1]!.value + b.value));
  }
  return call("sub", a, b);
}

export function times(a: Scalar, b: Scalar): Scalar {
  if (a.kind === "const" && b.kind === "const") return constant(a.value * b.value);
  if (a.kind === "const" && a.value === 1) return b;
  if (b.kind === "const" && b.value === 1) return a;
  if (a.kind === "const" && a.value === 0) return a;
  if (b.kind === "const" && b.value === 0) return b;
  return call("mul", a, b);
}

/** Sums and products of integers with what is known added up. */
export function folded(s: Scalar): Scalar {
  const now = withParts(s, folded);
  if (now.kind !== "apply" || now.type !== "int") return now;
  const [a, b, ...more] = now.args;
  if (a === undefined || b === undefined || more.length > 0) return now;
  if (now.op === "add") return plus(a, b);
  if (now.op === "sub") return minus(a, b);
  if (now.op === "mul") return times(a, b);
  return now;
}
