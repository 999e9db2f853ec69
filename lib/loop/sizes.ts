/** Names for sizes: an upper-case letter after the index that runs over them, i → N, j → C, d → D. */
import { extentKey, type Extent, type Fit } from "../expr/extent.ts";
import type { Expr, Index } from "../expr/node.ts";
import { partsOf } from "../expr/parts.ts";
import type { Definition, Input } from "../expr/program.ts";
import type { Names } from "./identifier.ts";
import { constant, named, type Scalar, type Size } from "./nest.ts";

/** Letters that people use where it is not the index's own. */
const customary: Readonly<Record<string, string>> = { i: "N", n: "N", j: "C", k: "C", c: "C" };

export class SizeNames {
  readonly #sizes = new Map<string, Size>();
  readonly #names: Names;
  /** An index that runs over each extent. */
  readonly #likes: ReadonlyMap<string, string>;

  constructor(names: Names, likes: ReadonlyMap<string, string>) {
    this.#names = names;
    this.#likes = likes;
  }

  /** In order of first mention, each after the extents that it is computed from. */
  list(): readonly Size[] {
    return [...this.#sizes.values()];
  }

  /** Names the extent, and first those it depends on; `like` is a name for it that no index gives. */
  name(extent: Extent, like: string): void {
    if (extent.kind === "fixed" || this.#sizes.has(extentKey(extent))) return;
    if (extent.kind === "window")
      for (const fit of extent.fits) for (const part of sizesOfFit(fit)) this.name(part, `${like}_size`);
    const index = this.#likes.get(extentKey(extent)) ?? like;
    const wanted = customary[index] ?? (index.length === 1 ? index.toUpperCase() : index);
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

const sizesOfFit = (fit: Fit): readonly Extent[] => [
  fit.inside,
  ...[...fit.others, ...(fit.offsetSizes ?? []), ...(fit.slackSizes ?? [])].map((part) => part.extent),
];

/** Names every size that inputs and definitions have, each after the first index that runs over it. */
export function nameSizes(
  names: Names,
  inputs: readonly Input[],
  definitions: readonly Definition[],
  others: readonly Index[],
): SizeNames {
  const indices = [...definitions.flatMap((d) => [...d.indices, ...boundIn(d.body)]), ...others];
  const likes = new Map<string, string>();
  for (const { extent, name } of indices)
    if (!likes.has(extentKey(extent))) likes.set(extentKey(extent), name);
  const sizes = new SizeNames(names, likes);
  for (const i of indices) sizes.name(i.extent, i.name);
  for (const { name, shape } of inputs)
    shape.forEach((extent, axis) => sizes.name(extent, `${name}_size${shape.length > 1 ? axis : ""}`));
  for (const d of definitions) for (const extent of sizesIn(d.body)) sizes.name(extent, "size");
  return sizes;
}

const boundIn = (e: Expr): readonly Index[] =>
  [...partsOf(e)].filter((part) => part.kind === "reduce").map((part) => part.over);

const sizesIn = (e: Expr): readonly Extent[] =>
  [...partsOf(e)].filter((part) => part.kind === "size").map((part) => part.extent);
