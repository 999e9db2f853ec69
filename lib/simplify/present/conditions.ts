/** Conditions, in the order in which they are asked. */
import { apply, children, type Expr } from "../../expr/node.ts";
import type { Go } from "./writer.ts";

export function writeAll(conditions: readonly Expr[], go: Go): Expr {
  const sorted = inOrder(conditions).map(go);
  return sorted.length === 1 ? sorted[0]! : apply("and", ...sorted);
}

/**
 * Conditions in the order in which they are to be asked: what keeps a subscript inside is asked before
 * what reads there, as in t + 1 < N and k == y[t+1]; for the rest, indices come before values.
 */
export const inOrder = (conditions: readonly Expr[]): readonly Expr[] =>
  conditions.toSorted(
    (a, b) => readDepth(a) - readDepth(b) || Number(aboutIndices(b)) - Number(aboutIndices(a)),
  );

/** How deep reads stand in the subscripts of reads: 0 without any, 1 for y[i], 2 for s[i, y[i]]. */
export function readDepth(e: Expr): number {
  const depths = new Map<Expr, number>();
  const visit = (e: Expr): number => {
    let depth = depths.get(e);
    if (depth === undefined) {
      depth = Math.max(0, ...children(e).map(visit)) + (e.kind === "read" ? 1 : 0);
      depths.set(e, depth);
    }
    return depth;
  };
  return visit(e);
}

export const aboutIndices = (c: Expr): boolean => c.kind === "apply" && c.args[0]!.type === "int";
