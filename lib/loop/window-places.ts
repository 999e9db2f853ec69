/**
 * Sums over the windows that reach a place, seen from the windows:
 *
 *   dX[i] = Σ_p, 2·p ≤ i ≤ 2·p + 1: g[p]   as   dX[2·p + r] += g[p] for each p and each r < 2
 *
 * where windows move by more than one step, so that a place would look for those that reach it, by a division.
 */
import { apply, at, freeIndices, occursFree, type Expr, type Index, type Node } from "../expr/node.ts";
import { affine, conjuncts, expression, rangeOf } from "./affine.ts";
import type { Reach } from "./reach.ts";

/** What windows add to the places that they reach. */
export interface WindowPlaces {
  /** The windows' positions. */
  readonly positions: readonly Index[];
  /** The places in a window. */
  readonly places: readonly Index[];
  /** For indices of the array, where in it a place of a window is: inside, always. */
  readonly at: ReadonlyMap<Index, Expr>;
  /** What is added. */
  readonly term: Expr;
}

/** The body of an array with these indices as what windows add to it, if it is that. */
export function windowPlaces(body: Expr, indices: readonly Index[], reach: Reach): WindowPlaces | undefined {
  if (body.kind === "reduce") return ofSum(body, indices, reach);
  if (body.kind !== "apply" || (body.op !== "mul" && body.op !== "div")) return undefined;
  const n = body.args.findIndex((a) => a.kind === "reduce");
  const sum = body.args[n];
  if (sum?.kind !== "reduce" || (body.op === "div" && n > 0)) return undefined;
  if (body.args.some((a, m) => m !== n && freeIndices(a).length > 0)) return undefined;
  const found = ofSum(sum, indices, reach);
  return found && { ...found, term: apply(body.op, ...body.args.map((a, m) => (m === n ? found.term : a))) };
}

function ofSum(sum: Node<"reduce">, indices: readonly Index[], reach: Reach): WindowPlaces | undefined {
  const positions: Index[] = [];
  const places: Index[] = [];
  const where = new Map<Index, Expr>();
  let term: Expr = sum;
  for (; term.kind === "reduce" && term.op === "sum"; term = term.body) {
    const window = windowOf(term, indices, reach);
    if (window === undefined || where.has(window.index) || places.includes(window.place)) return undefined;
    positions.push(term.over);
    places.push(window.place);
    where.set(window.index, window.at);
  }
  const isApart =
    [...where.keys()].every((i) => !occursFree(i, term)) && !places.some((p) => occursFree(p, term));
  return isApart && positions.length > 0 ? { positions, places, at: where, term } : undefined;
}

/** The index that the windows of a sum slide along, the place in a window, and both together. */
function windowOf({ over, guard }: Node<"reduce">, indices: readonly Index[], reach: Reach) {
  const conditions = conjuncts(guard);
  const along = indices.filter((i) => conditions.some((c) => occursFree(i, c)));
  const [index] = along;
  if (index === undefined || along.length > 1) return undefined;
  const { least, end, equal, rest } = rangeOf(index, conditions);
  if (least.length !== 1 || end.length !== 1 || equal.length + rest.length > 0) return undefined;
  const [from, to] = [affine(least[0]!), affine(end[0]!)];
  const stride = from.terms.get(at(over)) ?? 0;
  if (stride < 2 || from.terms.size !== 1 || to.terms.size !== 1 || to.terms.get(at(over)) !== stride)
    return undefined;
  const place = reach.placeIn(index, { over: over.extent, stride, shift: from.constant });
  if (place === undefined || place.size !== to.constant - from.constant) return undefined;
  return { index, place: place.index, at: apply("add", expression(from), at(place.index)) };
}
