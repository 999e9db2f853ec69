/**
 * What a definition has computed already is read, not computed again: a mean that rewriting has put into sums of
 * deviations from it is the definition `mx` that it came from.
 */
import { withBodies } from "../expr/bodies.ts";
import { canonicalOf } from "../expr/canonical.ts";
import { anywhere, partsOf, rewriting } from "../expr/parts.ts";
import { at, freeIndices, read, rebuild, reduce, type Expr } from "../expr/node.ts";
import type { Definition } from "../expr/program.ts";
import { argument, isApply } from "./pattern.ts";

/** The definitions, each with reads in place of what is the whole body of another that holds a reduction. */
export function namedAgain(given: readonly Definition[]): readonly Definition[] {
  const definitions = preciseOnce(given);
  const byBody = new Map<Expr, Definition>();
  for (const d of definitions) {
    const own = canonicalOf(d.body);
    if (isNameable(d) && !byBody.has(own)) byBody.set(own, d);
  }
  if (byBody.size === 0) return definitions;
  const kinds = new Set([...byBody.keys()].map((e) => e.kind));
  return withBodies(definitions, (body) => {
    const rewrite = rewriting((e, go) => {
      const named = e !== body && kinds.has(e.kind) ? byBody.get(canonicalOf(e)) : undefined;
      return named === undefined ? rebuild(e, go) : reading(named, e);
    });
    return rewrite(body);
  });
}

/** Where sums over all samples stand with and without compensation, all of them with it: such a sum is computed anyway. */
function preciseOnce(definitions: readonly Definition[]): readonly Definition[] {
  const precise = new Map<Expr, Expr>();
  for (const e of partsOf(...definitions.map((d) => d.body)))
    if (e.kind === "reduce" && e.op === "sum" && isApply(e.body, "precise") && freeIndices(e).length === 0)
      precise.set(reduce(e.op, e.over, e.guard, argument(e.body)), e);
  if (precise.size === 0) return definitions;
  return withBodies(
    definitions,
    rewriting((e, go) => rebuild(precise.get(e) ?? e, go)),
  );
}

/** A definition that each of its indices stands in, and that takes a loop. */
const isNameable = ({ indices, body }: Definition): boolean =>
  freeIndices(body).length === indices.length && anywhere(body, (e) => e.kind === "reduce");

/** The definition at the indices that stand in an expression for its own. */
function reading(d: Definition, e: Expr): Expr {
  const [own, here] = [freeIndices(d.body), freeIndices(e)];
  const by = new Map(own.map((i, n) => [i, here[n]!]));
  return read(
    d.name,
    d.indices.map((i) => at(by.get(i)!)),
    d.body.type,
  );
}
