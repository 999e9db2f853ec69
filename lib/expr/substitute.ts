/** Capture-avoiding substitution of indices, and fresh names for them. */
import { at, freeIndices, index, rebuild, reduce, type Expr, type Index } from "./node.ts";
import { rewriting } from "./parts.ts";
import type { Extent } from "./extent.ts";

/**
 * `e` with each free index replaced at once. A binder whose index would capture
 * a replacement is renamed first.
 */
export function substitute(e: Expr, by: ReadonlyMap<Index, Expr>): Expr {
  const go = rewriting((e, go) => {
    if (!freeIndices(e).some((i) => by.has(i))) return e;
    if (e.kind === "index") return by.get(e.index) ?? e;
    if (e.kind !== "reduce") return rebuild(e, go);
    const inner = [...by].filter(([i]) => i !== e.over && freeIndices(e).includes(i));
    const captured = inner.some(([, to]) => freeIndices(to).includes(e.over));
    if (!captured && !by.has(e.over)) return rebuild(e, go);
    const taken = new Set(
      [...inner.flatMap(([, to]) => freeIndices(to)), ...freeIndices(e)].map((i) => i.name),
    );
    const over = captured ? fresh(e.over.name, e.over.extent, taken) : e.over;
    const map = new Map(inner);
    if (over !== e.over) map.set(e.over, at(over));
    return reduce(e.op, over, e.guard && substitute(e.guard, map), substitute(e.body, map));
  });
  return go(e);
}

/** The body of a definition at some subscripts. */
export const instance = (
  { indices, body }: { readonly indices: readonly Index[]; readonly body: Expr },
  subscripts: readonly Expr[],
): Expr => substitute(body, new Map(indices.map((i, n) => [i, subscripts[n]!])));

/**
 * An index of this extent whose name is not taken. A name that is made up carries a mark
 * that no user can write, so that whoever shows it knows that any other name would do.
 */
export function fresh(name: string, extent: Extent, taken: ReadonlySet<string>): Index {
  const stem = stemOf(name);
  let candidate = name;
  for (let n = 2; taken.has(candidate); n++) candidate = `${stem}′${n}`;
  return index(candidate, extent);
}

/** What a made-up name was made from: `j` for `j′2`. */
const stemOf = (name: string): string => name.replace(/′.*$/u, "");

/** The name to show for an index: the user's, or when that is taken the next letter that is not, or a number. */
export function shownName(name: string, taken: Pick<ReadonlySet<string>, "has">): string {
  const stem = stemOf(name);
  if (!taken.has(stem)) return stem;
  const start = letters.indexOf(stem) + 1;
  const next = start === 0 ? [] : [...letters.slice(start), ...letters.slice(0, start)];
  const letter = next.find((candidate) => !taken.has(candidate));
  if (letter !== undefined) return letter;
  for (let n = 2; ; n++) if (!taken.has(stem + n)) return stem + n;
}

/** Letters that people use for indices, in the order in which they reach for them; no l, o, e, and p is a probability. */
const letters = "ijkmnqrstuvabcdfgh";
