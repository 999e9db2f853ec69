/** Expressions up to the names of their free indices. */
import { at, freeIndices, index, type Expr, type Index } from "./node.ts";
import { substitute } from "./substitute.ts";

/** The n-th free index of an expression, under a name of our own. */
export const canonicalIndex = (n: number, { extent }: Index): Index => index(`•${n}`, extent);

/** What stands for each free index, in order of appearance. */
export const canonicalIndices = (e: Expr): ReadonlyMap<Index, Expr> =>
  new Map(freeIndices(e).map((i, n) => [i, at(canonicalIndex(n, i))]));

const canonicals = new WeakMap<Expr, Expr>();

/** The expression with indices of our own for its free ones. */
export function canonicalOf(e: Expr): Expr {
  let canonical = canonicals.get(e);
  if (canonical === undefined) canonicals.set(e, (canonical = substitute(e, canonicalIndices(e))));
  return canonical;
}
