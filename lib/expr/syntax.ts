/**
 * Syntax: a program as it was written, before names, types and extents are known.
 *
 * The parser, the TypeScript builders and the bridge from mathjs all make these
 * trees; `resolve` turns them into a `Program`, so all three mean the same.
 */
import type { Place } from "../errors.ts";
import type { Op } from "./ops.ts";

export type Infix = "add" | "sub" | "mul" | "div" | "pow";
export const comparisons = ["lt", "le", "gt", "ge", "eq", "ne"] as const;
export type Comparison = (typeof comparisons)[number];

// prettier-ignore
export type Syntax =
  | { readonly kind: "number";    readonly place?: Place | undefined; readonly value: number; readonly integer: boolean }   // `integer`: written without point or exponent
  | { readonly kind: "name";      readonly place?: Place | undefined; readonly name: string }
  | { readonly kind: "subscript"; readonly place?: Place | undefined; readonly name: string; readonly at: readonly Syntax[] }  // X[i, j]
  | { readonly kind: "call";      readonly place?: Place | undefined; readonly name: string; readonly args: readonly Syntax[] } // exp(x), sum(i, …), max(a, b)
  | { readonly kind: "infix";     readonly place?: Place | undefined; readonly op: Infix; readonly left: Syntax; readonly right: Syntax }
  | { readonly kind: "negate";    readonly place?: Place | undefined; readonly of: Syntax }
  | { readonly kind: "compare";   readonly place?: Place | undefined; readonly first: Syntax; readonly rest: readonly { readonly op: Comparison; readonly right: Syntax }[] } // a < b <= c
  | { readonly kind: "logic";     readonly place?: Place | undefined; readonly op: "and" | "or"; readonly left: Syntax; readonly right: Syntax }
  | { readonly kind: "not";       readonly place?: Place | undefined; readonly of: Syntax }
  | { readonly kind: "iverson";   readonly place?: Place | undefined; readonly of: Syntax }                                   // [a > b]
  | { readonly kind: "where";     readonly place?: Place | undefined; readonly guard: Syntax; readonly then: Syntax; readonly else: Syntax };

/** An index on a left-hand side; `below` is given in `dz[i < 3]`, and says what it runs to. */
export interface IndexSyntax {
  readonly name: string;
  readonly below?: Syntax | undefined;
  readonly place?: Place | undefined;
}

export interface DefinitionSyntax {
  readonly name: string;
  readonly indices: readonly IndexSyntax[];
  readonly body: Syntax;
  readonly place?: Place | undefined;
}

export interface ProgramSyntax {
  readonly definitions: readonly DefinitionSyntax[];
  readonly text?: string | undefined;
}

/** Functions by the name that users write, where it differs from the operation's. */
export const aliases: Readonly<Record<string, Op>> = { ln: "log" };
