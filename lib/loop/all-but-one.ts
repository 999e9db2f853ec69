/**
 * Sums over all values of an index beside sums over all but one: Σ_j f(j) is Σ_{j ≠ t} f(j) + f(t),
 * one addition instead of another loop.
 */
import { anywhere, partsOf, rewriting } from "../expr/parts.ts";
import { apply, freeIndices, reduce, rebuild, type Expr, type Node } from "../expr/node.ts";
import type { Definition } from "../expr/program.ts";
import { substitute } from "../expr/substitute.ts";
import { conjuncts } from "./affine.ts";
import { excluded } from "./excluded.ts";
import type { Reach } from "./reach.ts";

/** The definitions with each sum that has such a counterpart made of it. */
export function fromAllButOne(definitions: readonly Definition[], reach: Reach): readonly Definition[] {
  const parts = partsOf(...definitions.map((d) => d.body));
  const better = new Map<Expr, { readonly part: Expr; readonly whole: Expr }>();
  for (const e of parts) {
    const found = e.kind === "reduce" ? wholeOf(e, reach) : undefined;
    if (found !== undefined && parts.has(found.full)) better.set(found.full, { part: e, whole: found.sum });
  }
  return [...better].reduce((all, [full, { part, whole }]) => replaced(all, full, part, whole), definitions);
}

/** Of a sum over all but one value: the sum over all values, and how it comes of the former. */
function wholeOf(
  part: Node<"reduce">,
  reach: Reach,
): { readonly full: Expr; readonly sum: Expr } | undefined {
  const { op, over, guard, body } = part;
  const all = conjuncts(guard);
  const [one] = all.flatMap((c) => excluded(c, over));
  if (op !== "sum" || all.length !== 1 || one === undefined) return undefined;
  const full = reduce("sum", over, undefined, body);
  const inner = body.kind === "apply" && body.op === "precise" ? body.args[0]! : body;
  const own = substitute(inner, new Map([[over, one]]));
  const known = freeIndices(part).every((i) => freeIndices(full).includes(i));
  if (!known || !reach.inside(own, []) || !reach.within(one, over.extent)) return undefined;
  return { full, sum: apply("add", part, own) };
}

/** `whole` in place of `full`, and the definition that is `part`, if there is one, before those that then need it. */
function replaced(
  definitions: readonly Definition[],
  full: Expr,
  part: Expr,
  whole: Expr,
): readonly Definition[] {
  const rewrite = rewriting((e, go) => (e === full ? whole : rebuild(e, go)));
  const bodies = definitions.map((d) => ({ ...d, body: rewrite(d.body) }));
  const user = bodies.findIndex((d, n) => d.body !== definitions[n]!.body);
  const own = bodies.findIndex((d) => d.body === part);
  const between = new Set(bodies.slice(user, own).map((d) => d.name));
  if (own <= user || reads(part, between)) return bodies;
  return [...bodies.slice(0, user), bodies[own]!, ...bodies.slice(user, own), ...bodies.slice(own + 1)];
}

const reads = (e: Expr, names: ReadonlySet<string>): boolean =>
  anywhere(e, (part) => part.kind === "read" && names.has(part.name));
