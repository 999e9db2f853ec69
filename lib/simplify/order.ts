/**
 * The order of terms and factors: the same for the same expressions, whatever was
 * built first, and close to what people write (constants, scalars, arrays, functions).
 */
import { extentKey } from "../expr/extent.ts";
import type { Expr } from "../expr/node.ts";

// prettier-ignore
const rank: Record<Expr["kind"], number> = { num: 0, size: 1, read: 2, index: 3, apply: 4, where: 5, reduce: 6 };

/** Negative, zero or positive as `a` comes before, is, or comes after `b`. */
export function compareExpr(a: Expr, b: Expr): number {
  if (a === b) return 0;
  if (a.kind !== b.kind) return rank[a.kind] - rank[b.kind];
  return compareSameKind(a, b) || a.id - b.id;
}

function compareSameKind(a: Expr, b: Expr): number {
  switch (a.kind) {
    case "num":
      return b.kind === "num" ? a.value - b.value : 0;
    case "size":
      return b.kind === "size" ? compareText(extentKey(a.extent), extentKey(b.extent)) : 0;
    case "index":
      return b.kind === "index" ? compareText(a.index.name, b.index.name) : 0;
    case "read":
      // Scalars before arrays in products; sums print arrays first (see present.ts).
      return b.kind === "read"
        ? a.at.length - b.at.length || compareText(a.name, b.name) || compareAll(a.at, b.at)
        : 0;
    case "apply":
      if (b.kind !== "apply") return 0;
      return isGuard(a) - isGuard(b) || compareText(a.op, b.op) || compareAll(a.args, b.args);
    case "where":
      return b.kind === "where" ? compareAll([a.guard, a.then, a.else], [b.guard, b.then, b.else]) : 0;
    case "reduce":
      return b.kind === "reduce"
        ? compareText(a.op, b.op) || compareText(extentKey(a.over.extent), extentKey(b.over.extent)) || compareExpr(a.body, b.body)
        : 0;
  }
}

const isGuard = (e: Expr): number => (e.kind === "apply" && e.op === "iverson" ? 1 : 0);

function compareAll(a: readonly Expr[], b: readonly Expr[]): number {
  for (const [n, x] of a.entries()) {
    const y = b[n];
    if (y === undefined) return 1;
    const order = compareExpr(x, y);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** By code units: the same on every machine, unlike `localeCompare`. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
