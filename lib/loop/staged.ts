/** A derivation's definitions as stages with their times. */
import type { Derivation } from "../diff/derivation.ts";
import type { Extent } from "../expr/extent.ts";
import { namesRead } from "../expr/names-read.ts";
import { at, read, type Expr, type Index } from "../expr/node.ts";
import type { Definition, Input } from "../expr/program.ts";
import { fromAllButOne } from "./all-but-one.ts";
import type { Style } from "./context.ts";
import { materialise } from "./materialise.ts";
import type { Reach } from "./reach.ts";
import { schedule } from "./schedule.ts";
import { isShared, share, type Surveyed } from "./share.ts";
import { spread } from "./spread.ts";
import { stagesOf } from "./stage.ts";

/** Definitions as stages with their times; for speed, values that several loops of a row need are computed once. */
export function staged(
  given: readonly Definition[],
  style: Style,
  extent: Extent | undefined,
  reach: Reach,
  shapes: Map<string, readonly Extent[]>,
) {
  const definitions = spread(given);
  const refused = new Set<Expr>();
  const surveyed = new Map<Expr, Surveyed>();
  for (;;) {
    const shared =
      style === "fused"
        ? share(fromAllButOne(definitions, reach), { row: extent, reach, refused, surveyed })
        : definitions;
    for (const d of shared) shapes.set(d.name, extentsOf(d));
    const parted = materialise(shared, extent, reach, style);
    for (const d of parted) shapes.set(d.name, extentsOf(d));
    const { stages, row } = stagesOf(parted, extent, reach, style);
    for (const s of stages) shapes.set(s.name, extentsOf(s));
    const scheduled = schedule(stages, row);
    // Rows that a later pass reads would be kept for all samples: they are cheaper to compute again.
    const kept = shared.filter(isShared).filter((d) => scheduled.stored.has(d.name));
    if (kept.length === 0) return { parted, stages, row, scheduled };
    for (const d of kept) refused.add(d.shares);
  }
}

/** The definitions that results depend on, and which definition each result is. No definition is two results. */
export function needed(derivation: Derivation) {
  const results: { readonly wrt: string | undefined; readonly name: string }[] = [];
  const aliases: Definition[] = [];
  const wanted: [string | undefined, string][] = [[undefined, derivation.value], ...derivation.gradients];
  for (const [wrt, name] of wanted) {
    const original = derivation.definitions.find((d) => d.name === name);
    if (original === undefined) throw new Error(`the derivation has no definition of ${name}`);
    if (!results.some((r) => r.name === name)) {
      results.push({ wrt, name });
      continue;
    }
    const alias = `d${wrt}•${aliases.length}`;
    aliases.push({
      name: alias,
      indices: original.indices,
      body: read(name, original.indices.map(at), original.body.type),
    });
    results.push({ wrt, name: alias });
  }
  const live = new Set(results.map((r) => r.name));
  const all = [...derivation.definitions, ...aliases];
  for (const d of all.toReversed())
    if (live.has(d.name)) for (const name of namesRead(d.body)) live.add(name);
  return { definitions: all.filter((d) => live.has(d.name)), results };
}

const extentsOf = (d: { readonly indices: readonly Index[] }): readonly Extent[] =>
  d.indices.map((i) => i.extent);

export function shapesOf(
  inputs: readonly Input[],
  definitions: readonly Definition[],
): Map<string, readonly Extent[]> {
  return new Map([
    ...inputs.map((input) => [input.name, input.shape] as const),
    ...definitions.map((d) => [d.name, extentsOf(d)] as const),
  ]);
}
