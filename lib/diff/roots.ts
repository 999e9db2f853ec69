/** Roots whose slope has no bound where they are least: what their derivative is there. */
import { anywhere } from "../expr/parts.ts";
import { apply, num, type Expr, type Node } from "../expr/node.ts";
import type { Algebra } from "../simplify/algebra.ts";
import { isNonnegative, isPositive } from "../simplify/sign.ts";

/**
 * [e ≠ 0], as a factor, where e is a root of something that its form keeps from being negative: √Σx², the length
 * of a vector. At 0 such a root is least, so that 0 is among its subgradients, while its slope times that of what
 * is inside is ∞·0. (J.-B. Hiriart-Urruty and C. Lemaréchal, Fundamentals of Convex Analysis, chapter D.)
 */
export function awayFromMinimum(e: Node<"apply">, s: Algebra): readonly Expr[] {
  if (!isRoot(e)) return [];
  const x = e.args[0]!;
  // A sum is not written out again: its root has been, and may have a name.
  const tested = e.op === "hypot" || anywhere(x, (part) => part.kind === "reduce") ? e : x;
  return [s.iverson(s.simplify(nonzero(tested)))];
}

/** A condition for x ≠ 0, without the kink when x has one there. */
function nonzero(x: Expr): Expr {
  if (x.kind !== "apply") return apply("ne", x, num(0));
  const rest = x.args.filter((a) => !(a.kind === "num" && a.value === 0));
  if (x.op === "abs") return apply("ne", x.args[0]!, num(0));
  if (x.op === "max" && rest.length === 1) return apply("gt", rest[0]!, num(0));
  return apply("ne", x, num(0));
}

function isRoot({ op, args: [x, y] }: Node<"apply">): boolean {
  switch (op) {
    case "hypot":
      return true;
    case "sqrt":
    case "cbrt":
      return isNonnegative(x!) && !isPositive(x!);
    case "pow":
      return y!.kind === "num" && y!.value > 0 && y!.value < 1 && isNonnegative(x!) && !isPositive(x!);
    default:
      return false;
  }
}
