/** Names for sizes: an upper-case letter after the index that runs over them, i → N, j → C, d → D. */
import { extentKey, type Extent, type Fit } from "../expr/extent.ts";
import { children, type Expr, type Index } from "../expr/node.ts";
import type { Definition, Input } from "../expr/program.ts";
import type { Names } from "./identifier.ts";
import { constant, named, type Scalar, type Size } from "./nest.ts";

/** Letters that people use where it is not the index's own. */
const customary: Readonly<Record<string, string>> = { i: "N", n: "N", j: "C", k: "C", c: "C" };

export class SizeNames {
  readonly #sizes = new Map<string, Size>();
  readonly #names: Names;

  constructor(names: Names) {
    this.#names = names;
  }

  /** In order of first mention, each after the extents that it is computed from. */
  list(): readonly Size[] {
    return [...this.#sizes.values()];
  }

  /** Names the extent, and first those it depends on; `like` is the name of an index that runs over it. */
  name(extent: Extent, like: string): void {
    if (extent.kind === "fixed" || this.#sizes.has(extentKey(extent))) return;
    if (extent.kind === "window")
      for (const fit of extent.fits) for (const part of partsOf(fit)) this.name(part, `${like}_of`);
    const wanted = customary[like] ?? (like.length === 1 ? like.toUpperCase() : like);
    this.#sizes.set(extentKey(extent), { name: this.#names.fresh(wanted), extent });
  }

  /** What an extent is called, where it has a name. */
  nameOf(extent: Extent): string | undefined {
    return this.#sizes.get(extentKey(extent))?.name;
  }

  /** The size as a number in the nest. */
  scalar(extent: Extent): Scalar {
    if (extent.kind === "fixed") return constant(extent.value);
    const size = this.#sizes.get(extentKey(extent));
    if (size === undefined) throw new Error(`the size ${extentKey(extent)} reached lowering without a name`);
    return named(size.name, "int");
  }
}

const partsOf = (fit: Fit): readonly Extent[] => [
  fit.inside,
  ...[...fit.others, ...(fit.offsetSizes ?? []), ...(fit.slackSizes ?? [])].map((part) => part.extent),
];

/** Names every size that inputs and definitions have. */
export function nameSizes(
  names: Names,
  inputs: readonly Input[],
  definitions: readonly Definition[],
  others: readonly Index[],
): SizeNames {
  const sizes = new SizeNames(names);
  const indices = [...definitions.flatMap((d) => [...d.indices, ...boundIn(d.body)]), ...others];
  const windows = indices.filter((i) => i.extent.kind === "window");
  for (const i of indices) if (i.extent.kind !== "window") sizes.name(i.extent, i.name);
  for (const input of inputs)
    input.shape.forEach((extent, axis) =>
      sizes.name(extent, `${input.name}_size${input.shape.length > 1 ? axis : ""}`),
    );
  for (const i of windows) sizes.name(i.extent, i.name);
  for (const d of definitions) for (const extent of sizesIn(d.body)) sizes.name(extent, "size");
  return sizes;
}

function boundIn(e: Expr, seen = new Set<Expr>()): readonly Index[] {
  if (seen.has(e)) return [];
  seen.add(e);
  const below = children(e).flatMap((child) => boundIn(child, seen));
  return e.kind === "reduce" ? [e.over, ...below] : below;
}

function sizesIn(e: Expr, seen = new Set<Expr>()): readonly Extent[] {
  if (seen.has(e)) return [];
  seen.add(e);
  return e.kind === "size" ? [e.extent] : children(e).flatMap((child) => sizesIn(child, seen));
}
