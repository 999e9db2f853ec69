/** What lowering knows throughout: names, where values are kept, what is shared. */
import type { Extent } from "../expr/extent.ts";
import type { Expr } from "../expr/node.ts";
import type { Type } from "../expr/ops.ts";
import type { Magnitudes } from "./magnitude.ts";
import type { Names } from "./identifier.ts";
import type { Needs } from "./need.ts";
import type { Reach } from "./reach.ts";
import type { SizeNames } from "./sizes.ts";

/** `loops`: as on paper. `fused`: for speed. */
export type Style = "loops" | "fused";

/** Where the values of a name are: in a scalar, or in a buffer that keeps some of its axes. */
export type Storage =
  | { readonly kind: "scalar"; readonly name: string; readonly type: Type }
  | {
      readonly kind: "buffer";
      readonly name: string;
      readonly type: Type;
      /** Every axis of the array; a row buffer keeps all but the row axis. */
      readonly axes: readonly { readonly extent: Extent; readonly kept: boolean }[];
    };

export interface Context {
  readonly style: Style;
  readonly names: Names;
  readonly sizes: SizeNames;
  readonly reach: Reach;
  readonly storage: Map<string, Storage>;
  /** Index names that are not worth showing in derived names: that of the rows. */
  readonly row: string | undefined;
  /** How many expressions have an expression as a part, in the stage being lowered and in all. */
  uses: ReadonlyMap<Expr, number>;
  readonly allUses: ReadonlyMap<Expr, number>;
  /** Names of stages whose values are never below 0. */
  readonly neverNegative: ReadonlySet<string>;
  readonly magnitudes: Magnitudes;
  /** Of the value of a compensated sum the variables that it was added up in: the sum, and what the additions lost. */
  readonly compensated: Map<string, { readonly sum: string; readonly low: string }>;
  /** The conditions under which expressions are needed, in all stages. */
  readonly needs: Needs;
}

/** The storage of a name; every name that a body reads has one by then. */
export function storageOf(cx: Context, name: string): Storage {
  const storage = cx.storage.get(name);
  if (storage === undefined) throw new Error(`${name} reached lowering before it was computed`);
  return storage;
}
