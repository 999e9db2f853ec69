/** New names in a nest that has its names already. */
import { Names } from "../loop/identifier.ts";
import type { Nest, Statement } from "../loop/nest.ts";
import { plainest, rename } from "../loop/rename.ts";
import { effectsOf } from "./effects.ts";

/** A name that nothing in the nest has, as much like the wanted one as may be. */
export type Fresh = (wanted: string) => string;

/** The nest with another body, in which names from `Fresh` may stand; each becomes the plainest one that is free where it stands. */
export function withFresh(
  nest: Nest,
  body: (statements: readonly Statement[], fresh: Fresh) => readonly Statement[],
): Nest {
  const { defines, indices } = effectsOf(nest.body);
  const whole = [...nest.sizes, ...nest.parameters, ...nest.buffers].map(({ name }) => name);
  const taken = new Set([...defines, ...whole]);
  const stems = new Map<string, string>();
  const now = body(nest.body, (wanted) => {
    const name = plainest(wanted, (n) => taken.has(n));
    taken.add(name);
    stems.set(name, wanted);
    return name;
  });
  if (now === nest.body) return nest;
  return { ...nest, body: rename(now, stems, new Names().fixed([...whole, ...indices])).statements };
}
