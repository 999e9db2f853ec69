/** Answers that depend on expressions and on what a simplifier knows, worked out once for each simplifier. */
import type { Algebra } from "./algebra.ts";

export function answers<K, V>(): (s: Algebra, key: K, answer: () => V) => V {
  const tables = new WeakMap<Algebra, Map<K, V>>();
  return (s, key, answer) => {
    let table = tables.get(s);
    if (table === undefined) tables.set(s, (table = new Map()));
    let known = table.get(key);
    if (known === undefined) table.set(key, (known = answer()));
    return known;
  };
}
