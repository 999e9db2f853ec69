/**
 * A sum of shares less a sum of labels as one sum, so that each share is beside the label that it goes to.
 *
 *   sum(n, k, i == r[n,k], p[n,k]) - sum(n, j, [i == r[n,j]])   sum(n, k, i == r[n,k], p[n,k] - 1)
 */
import { apply, at, num, rebuild, reduce, type Expr, type Node } from "../../expr/node.ts";
import { conjoin, conjuncts } from "../../expr/nested-reduction.ts";
import { anywhere, rewriting } from "../../expr/parts.ts";
import { substitute } from "../../expr/substitute.ts";
import { pair } from "../pattern.ts";
import { factors, isSum, product, without } from "../terms.ts";
import { isLogSumExp } from "./family.ts";

type Sum = Node<"reduce">;

/** An expression with such differences in one sum. */
export const inOneSum = (e: Expr): Expr =>
  rewriting((part, go) => {
    const inner = rebuild(part, go);
    return (isSum(inner) ? pair(inner, met) : undefined) ?? inner;
  })(e);

function met(a: Expr, b: Expr): Expr | undefined {
  const [x, y] = [sumIn(a), sumIn(b)];
  if (!x || !y || without(x.by, y.by)?.length !== 0) return undefined;
  const [first, second] = [hasShares(x.sum), hasShares(y.sum)];
  if (first === second || !areLabels(first ? y.sum : x.sum)) return undefined;
  const sum = lessIn(x.sum, y.sum);
  return sum && product([...x.by, sum]);
}

/** A sum with what it is multiplied by. */
function sumIn(e: Expr): { readonly sum: Sum; readonly by: readonly Expr[] } | undefined {
  const all = factors(e);
  const sum = all.find(isSumOf);
  return sum && { sum, by: all.filter((f) => f !== sum) };
}

const isSumOf = (e: Expr): e is Sum => e.kind === "reduce" && e.op === "sum";

const hasShares = (e: Expr): boolean => anywhere(e, isLogSumExp);

/** Whether all that is summed up is 1, or 1 by a condition. */
const areLabels = ({ body }: Sum): boolean =>
  isSumOf(body) ? areLabels(body) : body === num(1) || (body.kind === "apply" && body.op === "iverson");

/** Σ F − Σ G over the same; undefined where they are not. */
function lessIn(a: Sum, b: Sum): Expr | undefined {
  if (a.over.extent !== b.over.extent) return undefined;
  const there = (e: Expr): Expr => substitute(e, new Map([[b.over, at(a.over)]]));
  const labels = { guard: b.guard && there(b.guard), body: there(b.body) };
  const [f, g] = [labelUnder(a, labels.guard) ?? a.body, labelUnder(labels, a.guard) ?? labels.body];
  const guard = f === a.body ? a.guard : labels.guard;
  if (guard !== (g === labels.body ? labels.guard : a.guard)) return undefined;
  const less = isSumOf(g) ? (isSumOf(f) ? lessIn(f, g) : undefined) : apply("sub", f, g);
  return less && reduce("sum", a.over, guard, less);
}

/** [p and q] as it is under the condition p, where a sum of it is under none. */
function labelUnder(of: Pick<Sum, "guard" | "body">, guard: Expr | undefined): Expr | undefined {
  if (guard === undefined || of.guard !== undefined) return undefined;
  if (of.body.kind !== "apply" || of.body.op !== "iverson") return undefined;
  const [all, some] = [conjuncts(of.body.args[0]!), conjuncts(guard)];
  if (!some.every((p) => all.includes(p))) return undefined;
  const rest = conjoin(all.filter((p) => !some.includes(p)));
  return rest === undefined ? num(1) : apply("iverson", rest);
}
