/** Sums over the same range that are simpler as one: Σ relu(x_j) − Σ relu(−x_j) = Σ x_j. */
import { at, freeIndices, type Expr, type Node } from "../expr/node.ts";
import { fresh } from "../expr/substitute.ts";
import { cost, type Algebra } from "./algebra.ts";
import { exprOf, type Term } from "./term.ts";

type Sum = Node<"reduce">;

export function fuseReductions(terms: readonly Term[], s: Algebra): readonly Expr[] | undefined {
  const sums = terms.flatMap((t, n) => {
    const found = t.factors.filter((f): f is Sum => f.kind === "reduce" && f.op === "sum");
    return found.length === 1 ? [{ n, t, sum: found[0]! }] : [];
  });
  for (const [k, a] of sums.entries())
    for (const b of sums.slice(k + 1)) {
      if (
        a.sum.over.extent !== b.sum.over.extent ||
        a.sum === b.sum ||
        conditionsOf(a.sum) !== conditionsOf(b.sum)
      )
        continue;
      const fused = fuse(a.t, a.sum, b.t, b.sum, s);
      if (fused) return [...terms.filter((_, n) => n !== a.n && n !== b.n).map(exprOf), fused];
    }
  return undefined;
}

/** Enough of the guard to know that two ranges cannot be the same without looking at every name. */
const conditionsOf = (sum: Sum): number => (sum.guard === undefined ? 0 : 1);

function fuse(a: Term, sumA: Sum, b: Term, sumB: Sum, s: Algebra): Expr | undefined {
  const taken = new Set(
    [...a.factors, ...b.factors, sumA.body, sumB.body].flatMap((f) => freeIndices(f)).map((i) => i.name),
  );
  const over = fresh(sumA.over.name, sumA.over.extent, taken);
  const bodyOf = (t: Term, sum: Sum): readonly [Expr, Expr | undefined] => {
    const by = new Map([[sum.over, at(over)]]);
    const rest = exprOf({ coefficient: t.coefficient, factors: t.factors.filter((f) => f !== sum) });
    return [s.mul([rest, s.substitute(sum.body, by)]), sum.guard && s.substitute(sum.guard, by)];
  };
  const [bodyA, guardA] = bodyOf(a, sumA);
  const [bodyB, guardB] = bodyOf(b, sumB);
  if (guardA !== guardB) return undefined;
  const body = s.add([bodyA, bodyB]);
  // Only where the terms themselves meet: a mere merge of two loops is the schedule's business.
  if (cost(body) >= Math.max(cost(bodyA), cost(bodyB)) + 1) return undefined;
  return s.sum([over], guardA ? s.mul([body, s.iverson(guardA)]) : body);
}
