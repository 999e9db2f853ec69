/** How a program writes its inputs: for messages in the user's own notation. */
import type { Expr, Node } from "../expr/node.ts";
import { partsOf } from "../expr/parts.ts";
import type { Definition } from "../expr/program.ts";
import { print } from "../text/print.ts";

/** Every read in the definitions, each once, in the order of the text. */
export const readsOf = (definitions: readonly Definition[]): Node<"read">[] =>
  readsIn(definitions.map(({ body }) => body));

/** The names of the arrays that an expression reads. */
export const namesRead = (e: Expr): string[] => readsIn([e]).map((read) => read.name);

/** The definitions among these names, and those that they read in turn; in their order. */
export function definitionsBehind(names: Iterable<string>, definitions: readonly Definition[]): Definition[] {
  const wanted = new Set(names);
  const found: Definition[] = [];
  for (const definition of definitions.toReversed())
    if (wanted.has(definition.name)) {
      found.unshift(definition);
      for (const name of namesRead(definition.body)) wanted.add(name);
    }
  return found;
}

const readsIn = (expressions: readonly Expr[]): Node<"read">[] =>
  [...partsOf(...expressions)].filter((e) => e.kind === "read");

/** The read of an array that shows its axes best: the one with the most plain indices as subscripts. */
export function exemplar(
  name: string,
  rank: number,
  reads: readonly Node<"read">[],
): Node<"read"> | undefined {
  return reads
    .filter((read) => read.name === name && read.at.length === rank)
    .reduce<Node<"read"> | undefined>(
      (best, read) => (best === undefined || plain(read) > plain(best) ? read : best),
      undefined,
    );
}

/** An array as the program writes it, `X[i,d]`; with dots for subscripts where no read is left. */
export function writtenInput(name: string, rank: number, reads: readonly Node<"read">[]): string {
  const read = exemplar(name, rank, reads);
  if (read !== undefined) return print(read);
  return rank === 0 ? name : `${name}[${Array.from({ length: rank }, () => "·").join(",")}]`;
}

const plain = (read: Node<"read">): number => read.at.filter((s) => s.kind === "index").length;
