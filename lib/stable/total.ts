/** Sums over one index or several, one within the other, without conditions. */
import { reduce, size, type Expr, type Index } from "../expr/node.ts";
import { product } from "./terms.ts";

export interface Total {
  readonly over: readonly Index[];
  readonly body: Expr;
}

export function totalOf(e: Expr): Total | undefined {
  if (e.kind !== "reduce" || e.op !== "sum" || e.guard !== undefined) return undefined;
  const inner = totalOf(e.body);
  return inner ? { over: [e.over, ...inner.over], body: inner.body } : { over: [e.over], body: e.body };
}

export const total = (over: readonly Index[], body: Expr): Expr =>
  over.reduceRight((sum, i) => reduce("sum", i, undefined, sum), body);

/** How many terms such a sum has. */
export const countOf = (over: readonly Index[]): Expr => product(over.map((i) => size(i.extent)));
