/** Reductions other than sums: what does not depend on the index comes out. */
import { apply, num, occursFree, reduce, size, type Expr, type Index } from "../expr/node.ts";
import type { Reduction } from "../expr/ops.ts";
import type { Algebra } from "./algebra.ts";
import { always, conjuncts, never } from "./condition.ts";
import { separate } from "./product-rules.ts";
import { factorsOf } from "./term.ts";

// prettier-ignore
const empty: Record<Reduction, number> = { sum: 0, prod: 1, max: -Infinity, min: Infinity, logsumexp: -Infinity, argmax: -1, argmin: -1 };

export function reduction(op: Reduction, over: Index, guard: Expr | undefined, body: Expr, s: Algebra): Expr {
  if (guard === never) return num(empty[op]);
  const kept = guard === always ? undefined : guard;
  if (op === "sum") return s.sum([over], s.mul([body, ...conjuncts(kept).map((c) => apply("iverson", c))]));
  if (op === "prod") return product(over, kept, body, s);
  if (op === "logsumexp" && kept === undefined && !occursFree(over, body)) return sameTerms(over, body, s);
  const [outside, inside] = separate(body, over);
  if (op === "argmax" || op === "argmin")
    return reduce(op, over, kept, inside.length > 0 ? s.add(inside) : body);
  if (outside.length === 0 || inside.length === 0) return reduce(op, over, kept, body);
  // max_j (c + f(j)) = c + max_j f(j)
  const before = reduce(op, over, kept, body);
  return s.record("pull-out", before, s.add([...outside, s.reduce(op, over, kept, s.add(inside))]));
}

/** log Σ_j e^c = c + log extent; −∞ where there is no term. */
function sameTerms(over: Index, body: Expr, s: Algebra): Expr {
  const terms = s.call("log", [s.simplify(size(over.extent))]);
  return s.record("pull-out", reduce("logsumexp", over, undefined, body), s.add([body, terms]));
}

/** Π_j c·f(j) = c^extent · Π_j f(j); under a guard the number of factors is counted. */
function product(over: Index, guard: Expr | undefined, body: Expr, s: Algebra): Expr {
  const outside = factorsOf(body).filter((f) => !occursFree(over, f));
  if (outside.length === 0 || guard !== undefined) return reduce("prod", over, guard, body);
  const inside = factorsOf(body).filter((f) => occursFree(over, f));
  const times = s.simplify(size(over.extent));
  const before = reduce("prod", over, guard, body);
  const rest = inside.length === 0 ? [] : [reduce("prod", over, undefined, s.mul(inside))];
  return s.record("pull-out", before, s.mul([s.pow(s.mul(outside), times), ...rest]));
}
