/** Names put back: wherever a definition's body stands, the definition is read instead. */
import { children, read, rebuild, type Expr } from "../expr/node.ts";
import type { Definition } from "../expr/program.ts";
import { replaceAtRoot } from "../simplify/unify.ts";

/** `e` with every instance of the definition's body, outermost first, replaced by a read of it. */
export function fold(e: Expr, definition: Definition): Expr {
  const memo = new Map<Expr, Expr>();
  const { name, body, indices } = definition;
  const type = body.type === "bool" ? "bool" : body.type;
  const go = (e: Expr): Expr => {
    const known = memo.get(e);
    if (known !== undefined) return known;
    const replaced =
      e.type === "bool" && type !== "bool"
        ? e
        : replaceAtRoot(e, body, indices, (subscripts) => read(name, subscripts, type));
    const out = replaced.kind === "read" && replaced !== e ? replaced : rebuild(replaced, go);
    memo.set(e, out);
    return out;
  };
  return go(e);
}

/** Whether naming an expression saves work or reading: it has a reduction or a function that costs something. */
export function worthNaming(e: Expr): boolean {
  const seen = new Set<Expr>();
  const visit = (e: Expr): boolean => {
    if (seen.has(e)) return false;
    seen.add(e);
    if (e.kind === "reduce") return true;
    if (e.kind === "apply" && !cheap.has(e.op)) return true;
    return children(e).some(visit);
  };
  return visit(e);
}

// prettier-ignore
const cheap: ReadonlySet<string> = new Set([
  "add", "sub", "mul", "div", "neg", "max", "min", "abs", "sign", "relu", "stop", "iverson",
  "lt", "le", "gt", "ge", "eq", "ne", "and", "or", "not",
]);

export const hasReduction = (e: Expr): boolean => e.kind === "reduce" || children(e).some(hasReduction);

/** The names that a definition reads. */
export function readsOf(e: Expr): ReadonlySet<string> {
  const names = new Set<string>();
  const seen = new Set<Expr>();
  const visit = (e: Expr): void => {
    if (seen.has(e)) return;
    seen.add(e);
    if (e.kind === "read") names.add(e.name);
    children(e).forEach(visit);
  };
  visit(e);
  return names;
}
