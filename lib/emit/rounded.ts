/** Results in single precision: what is more than stored has an array of doubles, and is rounded once from there. */
import type { Nest } from "../loop/nest.ts";
import { plainest } from "../loop/rename.ts";
import { effectsOf } from "../schedule/effects.ts";

/** Results that are more than stored, each with a name for where it is rounded to. */
export function roundedResults(nest: Nest): ReadonlyMap<string, string> {
  const taken = new Set([...nest.sizes, ...nest.parameters, ...nest.buffers].map(({ name }) => name));
  const { accesses, defines } = effectsOf(nest.body);
  const results = nest.buffers.filter((b) => b.role === "result" && b.type === "real");
  const used = results.filter(({ name }) =>
    accesses.some((a) => a.buffer === name && (a.kind === "load" || (a.kind === "store" && a.by !== "set"))),
  );
  return new Map(
    used.map(({ name }) => {
      const given = plainest(`${name}_rounded`, (n) => taken.has(n) || defines.has(n));
      taken.add(given);
      return [name, given];
    }),
  );
}
