/**
 * What the parts of the simplifier ask of each other. Every function takes
 * operands in normal form and gives the normal form of the result.
 *
 * Normal form: sums and products are flat, sorted and collected; there is no
 * sub, neg, div or sqrt (x/y is x·y^-1, √x is x^0.5); a condition that selects is an
 * Iverson factor [p] of a product; comparisons have 0 on the right.
 */
import { type Expr, type Index } from "../expr/node.ts";
import { partsOf } from "../expr/parts.ts";
import type { Op, Reduction } from "../expr/ops.ts";
import type { Extent } from "../expr/extent.ts";
import type { Order } from "./order.ts";

/** What is known of the inputs besides their types. */
export interface Facts {
  /** The extents E for which 0 ≤ label < E is checked at the door, for a read such as y[i]; empty when nothing is. */
  readonly labelBelow: (read: Expr) => readonly Extent[];
  /** The shape of an array by its name; undefined where it is not known. */
  readonly shapeOf: (name: string) => readonly Extent[] | undefined;
  /** Where a name stands in the program: terms and factors are put in that order. */
  readonly position: (name: string) => number;
}

export interface Algebra {
  readonly facts: Facts;
  /** The order of terms and factors. */
  readonly compare: Order;
  /** The position of the name in an expression that the program has first; Infinity without any. */
  readonly earliest: (e: Expr) => number;
  readonly simplify: (e: Expr) => Expr;
  readonly add: (terms: readonly Expr[]) => Expr;
  readonly mul: (factors: readonly Expr[]) => Expr;
  readonly pow: (base: Expr, exponent: Expr) => Expr;
  /** Any operation but add, mul and pow. */
  readonly call: (op: Op, args: readonly Expr[]) => Expr;
  readonly where: (guard: Expr, then: Expr, otherwise: Expr) => Expr;
  readonly iverson: (condition: Expr) => Expr;
  readonly reduce: (op: Reduction, over: Index, guard: Expr | undefined, body: Expr) => Expr;
  /** Σ over several indices at once; guards are Iverson factors of the body. */
  readonly sum: (over: readonly Index[], body: Expr) => Expr;
  readonly substitute: (e: Expr, by: ReadonlyMap<Index, Expr>) => Expr;
  /** `e` where all of `conditions` hold. */
  readonly assume: (e: Expr, conditions: readonly Expr[]) => Expr;
  /** Tells that `rule` turned `before` into `after`; gives `after`. */
  readonly record: (rule: string, before: Expr, after: Expr) => Expr;
}

/** The number of distinct nodes in an expression: what a simplification must lower. */
export const cost = (...es: readonly Expr[]): number => partsOf(...es).size;
