/**
 * A multiple of z that goes up by z where a condition holds, by one product for both sides.
 *
 *   p ? (1 - t)*z : -(t*z)   ([p] - t)*z
 *
 * The left side is taken for its zeros: 0 where 1 - t or t is, also at an infinite z. Labels and signs are
 * what no processor foretells; that z is infinite is. Nothing is gained in accuracy: both sides are the same doubles.
 */
import { apply, num, rebuild, where, type Expr } from "../expr/node.ts";
import { rewriting } from "../expr/parts.ts";
import { guarded } from "./terms.ts";

/** An expression with such multiples by one product each. */
export const oneProduct = (e: Expr): Expr => rewriting((part, go) => multiple(rebuild(part, go)))(e);

function multiple(e: Expr): Expr {
  if (e.kind !== "where" || e.else.kind !== "apply" || e.else.op !== "neg") return e;
  const [above, below] = [guardedProduct(e.then), guardedProduct(e.else.args[0]!)];
  if (!above || !below || above.z !== below.z || above.x !== apply("sub", num(1), below.x)) return e;
  const { z } = below;
  const factor = apply("sub", apply("iverson", e.guard), below.x);
  const finite = apply("lt", apply("abs", z), num(Infinity, "real"));
  return where(finite, apply("mul", factor, z), guarded(factor, z));
}

/** x and z of a product x·z that is 0 where x is. */
function guardedProduct(e: Expr): { readonly x: Expr; readonly z: Expr } | undefined {
  const product = e.kind === "where" ? e.else : undefined;
  if (product?.kind !== "apply" || product.op !== "mul" || product.args.length !== 2) return undefined;
  const [x, z] = product.args as [Expr, Expr];
  return e === guarded(x, z) ? { x, z } : undefined;
}
