/**
 * Sums of products with sums whose terms say which element they belong to, as sums over both:
 *
 *   g[v] = Σ_i a[i] · Σ_t [v = w[i, t]]   becomes   g[v] = Σ_i Σ_t, v = w[i, t]: a[i],
 *
 * one addition for each i and t instead of a search through the words for each v.
 */
import { apply, at, freeIndices, num, rebuild, reduce, type Expr, type Index } from "../expr/node.ts";
import { rewriting } from "../expr/parts.ts";
import type { Definition } from "../expr/program.ts";
import { fresh, substitute } from "../expr/substitute.ts";
import { mapped } from "../mapped.ts";
import { conditionsOf, scatters } from "./stage.ts";

/** A sum over `over` of the terms at which all of `conditions` hold. */
interface Sum {
  readonly over: Index;
  readonly conditions: readonly Expr[];
  readonly body: Expr;
}

/** The definitions with each such product spread over the terms. */
export const spread = (definitions: readonly Definition[]): readonly Definition[] =>
  mapped(definitions, (d) => {
    const rewrite = rewriting((e, go) => {
      const sum = rebuild(e, go);
      if (sum.kind !== "reduce" || sum.op !== "sum") return sum;
      const inner = sumIn(d.indices, sum.body);
      if (inner === undefined) return sum;
      const { over, conditions, body } = inner;
      const guard = conditions.reduce((all, c) => apply("and", all, c));
      return reduce("sum", sum.over, sum.guard, reduce("sum", over, guard, body));
    });
    const body = rewrite(d.body);
    return body === d.body ? d : { ...d, body };
  });

/** A term that has such a sum as a factor, as one sum. */
function sumIn(indices: readonly Index[], e: Expr): Sum | undefined {
  if (e.kind === "reduce") return scatters({ indices }, e) ? counted(e) : undefined;
  if (e.kind !== "apply" || !linear.has(e.op)) return undefined;
  for (const [n, factor] of e.args.entries()) {
    // What is divided by is no factor.
    if (n > 0 && e.op === "div") break;
    const found = sumIn(indices, factor);
    if (found === undefined) continue;
    const sum = apartFrom(found, freeIndices(e));
    return { ...sum, body: withArgument(e, n, sum.body) };
  }
  return undefined;
}

/** Operations that are linear in an argument; of a quotient, the first. */
const linear: ReadonlySet<string> = new Set(["mul", "neg", "div", "precise"]);

/** Σ [p] as the sum of 1 where p holds. */
const counted = (e: Extract<Expr, { kind: "reduce" }>): Sum => ({
  over: e.over,
  conditions: conditionsOf(e),
  body: e.body.kind === "apply" && e.body.op === "iverson" ? num(1) : e.body,
});

function withArgument(e: Extract<Expr, { kind: "apply" }>, n: number, by: Expr): Expr {
  const args = e.args.map((a, m) => (m === n ? by : a));
  const factors = e.op === "mul" && by === num(1) ? args.filter((_, m) => m !== n) : args;
  return e.op === "mul" && factors.length === 1 ? factors[0]! : apply(e.op, ...factors);
}

/** The sum over an index that is not among those `taken`. */
function apartFrom(sum: Sum, taken: readonly Index[]): Sum {
  if (!taken.includes(sum.over)) return sum;
  const names = new Set(
    [...taken, ...freeIndices(sum.body), ...sum.conditions.flatMap((c) => freeIndices(c))].map((i) => i.name),
  );
  const over = fresh(sum.over.name, sum.over.extent, names);
  const by = new Map([[sum.over, at(over)]]);
  return {
    over,
    conditions: sum.conditions.map((c) => substitute(c, by)),
    body: substitute(sum.body, by),
  };
}
