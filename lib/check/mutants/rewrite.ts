/** Finding and replacing expressions in definitions. */
import { children, rebuild, type Expr } from "../../expr/node.ts";
import { rewriting } from "../../expr/parts.ts";
import type { Definition } from "../../expr/program.ts";

/** Every distinct expression in another, itself included, the outermost first. */
export function subexpressions(e: Expr): readonly Expr[] {
  const found = new Set<Expr>([e]);
  for (const at of found) for (const child of children(at)) found.add(child);
  return [...found];
}

/** `e` with `from` replaced wherever it stands. */
export const replaced = (e: Expr, from: Expr, to: Expr): Expr =>
  rewriting((part, go) => (part === from ? to : rebuild(part, go)))(e);

export const replacedIn = (
  definitions: readonly Definition[],
  name: string,
  from: Expr,
  to: Expr,
): readonly Definition[] =>
  definitions.map((d) => (d.name === name ? { ...d, body: replaced(d.body, from, to) } : d));
