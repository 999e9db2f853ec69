/** What rows look for in an expression: an operation, a number, two terms of a sum, a factor of a product. */
import { apply, num, type Expr, type Node } from "../expr/node.ts";
import type { Op } from "../expr/ops.ts";
import { factors, isSum, signed, signedTerms, sumOf, type Signed } from "./terms.ts";

export const isApply = <P extends Op>(e: Expr, op: P): e is Node<"apply"> =>
  e.kind === "apply" && e.op === op;
export const argument = (e: Node<"apply">): Expr => e.args[0]!;
export const isNum = (e: Expr, value: number): boolean => e.kind === "num" && e.value === value;
export const isReal = (e: Expr): boolean => e.type === "real";
export const one = num(1);
export const infinity = num(Infinity, "real");
export const isFinite = (e: Expr): Expr => apply("lt", apply("abs", e), infinity);

/** Two terms of opposite signs that `pick` makes one of, and the others. */
export function pair(e: Expr, pick: (a: Expr, b: Expr) => Expr | undefined): Expr | undefined {
  if (!isSum(e)) return undefined;
  const terms = signedTerms(e);
  const [added, taken] = [terms.filter((t) => t.sign === 1), terms.filter((t) => t.sign === -1)];
  for (const a of terms)
    for (const b of a.sign === 1 ? taken : added) {
      const made = pick(a.of, b.of);
      if (made === undefined) continue;
      const rest: readonly Signed[] = terms.filter((t) => t !== a && t !== b);
      return rest.length === 0
        ? signed({ sign: a.sign, of: made })
        : sumOf([{ sign: a.sign, of: made }, ...rest]);
    }
  return undefined;
}

/** The one factor of a product that is `op` of something, and the others. */
export function factored(
  e: Expr,
  op: Op,
): { readonly f: Node<"apply">; readonly rest: readonly Expr[] } | undefined {
  const all = factors(e);
  const f = all.find((g) => isApply(g, op));
  return f?.kind === "apply" ? { f, rest: all.filter((g) => g !== f) } : undefined;
}

/** x of 1 + x, which may be a sum itself. */
export function besideOne(e: Expr): Expr | undefined {
  const terms = isSum(e) ? signedTerms(e) : [];
  const n = terms.findIndex((t) => t.sign === 1 && isNum(t.of, 1));
  return n < 0 || terms.length < 2 ? undefined : sumOf(terms.toSpliced(n, 1));
}
