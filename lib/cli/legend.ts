/**
 * What the letters of a derivation stand for: sizes by name (N, D, C), inputs with their shapes.
 * The sizes have the names that emitted code gives them.
 */
import type { Derivation } from "../diff/derivation.ts";
import { extentKey, type Extent } from "../expr/extent.ts";
import type { Bound } from "../expr/program.ts";
import { Names } from "../loop/identifier.ts";
import { nameSizes } from "../loop/sizes.ts";
import { printSyntax } from "../text/print.ts";
import { writtenSize } from "../text/written-size.ts";
import type { WrittenOptions } from "../text/written.ts";

export interface Legend {
  /** How sizes are written: `N` for `extent(X, 0)`. */
  readonly options: WrittenOptions;
  readonly inputs: readonly { readonly name: string; readonly shape: string; readonly about: string }[];
  /** Every size that has a name. */
  readonly named: readonly { readonly name: string; readonly extent: Extent }[];
  /** Sizes that are no input's: what a window leaves. */
  readonly sizes: readonly { readonly name: string; readonly value: string }[];
}

export function legendOf({ inputs, definitions, bounds }: Derivation): Legend {
  const names = new Names();
  for (const { name } of [...inputs, ...definitions]) names.fresh(name);
  const sizes = nameSizes(names, inputs, definitions, []).list();
  const byKey = new Map(sizes.map(({ name, extent }) => [extentKey(extent), name]));
  const sizeName = (extent: Extent): string | undefined => byKey.get(extentKey(extent));
  const write = (extent: Extent): string => printSyntax(writtenSize(extent, sizeName));
  return {
    options: { sizeName, taken: byKey.values(), inputs },
    named: sizes,
    inputs: inputs.map(({ name, type, shape }) => ({
      name,
      shape: shape.map(write).join(" × "),
      about: type === "real" ? "" : `integers${labelRange(name, bounds, write)}`,
    })),
    sizes: sizes
      .filter(({ extent }) => extent.kind === "window" || extent.kind === "scalar")
      .map(({ name, extent }) => ({
        name,
        value: printSyntax(writtenSize(extent, (e) => (e === extent ? undefined : sizeName(e)))),
      })),
  };
}

/** What is checked of a label: `, 0 ≤ y < C`. */
function labelRange(name: string, bounds: readonly Bound[], write: (extent: Extent) => string): string {
  const bound = bounds.find(
    ({ subscript, guard }) => !guard && subscript.kind === "read" && subscript.name === name,
  );
  return bound === undefined ? "" : `, 0 ≤ ${name} < ${write(bound.extent)}`;
}

/** The inputs whose shape or type is worth a line. */
export const notable = ({ inputs }: Legend): Legend["inputs"] =>
  inputs.filter(({ shape, about }) => shape !== "" || about !== "");
