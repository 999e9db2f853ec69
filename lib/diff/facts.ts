/** What the checks at the door let a derivation take for granted. */
import type { Expr } from "../expr/node.ts";
import type { Extent } from "../expr/extent.ts";
import type { Program } from "../expr/program.ts";
import type { Facts } from "../simplify/algebra.ts";
import { shapesOf, type Shapes } from "./inside.ts";

/**
 * Labels that are read as a subscript without any guard are inside its extent: y[i] < C.
 * Where the whole label array is checked, that holds for it at any subscript. `shapes` may still grow.
 */
export function factsOf(program: Program, shapes: Shapes = shapesOf(program, [])): Facts {
  const byRead = new Map<Expr, Extent[]>();
  const byName = new Map<string, Extent[]>();
  for (const { subscript, guard, extent } of program.bounds) {
    if (guard !== undefined || subscript.kind !== "read") continue;
    push(byRead, subscript, extent);
    const input = program.inputs.find((i) => i.name === subscript.name);
    const whole = subscript.at.every((e, n) => e.kind === "index" && e.index.extent === input?.shape[n]);
    if (input && whole) push(byName, subscript.name, extent);
  }
  const positions = positionsOf(program);
  return {
    // What a derivation names comes after all that the program names.
    position: (name) => positions.get(name) ?? positions.size,
    shapeOf: (name) => shapes.get(name),
    labelBelow: (read) =>
      read.kind === "read" ? [...(byRead.get(read) ?? []), ...(byName.get(read.name) ?? [])] : [],
  };
}

function push<K>(map: Map<K, Extent[]>, key: K, value: Extent): void {
  map.set(key, [...(map.get(key) ?? []), value]);
}

/** Names in the order in which the text first has them; in the order of the lists where there is no text. */
function positionsOf({ inputs, definitions }: Program): ReadonlyMap<string, number> {
  const named = [...inputs, ...definitions];
  const offset = (n: number): number => named[n]!.place?.offset ?? n;
  const order = named.map((_, n) => n).toSorted((a, b) => offset(a) - offset(b));
  return new Map(order.map((n, position) => [named[n]!.name, position]));
}
