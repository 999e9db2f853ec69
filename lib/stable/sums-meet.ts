/**
 * A sum of sigmoids less a sum of labels as one sum: term by term, what a sigmoid goes to is taken from it.
 *
 *   sum(k, sigmoid(f - b[k])) - sum(k, t[k])   sum(k, sigmoid(f - b[k]) - t[k])
 */
import { at, rebuild, reduce, type Expr, type Node } from "../expr/node.ts";
import { apply } from "../expr/node.ts";
import { withBodies } from "../expr/bodies.ts";
import { rewriting } from "../expr/parts.ts";
import type { Definition } from "../expr/program.ts";
import { substitute } from "../expr/substitute.ts";
import { logisticRows } from "./logistic.ts";
import { logisticOfSumsRows } from "./logistic-of-sums.ts";
import { pair } from "./pattern.ts";
import type { Fired, Row } from "./row.ts";
import type { Saturated } from "./saturating.ts";
import { factors, isSum, product, without } from "./terms.ts";

// prettier-ignore
export const sumsMeetReason: Omit<Row, "rewrite"> = {
  name: "sums that meet", from: "sum(k, sigmoid(z[k])) - sum(k, t[k])", to: "sum(k, sigmoid(z[k]) - t[k])", holds: "everywhere",
  counterexample: { text: "sum(k, w[k] * sigmoid(z[k])) - sum(k, w[k] * t[k])", at: { z: [50, -45, 48], t: [1, 0, 1], w: [1, 2, 1] } },
  always: "a trial has few labels at which what is left cancels",
};

/** The definitions with such differences in one sum; `saturated` puts in the definitions that are sigmoids. */
export function inOneSum(
  definitions: readonly Definition[],
  saturated: Saturated,
  fired: Fired,
): readonly Definition[] {
  const met = (a: Expr, b: Expr): Expr | undefined => {
    const [x, y] = [sumIn(a), sumIn(b)];
    const by = x && y && without(x.by, y.by);
    if (!x || !y || by?.length !== 0 || !isSame(x.sum, y.sum)) return undefined;
    const { over, guard, body } = x.sum;
    const less = apply("sub", body, bodyAt(y.sum, x.sum));
    const meant = saturated(less) ?? less;
    return [...logisticOfSumsRows, ...logisticRows].some((row) => row.rewrite(meant) !== undefined)
      ? product([...x.by, reduce("sum", over, guard, apply("precise", less))])
      : undefined;
  };
  const go = rewriting((e, go) => {
    const inner = rebuild(e, go);
    const other = isSum(inner) ? pair(inner, met) : undefined;
    if (other !== undefined) fired(sumsMeetReason.name, inner, other);
    return other ?? inner;
  });
  return withBodies(definitions, go);
}

type Sum = Node<"reduce">;

const isPlain = (e: Expr): e is Sum => e.kind === "reduce" && e.op === "sum" && e.type === "real";

/** A sum with what it is multiplied by. */
function sumIn(e: Expr): { readonly sum: Sum; readonly by: readonly Expr[] } | undefined {
  const all = factors(e);
  const sum = all.find(isPlain);
  return sum && { sum, by: all.filter((f) => f !== sum) };
}

const inIndexOf = (e: Expr, other: Sum, own: Sum): Expr =>
  substitute(e, new Map([[other.over, at(own.over)]]));

const bodyAt = (other: Sum, own: Sum): Expr => inIndexOf(other.body, other, own);

/** Whether two sums range over the same. */
function isSame(a: Sum, b: Sum): boolean {
  if (a.over.extent !== b.over.extent) return false;
  return a.guard === (b.guard && inIndexOf(b.guard, b, a));
}
