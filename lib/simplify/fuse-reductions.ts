/** Sums over the same range that are simpler as one: Σ relu(x_j) − Σ relu(−x_j) = Σ x_j. */
import { at, freeIndices, type Expr, type Index, type Node } from "../expr/node.ts";
import { readsAll, namesRead } from "../expr/names-read.ts";
import { fresh } from "../expr/substitute.ts";
import { cost, type Algebra } from "./algebra.ts";
import { exprOf, type Term } from "./term.ts";

type Sum = Node<"reduce">;

/** A term with one sum in it. */
interface Summed {
  /** Its place among the terms. */
  readonly n: number;
  readonly sum: Sum;
  /** The names of the indices that stand free in it or in the body of its sum. */
  readonly indices: readonly string[];
  /** What is summed up, all factors of the term in it, and under which guard; as a function of an index. */
  readonly inside: (over: Index) => Inside;
}

interface Inside {
  readonly body: Expr;
  readonly guard: Expr | undefined;
}

export function fuseReductions(terms: readonly Term[], s: Algebra): readonly Expr[] | undefined {
  const sums = terms.flatMap((t, n) => {
    const found = t.factors.filter((f): f is Sum => f.kind === "reduce" && f.op === "sum");
    return found.length === 1 ? [summed(n, t, found[0]!, s)] : [];
  });
  for (const [k, a] of sums.entries())
    for (const b of sums.slice(k + 1)) {
      if (
        a.sum.over.extent !== b.sum.over.extent ||
        a.sum === b.sum ||
        conditionsOf(a.sum) !== conditionsOf(b.sum)
      )
        continue;
      const fused = fuse(a, b, s);
      if (fused) return [...terms.filter((_, n) => n !== a.n && n !== b.n).map(exprOf), fused];
    }
  return undefined;
}

function summed(n: number, t: Term, sum: Sum, s: Algebra): Summed {
  const rest = exprOf({ coefficient: t.coefficient, factors: t.factors.filter((f) => f !== sum) });
  const known = new Map<Index, Inside>();
  const make = (over: Index): Inside => {
    const by = new Map([[sum.over, at(over)]]);
    return {
      body: s.mul([rest, s.substitute(sum.body, by)]),
      guard: sum.guard && s.substitute(sum.guard, by),
    };
  };
  return {
    n,
    sum,
    indices: [...t.factors, sum.body].flatMap((f) => freeIndices(f)).map((i) => i.name),
    inside: (over) => {
      let inside = known.get(over);
      if (inside === undefined) known.set(over, (inside = make(over)));
      return inside;
    },
  };
}

/** Enough of the guard to know that two ranges cannot be the same without looking at every name. */
const conditionsOf = (sum: Sum): number => (sum.guard === undefined ? 0 : 1);

function fuse(a: Summed, b: Summed, s: Algebra): Expr | undefined {
  const over = fresh(a.sum.over.name, a.sum.over.extent, new Set([...a.indices, ...b.indices]));
  const [one, other] = [a.inside(over), b.inside(over)];
  if (one.guard !== other.guard) return undefined;
  // Where each reads an array of its own, nothing in them meets.
  if (!readsAll(one.body, namesRead(other.body)) && !readsAll(other.body, namesRead(one.body)))
    return undefined;
  const body = s.add([one.body, other.body]);
  // Only where the terms themselves meet: a mere merge of two loops is the schedule's business.
  if (cost(body) >= Math.max(cost(one.body), cost(other.body)) + 1) return undefined;
  return s.sum([over], one.guard ? s.mul([body, s.iverson(one.guard)]) : body);
}
