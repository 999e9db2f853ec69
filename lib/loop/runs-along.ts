/**
 * Running reductions: over all that comes before an index, or from it on, such as sum(t >= k, g[t]) for every k.
 * In order of k each of them is the one before and a term more, where no term changes with k.
 */
import { at, occursFree, type Expr, type Index, type Node } from "../expr/node.ts";
import { affine, conjuncts, rangeOf } from "./affine.ts";

/** The one of `indices` that a reduction runs along; undefined where there is none. */
export function runsAlong(e: Node<"reduce">, indices: readonly Index[]): Index | undefined {
  const { least, end, equal, rest } = rangeOf(e.over, conjuncts(e.guard));
  const [limit, ...more] = [...least, ...end];
  if (limit === undefined || more.length + equal.length > 0) return undefined;
  return indices.find((i) => isBeside(limit, i) && ![e.body, ...rest].some((part) => occursFree(i, part)));
}

/** Whether it is an index, or one more. */
function isBeside(e: Expr, i: Index): boolean {
  const { terms, constant } = affine(e);
  return terms.size === 1 && terms.get(at(i)) === 1 && (constant === 0 || constant === 1);
}
