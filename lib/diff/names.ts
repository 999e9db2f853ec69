/** Names for what a derivation introduces: adjoints, shared expressions, indices. */
import { at, index, type Expr, type Index, type Node } from "../expr/node.ts";
import { partsOf } from "../expr/parts.ts";
import type { Program } from "../expr/program.ts";
import { instance, shownName } from "../expr/substitute.ts";

/** Every name that a program uses: inputs, definitions, indices. */
export function namesIn(program: Program): Set<string> {
  const names = new Set<string>(program.inputs.map((i) => i.name));
  for (const d of program.definitions) {
    names.add(d.name);
    for (const i of [...d.indices, ...allIndices(d.body)]) names.add(i.name);
  }
  return names;
}

/** The indices of an expression, free and bound. */
export function allIndices(e: Expr): ReadonlySet<Index> {
  const found = new Set<Index>();
  for (const part of partsOf(e)) {
    if (part.kind === "index") found.add(part.index);
    if (part.kind === "reduce") found.add(part.over);
  }
  return found;
}

/** The reads in an expression, in the order in which they are written. */
export const allReads = (e: Expr): ReadonlySet<Node<"read">> =>
  new Set([...partsOf(e)].filter((part) => part.kind === "read"));

/** `name`, or when it is taken `name2`, `name3`, …; the name is taken from then on. */
export function claim(name: string, taken: Set<string>): string {
  const joint = /\d$/u.test(name) ? "_" : "";
  let candidate = name;
  for (let n = 2; taken.has(candidate); n++) candidate = `${name}${joint}${n}`;
  taken.add(candidate);
  return candidate;
}

/** Indices of the same extents by names that are not taken, to be told apart from all that a program has. */
export function otherIndices(like: readonly Index[], taken: ReadonlySet<string>): readonly Index[] {
  const used = new Set(taken);
  return like.map((i) => {
    const name = shownName(i.name, used);
    used.add(name);
    return index(name, i.extent);
  });
}

/**
 * The indices and body of a definition, with names to print: those of `like` where the body
 * does not bind them, else the next letters of the alphabet that are free.
 */
export function readable(
  indices: readonly Index[],
  body: Expr,
  like: readonly Index[],
  taken: ReadonlySet<string>,
): { readonly indices: readonly Index[]; readonly body: Expr } {
  const bound = new Set(
    [...allIndices(body)].filter((i) => !indices.includes(i)).map((i) => i.name.replace(/′.*$/u, "")),
  );
  const used = new Set<string>(bound);
  const renamed = indices.map((i, n) => {
    const wanted = like[n]!.name;
    const name = used.has(wanted) ? shownName(wanted, new Set([...used, ...taken])) : wanted;
    used.add(name);
    return index(name, i.extent);
  });
  return { indices: renamed, body: instance({ indices, body }, renamed.map(at)) };
}
