/**
 * Sums over the classes of a softmax, before what is made of its probabilities is looked for: all of them
 * together are 1, and means under them that stand in one sum are one mean.
 */
import {
  apply,
  at,
  num,
  occursFree,
  rebuild,
  reduce,
  size,
  where,
  type Expr,
  type Index,
  type Node,
} from "../../expr/node.ts";
import type { Extent } from "../../expr/extent.ts";
import { conjoin } from "../../expr/nested-reduction.ts";
import { rewriting } from "../../expr/parts.ts";
import { substitute } from "../../expr/substitute.ts";
import type { Fired } from "../row.ts";
import { factors, isSum, product, signedTerms, sumOf, without, type Signed } from "../terms.ts";
import type { Families } from "./families.ts";
import { exponent, isExp, probability } from "./probability.ts";

/** An expression with its sums of probabilities, and its differences of means under them, in their better form. */
export function inTotals(e: Expr, families: Families, fired: Fired): Expr {
  const unsure = new Set<Extent>();
  const some = rewritten(e, families, (sum, { over, of }) => {
    if (mayBeEmpty(over, e.free)) unsure.add(over.extent);
    fired("sum of probabilities", sum, of);
    return of;
  });
  if (unsure.size === 0) return some;
  // Probabilities are 1 together, but none of them are 0.
  const none = rewritten(e, families, (_, { over, of }) => (mayBeEmpty(over, e.free) ? num(0) : of));
  const sizes = [...unsure].map((extent) => apply("gt", size(extent), num(0)));
  return where(conjoin(sizes)!, some, none);
}

/** Whether there may be no probability: where an index around runs over as many, there are some. */
const mayBeEmpty = ({ extent }: Index, around: readonly Index[]): boolean =>
  !around.some((i) => i.extent === extent) && !(extent.kind === "fixed" && extent.value > 0);

const rewritten = (e: Expr, families: Families, total: (sum: Expr, mean: Mean) => Expr): Expr =>
  rewriting((part, go) => {
    const inner = rebuild(part, go);
    if (isSum(inner)) return ofMeans(inner, families);
    const mean = meanOf(inner, families);
    return mean === undefined || occursFree(mean.over, mean.of) ? inner : total(inner, mean);
  })(e);

/** Σ_j p[j]·of. */
interface Mean {
  readonly over: Index;
  readonly p: Node<"apply">;
  readonly of: Expr;
}

function meanOf(e: Expr, families: Families): Mean | undefined {
  if (e.kind !== "reduce" || e.op !== "sum" || e.guard !== undefined) return undefined;
  const { over, body } = e;
  const parts = factors(body);
  const exps = parts.filter(isExp);
  const [exp] = exps;
  if (exp === undefined || exps.length > 1) return undefined;
  const p = probability(families, exponent(exp));
  if (!p || p.rest.length > 0 || p.x !== at(over) || p.member.lse.guard) return undefined;
  return { over, p: exp, of: product(parts.filter((f) => f !== exp)) };
}

/** ±c·Σ_j p[j]·F[j] ± c·Σ_j p[j]·G[j] as c·Σ_j p[j]·(±F[j] ± G[j]), c any common factors. */
function ofMeans(e: Expr, families: Families): Expr {
  const terms = signedTerms(e);
  for (const [n, a] of terms.entries())
    for (const b of terms.slice(n + 1)) {
      const met = together(a, b, families);
      if (met) return ofMeans(sumOf([...terms.filter((t) => t !== a && t !== b), met]), families);
    }
  return e;
}

function together(a: Signed, b: Signed, families: Families): Signed | undefined {
  const [one, other] = [a, b].map((t) => {
    const sum = factors(t.of).find((f) => f.kind === "reduce");
    return sum && { sum, scale: factors(t.of).filter((f) => f !== sum) };
  });
  if (!one || !other || one.scale.length !== other.scale.length) return undefined;
  if (without(one.scale, other.scale) === undefined) return undefined;
  const [f, g] = [meanOf(one.sum, families), meanOf(other.sum, families)];
  if (!f || !g || f.over.extent !== g.over.extent) return undefined;
  const moved = (part: Expr): Expr => substitute(part, new Map([[g.over, at(f.over)]]));
  if (moved(g.p) !== f.p) return undefined;
  const of = sumOf([...signedTerms(f.of), ...signedTerms(moved(g.of), a.sign === b.sign ? 1 : -1)]);
  return {
    sign: a.sign,
    of: product([...one.scale, reduce("sum", f.over, undefined, apply("mul", f.p, of))]),
  };
}
