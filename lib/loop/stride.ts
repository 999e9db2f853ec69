/** How a loop walks through memory. */
import { children, occursFree, type Expr, type Index, type Node } from "../expr/node.ts";

/**
 * Whether a sum reads memory in order with `inner` as its innermost loop and not with
 * its own index: some read jumps along the sum's index, none along `inner`.
 */
export const streams = (sum: Node<"reduce">, inner: Index): boolean =>
  !isReduced(sum.body) &&
  reads(sum.body).some((r) => jumps(r, sum.over)) &&
  !reads(sum.body).some((r) => jumps(r, inner));

/** A read jumps along an index that stands in any subscript but the last. */
const jumps = (r: Node<"read">, i: Index): boolean =>
  r.at.some((s, axis) => axis < r.at.length - 1 && occursFree(i, s));

const isReduced = (e: Expr): boolean => e.kind === "reduce" || children(e).some(isReduced);

const reads = (e: Expr): readonly Node<"read">[] =>
  e.kind === "read" ? [e, ...e.at.flatMap(reads)] : children(e).flatMap(reads);
