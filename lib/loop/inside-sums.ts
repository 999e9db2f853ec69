/**
 * Definitions put into the running sums of exponentials that read them: such as e[t, k] = k ≤ t ? exp(x[k] - top[t]) : 0
 * into Σ_{k ≤ t} e[t, k], and top[t] into that, so that one sees what there is to go on from. What nobody reads then
 * is no longer computed.
 */
import { rebuild, reduce, type Expr, type Node } from "../expr/node.ts";
import { namesRead } from "../expr/names-read.ts";
import { rewriting } from "../expr/parts.ts";
import type { Definition } from "../expr/program.ts";
import { instance } from "../expr/substitute.ts";
import { conjuncts } from "./affine.ts";
import { exponentials } from "./exponentials.ts";

/** The definitions with that done; `results` are computed in any case. */
export function insideSums(
  definitions: readonly Definition[],
  results: ReadonlySet<string>,
): readonly Definition[] {
  const known = new Map<string, Definition>();
  const all = definitions.map((d) => {
    const rewrite = rewriting((e, go) => (e.kind === "reduce" && running(e, known)) || rebuild(e, go));
    known.set(d.name, d);
    const body = rewrite(d.body);
    return body === d.body ? d : { ...d, body };
  });
  if (all.every((d, n) => d === definitions[n])) return definitions;
  const live = new Set(results);
  for (const d of all.toReversed())
    if (live.has(d.name)) for (const name of namesRead(d.body)) live.add(name);
  return all.filter((d) => live.has(d.name));
}

/** The sum with definitions put into it, where it then runs along. */
function running(e: Node<"reduce">, definitions: ReadonlyMap<string, Definition>): Expr | undefined {
  if (e.op !== "sum" || e.guard === undefined) return undefined;
  const holds = new Set(conjuncts(e.guard));
  const open = (isOpened: (d: Definition) => boolean, body: Expr): Expr => {
    const rewrite = rewriting((part, go): Expr => {
      if (part.kind === "where" && holds.has(part.guard)) return go(part.then);
      const inner = rebuild(part, go);
      const d = inner.kind === "read" ? definitions.get(inner.name) : undefined;
      return d !== undefined && inner.kind === "read" && isOpened(d) ? go(instance(d, inner.at)) : inner;
    });
    return rewrite(body);
  };
  const terms = open((d) => d.indices.length > 1 && isTerm(d.body), e.body);
  const sum = (body: Expr) => reduce("sum", e.over, e.guard, body);
  const [shifted, plain] = [sum(open((d) => isLargest(d.body), terms)), sum(terms)].map((made) =>
    made.kind === "reduce" ? { made, is: exponentials(made) } : undefined,
  );
  // The largest exponent is worth seeing only where it is the one that a sum of exponentials takes off itself.
  if (shifted?.is && shifted.is.shift === undefined) return shifted.made;
  return plain?.is && plain.made;
}

/** Whether it is an exponential, or that where a condition holds. */
const isTerm = (e: Expr): boolean =>
  e.kind === "where"
    ? isTerm(e.then) && e.else.kind === "num"
    : e.kind === "apply" && (e.op === "exp" || e.op === "expsum");

const isLargest = (e: Expr): boolean => e.kind === "reduce" && e.op === "max" && e.guard !== undefined;
