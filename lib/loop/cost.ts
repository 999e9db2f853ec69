/** What expressions cost to compute, roughly: loads 2, arithmetic 1, divisions 4, functions 10, reductions 100. */
import { children, occursFree, type Expr, type Index } from "../expr/node.ts";
import type { Op } from "../expr/ops.ts";

// prettier-ignore
const cheap: Readonly<Partial<Record<Op, number>>> = {
  add: 1, sub: 1, mul: 1, neg: 0, max: 1, min: 1, abs: 1, sign: 1, relu: 1, stop: 0, precise: 0, exactsum: 8, roundoff: 6, mulroundoff: 17, quotient: 4,
  lt: 1, le: 1, gt: 1, ge: 1, eq: 1, ne: 1, and: 0, or: 0, not: 0, iverson: 0, div: 4, sqrt: 4,
};

const costs = new WeakMap<Expr, number>();

export function cost(e: Expr): number {
  let known = costs.get(e);
  if (known === undefined) {
    known = own(e) + children(e).reduce((sum, child) => sum + cost(child), 0);
    costs.set(e, known);
  }
  return known;
}

function own(e: Expr): number {
  switch (e.kind) {
    case "num":
    case "index":
    case "size":
      return 0;
    case "read":
      return e.at.length === 0 ? 0 : 2;
    case "where":
      return 1;
    case "reduce":
      return 100;
    case "apply":
      if (e.op === "pow") return isProduct(e.args[1]!) ? 1 : 10;
      return (cheap[e.op] ?? 10) * (e.op === "add" || e.op === "mul" ? e.args.length - 1 : 1);
  }
}

/** Exponents of powers that are written as products. */
const isProduct = (exponent: Expr): boolean =>
  exponent.kind === "num" && [2, 3, -1, -2].includes(exponent.value);

const costsAlong = new WeakMap<Index, WeakMap<Expr, number>>();

/**
 * What it costs for each value of an index, when all that does not depend on it is at hand;
 * infinite where another loop is needed for it.
 */
export function costAlong(e: Expr, along: Index): number {
  const memo = costsAlong.get(along) ?? new WeakMap<Expr, number>();
  costsAlong.set(along, memo);
  const visit = (part: Expr): number => {
    if (!occursFree(along, part)) return 0;
    if (part.kind === "reduce") return Infinity;
    let known = memo.get(part);
    if (known === undefined) {
      const here = isShift(part, along) ? 2 : own(part);
      known = children(part).reduce((sum, child) => sum + visit(child), here);
      memo.set(part, known);
    }
    return known;
  };
  return visit(e);
}

/** x + a + b of which only x changes: a + b is added up before the loop, with what it loses. */
const isShift = (e: Expr, along: Index): boolean =>
  e.kind === "apply" &&
  e.op === "exactsum" &&
  e.args.length === 3 &&
  e.args.filter((a) => occursFree(along, a)).length === 1;
