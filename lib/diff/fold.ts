/** Names put back: wherever a definition's body stands, the definition is read instead. */
import { anywhere, rewriting } from "../expr/parts.ts";
import type { Extent } from "../expr/extent.ts";
import { namesRead, readsAll } from "../expr/names-read.ts";
import { at, read, rebuild, type Expr, type Index } from "../expr/node.ts";
import type { Definition } from "../expr/program.ts";
import { replaceAtRoot, type Inside } from "../simplify/unify.ts";
import { comparisons } from "../expr/syntax.ts";

/**
 * `e` with every instance of the definition's body, outermost first, replaced by a read of it.
 * An instance counts only where its subscripts are `inside` the definition's ranges.
 */
export function fold(e: Expr, definition: Definition, inside: Inside): Expr {
  const { name, body, indices } = definition;
  // An instance reads all that the body reads.
  const wanted = namesRead(body);
  if (!readsAll(e, wanted)) return e;
  const type = body.type === "bool" ? "bool" : body.type;
  const go = rewriting((e, go) => {
    if (!readsAll(e, wanted)) return e;
    const replaced =
      e.type === "bool" && type !== "bool"
        ? e
        : replaceAtRoot(e, body, indices, (subscripts) => read(name, subscripts, type), inside);
    return replaced.kind === "read" && replaced !== e ? replaced : rebuild(replaced, go);
  });
  return go(e);
}

/**
 * Whether wherever the expression is evaluated at some value of an index, that value is in the index's range,
 * because an array is read there along an axis of that size. `shapes` are those of arrays by name.
 */
export function boundsIndex(root: Expr, i: Index, shapes: ReadonlyMap<string, readonly Extent[]>): boolean {
  const seen = new Set<Expr>();
  const within = (e: Expr): boolean => {
    if (seen.has(e)) return false;
    seen.add(e);
    switch (e.kind) {
      case "read":
        return e.at.some((x, n) => (x === at(i) ? shapes.get(e.name)?.[n] === i.extent : within(x)));
      case "apply":
        // Of a conjunction only the first part is sure to be asked.
        return e.op === "and" || e.op === "or" ? within(e.args[0]!) : e.args.some(within);
      case "where":
        return within(e.guard);
      case "reduce":
        return e.over !== i && within(e.guard ?? e.body);
      default:
        return false;
    }
  };
  return within(root);
}

/** Whether naming an expression saves work or reading: it has a reduction or a function that costs something. */
export const worthNaming = (e: Expr): boolean =>
  anywhere(e, (part) => part.kind === "reduce" || (part.kind === "apply" && !cheap.has(part.op)));

// prettier-ignore
const cheap: ReadonlySet<string> = new Set([
  "add", "sub", "mul", "div", "neg", "max", "min", "abs", "sign", "relu", "stop", "iverson",
  ...comparisons, "and", "or", "not",
]);

export const hasReduction = (e: Expr): boolean => anywhere(e, (part) => part.kind === "reduce");
