/**
 * The order of terms and factors: the same for the same program, whatever was built
 * first, and close to what people write: constants, scalars, arrays, functions, and
 * among arrays the one that the program names first.
 */
import { extentKey } from "../expr/extent.ts";
import type { Expr } from "../expr/node.ts";

// prettier-ignore
const rank: Record<Expr["kind"], number> = { num: 0, size: 1, read: 2, index: 3, apply: 4, where: 5, reduce: 6 };

/** Negative, zero or positive as the first comes before, is, or comes after the second. */
export type Order = (a: Expr, b: Expr) => number;

/** The order in which names come as `position` says; names that it puts together go by the alphabet. */
export function orderBy(position: (name: string) => number): Order {
  const compareNames = (a: string, b: string): number => position(a) - position(b) || compareText(a, b);
  const compare: Order = (a, b) => {
    if (a === b) return 0;
    if (a.kind !== b.kind) return rank[a.kind] - rank[b.kind];
    return compareSameKind(a, b, compare, compareNames) || a.id - b.id;
  };
  return compare;
}

function compareSameKind(
  a: Expr,
  b: Expr,
  compare: Order,
  compareNames: (a: string, b: string) => number,
): number {
  const compareAll = (xs: readonly Expr[], ys: readonly Expr[]): number => compareLists(xs, ys, compare);
  switch (a.kind) {
    case "num":
      return b.kind === "num" ? a.value - b.value : 0;
    case "size":
      return b.kind === "size" ? compareText(extentKey(a.extent), extentKey(b.extent)) : 0;
    case "index":
      return b.kind === "index" ? compareText(a.index.name, b.index.name) : 0;
    case "read":
      // Scalars before arrays in products; sums print arrays first (see present/order.ts).
      return b.kind === "read"
        ? Math.min(a.at.length, 1) - Math.min(b.at.length, 1) ||
            compareNames(a.name, b.name) ||
            compareAll(a.at, b.at)
        : 0;
    case "apply":
      if (b.kind !== "apply") return 0;
      return isGuard(a) - isGuard(b) || compareText(a.op, b.op) || compareAll(a.args, b.args);
    case "where":
      return b.kind === "where" ? compareAll([a.guard, a.then, a.else], [b.guard, b.then, b.else]) : 0;
    case "reduce":
      return b.kind === "reduce"
        ? compareText(a.op, b.op) ||
            compareText(extentKey(a.over.extent), extentKey(b.over.extent)) ||
            compare(a.body, b.body)
        : 0;
  }
}

const isGuard = (e: Expr): number => (e.kind === "apply" && e.op === "iverson" ? 1 : 0);

function compareLists(a: readonly Expr[], b: readonly Expr[], compare: Order): number {
  for (const [n, x] of a.entries()) {
    const y = b[n];
    if (y === undefined) return 1;
    const order = compare(x, y);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** By code units: the same on every machine, unlike `localeCompare`. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
