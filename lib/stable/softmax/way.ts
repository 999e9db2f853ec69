/** Ways to compute what some terms of a sum are together. */
import type { Expr } from "../../expr/node.ts";
import type { Fired } from "../row.ts";
import type { Signed } from "../terms.ts";
import type { Families } from "./families.ts";

/** What some of the terms are together, and the others. */
export interface Found {
  readonly sign: 1 | -1;
  readonly value: Expr;
  readonly left: readonly Signed[];
}

/** What a rewrite needs: log-sum-exps by family, whom to tell, and how to rewrite parts. */
export interface Making {
  readonly families: Families;
  readonly fired: Fired;
  readonly go: (e: Expr) => Expr;
}

/** Terms of a sum that have a better form together; undefined where there are none. */
export type Way = (terms: readonly Signed[], making: Making) => Found | undefined;
