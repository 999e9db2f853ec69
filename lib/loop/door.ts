/**
 * The door: checks of labels and other subscripts that only the inputs' values decide.
 * Subscripts that are inside by the way extents were inferred are not checked again.
 */
import type { Derivation } from "../diff/derivation.ts";
import { children, size, type Expr, type Node } from "../expr/node.ts";
import type { Bound } from "../expr/program.ts";
import { conjuncts } from "./affine.ts";
import { Block } from "./block.ts";
import type { Context } from "./context.ts";
import { evident } from "./evident.ts";
import { iterate } from "./iterate.ts";
import { atom, lower } from "./scalar.ts";
import { call } from "./integer.ts";
import { constant, type Scalar, type Statement } from "./nest.ts";
import { Reach } from "./reach.ts";

export function doorOf(cx: Context, derivation: Derivation): readonly Statement[] {
  const root = Block.root();
  const done = new Set<string>();
  for (const bound of derivation.bounds) {
    if (!decidable(bound, derivation) || evident(bound)) continue;
    const key = `${bound.subscript.id} ${size(bound.extent).id} ${bound.guard?.id ?? ""}`;
    if (done.has(key)) continue;
    done.add(key);
    check({ ...cx, reach: nothingKnown, uses: new Map(), allUses: new Map(), needs: new Map() }, bound, root);
  }
  return root.statements;
}

// At the door no subscript is known to be inside: that is what is being found out.
const nothingKnown = new Reach([], new Map());

/** Whether it reads inputs only. */
function decidable(bound: Bound, { inputs }: Derivation): boolean {
  const names = new Set(inputs.map((input) => input.name));
  const all = [bound.subscript, ...(bound.guard ? [bound.guard] : [])].flatMap(readNames);
  return all.every((name) => names.has(name));
}

function readNames(e: Expr): readonly string[] {
  const below = children(e).flatMap(readNames);
  return e.kind === "read" ? [e.name, ...below] : below;
}

function check(cx: Context, { array, axis, subscript, guard, over, extent }: Bound, root: Block): void {
  iterate(cx, root, over, conjuncts(guard), (block) => {
    const value = atom(cx, subscript, block);
    const limit = lower(cx, size(extent), block);
    const below = call("lt", value, limit);
    // A constant is at least 0: the parser refuses others.
    const inside = value.kind === "const" ? below : call("and", call("ge", value, constant(0)), below);
    const shown = value.kind === "const" ? String(value.value) : value;
    const message =
      subscript.kind === "read"
        ? [...spelled(cx, subscript, block), " = ", value, ` is outside 0 ≤ ${subscript.name} < `, limit]
        : [`axis ${axis} of ${array} is read at `, shown, ", which is outside 0 ≤ subscript < ", limit];
    block.statements.push({ kind: "require", guard: inside, message });
  });
}

/** `y[3]`: the read with the values of its subscripts in it. */
function spelled(cx: Context, { name, at }: Node<"read">, block: Block): readonly (string | Scalar)[] {
  if (at.length === 0) return [name];
  const subscripts = at.flatMap((s, n) => {
    const value = lower(cx, s, block);
    return [...(n > 0 ? [", "] : []), value.kind === "const" ? String(value.value) : value];
  });
  return [`${name}[`, ...subscripts, "]"];
}
