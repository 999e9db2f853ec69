/** What writes the parts of an expression. */
import type { Expr } from "../../expr/node.ts";

/** Writes a part; `factors` says that conditions stand as factors. */
export interface Go {
  (e: Expr): Expr;
  readonly factors: boolean;
}
export const writer = (write: (e: Expr) => Expr, factors: boolean): Go => Object.assign(write, { factors });
