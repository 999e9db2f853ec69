/**
 * Constants that single precision does not hold, folded in doubles first: 1e300 · x · 1e-300 is x, though neither
 * constant is a number there.
 */
import { constant, type Nest, type Scalar } from "../loop/nest.ts";
import { replaced, rewritten } from "../loop/rewrite.ts";
import { isBeyondSingle } from "../stable/single.ts";

/** The nest with each product that has such a constant among its factors made a product with one constant. */
export function constantsTogether(nest: Nest): Nest {
  return { ...nest, body: nest.body.map((s) => rewritten(s, together)) };
}

/** `constant` times the others. */
interface Product {
  readonly constant: number;
  readonly others: readonly Scalar[];
  /** Whether a constant among the factors is beyond single precision. */
  readonly beyond: boolean;
}

function together(s: Scalar): Scalar | undefined {
  const { constant: c, others, beyond } = productOf(s);
  // Alone, or at its limits in doubles, too, a constant stays as it is written.
  if (!beyond || !Number.isFinite(c) || c === 0 || (others.length === 1 && s === others[0])) return undefined;
  const rest = others.map((other) => replaced(other, together));
  const first = constant(c, "real");
  if (rest.length === 0) return s.kind === "const" ? undefined : first;
  return {
    kind: "apply",
    type: "real",
    op: "mul",
    args: c === 1 && rest.length > 1 ? rest : [first, ...rest],
  };
}

function productOf(s: Scalar): Product {
  if (s.kind === "const" && s.type !== "bool")
    return { constant: s.value, others: [], beyond: isBeyondSingle(s.value) };
  if (s.kind === "apply" && s.type === "real" && s.op === "mul")
    return s.args.map(productOf).reduce((a, b) => ({
      constant: a.constant * b.constant,
      others: [...a.others, ...b.others],
      beyond: a.beyond || b.beyond,
    }));
  if (s.kind === "apply" && s.type === "real" && s.op === "div") {
    const [above, below] = [productOf(s.args[0]!), productOf(s.args[1]!)];
    if (below.others.length === 0)
      return {
        constant: above.constant / below.constant,
        others: above.others,
        beyond: above.beyond || below.beyond,
      };
  }
  return { constant: 1, others: [s], beyond: false };
}
