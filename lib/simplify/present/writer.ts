/** What writes the parts of an expression. */
import type { Expr } from "../../expr/node.ts";
import type { Multiples } from "./multiples.ts";

/** Writes a part; `factors` says that conditions stand as factors, `multiples` which sums others are written as multiples of. */
export interface Go {
  (e: Expr): Expr;
  readonly factors: boolean;
  readonly multiples: Multiples;
}
export const writer = (write: (e: Expr) => Expr, factors: boolean, multiples: Multiples): Go =>
  Object.assign(write, { factors, multiples });
