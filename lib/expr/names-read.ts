/** The names of the arrays that an expression reads. */
import { children, type Expr } from "./node.ts";

const known = new WeakMap<Expr, ReadonlySet<string>>();
const none: ReadonlySet<string> = new Set();

/** The names that an expression reads, each once, in the order in which they are written. */
export function namesRead(e: Expr): ReadonlySet<string> {
  let names = known.get(e);
  if (names === undefined) known.set(e, (names = namesReadByParts(e)));
  return names;
}

/** The very set of a part where the others read nothing: most nodes have one that another has. */
function namesReadByParts(e: Expr): ReadonlySet<string> {
  const inner = children(e)
    .map(namesRead)
    .filter((names) => names.size > 0);
  if (e.kind === "read") return new Set([e.name, ...inner.flatMap((names) => [...names])]);
  return inner.length <= 1 ? (inner[0] ?? none) : new Set(inner.flatMap((names) => [...names]));
}

/** Whether an expression reads all of these names. */
export function readsAll(e: Expr, names: Iterable<string>): boolean {
  const read = namesRead(e);
  for (const name of names) if (!read.has(name)) return false;
  return true;
}
