/** Where among the terms of a sum those of a function of an index are, at one of its values. */
import type { Extent } from "../../expr/extent.ts";
import { at, children, occursFree, type Expr, type Index } from "../../expr/node.ts";
import { partsOf } from "../../expr/parts.ts";
import { substitute } from "../../expr/substitute.ts";
import { unify, type Inside } from "../../simplify/unify.ts";
import { cancelled } from "../polynomial.ts";
import { opposite, signedTerms, withoutTerms, type Signed } from "../terms.ts";
import { spread } from "./spread.ts";

/** The extents of inputs and definitions. */
export type Shapes = ReadonlyMap<string, readonly Extent[]>;

/** A value of an index, and the terms of a sum that are not of the function at it. */
export interface Position {
  readonly x: Expr;
  readonly left: readonly Signed[];
}

/** Whether a subscript is in the range of the index that it stands for: the same axis, as long as the index is, was read there. */
export function inside(pattern: Expr, shapes: Shapes): Inside {
  const ranges = new Set<Index>();
  const visit = (e: Expr): void => {
    if (e.kind === "read")
      e.at.forEach((s, axis) => {
        if (s.kind === "index" && shapes.get(e.name)?.[axis] === s.index.extent) ranges.add(s.index);
      });
    children(e).forEach(visit);
  };
  visit(pattern);
  return (_, i) => ranges.has(i);
}

/** x such that the summands of a function of `over` are, at x, among the terms with this sign; and the other terms. */
export function among(
  summands: readonly Signed[],
  over: Index,
  terms: readonly Signed[],
  sign: 1 | -1,
  shapes: Shapes,
): Position | undefined {
  const pattern = summands.find((t) => occursFree(over, t.of));
  if (!pattern) return undefined;
  for (const t of terms) {
    if (t.sign !== sign * pattern.sign) continue;
    const x = unify(pattern.of, t.of, [over], inside(pattern.of, shapes))?.get(over);
    if (x === undefined) continue;
    const here = summands.flatMap((u) => signedTerms(substitute(u.of, new Map([[over, x]])), u.sign));
    const left = withoutTerms(terms, here, sign);
    if (left) return { x, left };
  }
  return undefined;
}

/** The same for a function that has a value of its own where its index is equal to something, at which the terms are. */
export function chosen(
  body: Expr,
  over: Index,
  terms: readonly Signed[],
  sign: 1 | -1,
  { shapes, simplify }: { readonly shapes: Shapes; readonly simplify: (e: Expr) => Expr },
): Position | undefined {
  for (const x of equals(body, over)) {
    if (!inside(body, shapes)(x, over)) continue;
    const here = spread({ sign: 1, of: simplify(substitute(body, new Map([[over, x]]))) });
    const all = terms.flatMap(spread);
    const left = cancelled([...all, ...(sign === 1 ? opposite(here) : here)]);
    if (left.length === all.length - here.length) return { x, left };
  }
  return undefined;
}

/** What an index is asked to be equal to in conditions. */
function equals(e: Expr, over: Index): ReadonlySet<Expr> {
  const found = new Set<Expr>();
  for (const part of partsOf(e)) {
    if (part.kind !== "apply" || part.op !== "eq") continue;
    const [a, b] = part.args as [Expr, Expr];
    if (a === at(over) && !occursFree(over, b)) found.add(b);
    if (b === at(over) && !occursFree(over, a)) found.add(a);
  }
  return found;
}
