/**
 * The door: checks of labels and other subscripts that only the inputs' values decide.
 * Subscripts that are inside by the way extents were inferred are not checked again.
 */
import type { Derivation } from "../diff/derivation.ts";
import { children, num, size, apply, type Expr } from "../expr/node.ts";
import type { Bound } from "../expr/program.ts";
import { conjuncts } from "./affine.ts";
import { Block } from "./block.ts";
import type { Context } from "./context.ts";
import { iterate } from "./iterate.ts";
import { atom, lower } from "./scalar.ts";
import type { Statement } from "./nest.ts";
import { Reach } from "./reach.ts";

export function doorOf(cx: Context, derivation: Derivation): readonly Statement[] {
  const root = Block.root();
  const done = new Set<string>();
  for (const bound of derivation.bounds) {
    if (!decidable(bound, derivation)) continue;
    const key = `${bound.subscript.id} ${size(bound.extent).id} ${bound.guard?.id ?? ""}`;
    if (done.has(key)) continue;
    done.add(key);
    check({ ...cx, reach: nothingKnown, uses: new Map(), allUses: new Map() }, bound, root);
  }
  return root.statements;
}

// At the door no subscript is known to be inside: that is what is being found out.
const nothingKnown = new Reach([], new Map());

/** Whether it reads inputs only, and some input at all. */
function decidable(bound: Bound, { inputs }: Derivation): boolean {
  const names = new Set(inputs.map((input) => input.name));
  const all = [bound.subscript, ...(bound.guard ? [bound.guard] : [])].flatMap(readNames);
  return all.every((name) => names.has(name)) && readNames(bound.subscript).length > 0;
}

function readNames(e: Expr): readonly string[] {
  const below = children(e).flatMap(readNames);
  return e.kind === "read" ? [e.name, ...below] : below;
}

function check(cx: Context, { subscript, guard, over, extent }: Bound, root: Block): void {
  iterate(cx, root, over, conjuncts(guard), (block) => {
    const value = atom(cx, subscript, block);
    const limit = lower(cx, size(extent), block);
    const inside = lower(
      cx,
      apply("and", apply("ge", subscript, num(0)), apply("lt", subscript, size(extent))),
      block,
    );
    block.statements.push({
      kind: "require",
      guard: inside,
      message: [
        ...spelled(cx, subscript, block),
        " = ",
        value,
        " is outside 0 ≤ ",
        plain(subscript),
        " < ",
        limit,
      ],
    });
  });
}

/** `y[3]`: the subscript with the values of its indices in it. */
function spelled(cx: Context, e: Expr, block: Block): Extract<Statement, { kind: "require" }>["message"] {
  if (e.kind !== "read") return [plain(e)];
  const at = e.at.flatMap((s, n) => [...(n > 0 ? [", "] : []), lower(cx, s, block)]);
  return e.at.length === 0 ? [e.name] : [`${e.name}[`, ...at, "]"];
}

const plain = (e: Expr): string => (e.kind === "read" ? e.name : "the subscript");
