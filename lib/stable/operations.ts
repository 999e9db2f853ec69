/** Which operations stand in an expression as factors and terms: what a row looks for, asked before all else. */
import { children, type Expr } from "../expr/node.ts";
import type { Op } from "../expr/ops.ts";

const none: ReadonlySet<Op> = new Set();
const known = new WeakMap<Expr, ReadonlySet<Op>>();

/** Operations that sums of products are made of: what stands in them is looked at, too. */
const within: ReadonlySet<Op> = new Set(["add", "sub", "neg", "mul", "div", "pow", "sqrt"]);

/** The operation of an expression, those of its terms and factors, and of either side of a choice. */
export function operationsIn(e: Expr): ReadonlySet<Op> {
  let found = known.get(e);
  if (found === undefined) known.set(e, (found = operationsOf(e)));
  return found;
}

function operationsOf(e: Expr): ReadonlySet<Op> {
  if (e.kind === "where") return joined(operationsIn(e.then), operationsIn(e.else));
  if (e.kind !== "apply") return none;
  const own = singly(e.op);
  return within.has(e.op) ? children(e).map(operationsIn).reduce(joined, own) : own;
}

/** The very set of one side where the other has nothing more: a sum has mostly what its terms have. */
function joined(a: ReadonlySet<Op>, b: ReadonlySet<Op>): ReadonlySet<Op> {
  if (isWithin(b, a)) return a;
  return isWithin(a, b) ? b : new Set([...a, ...b]);
}

function isWithin(some: ReadonlySet<Op>, all: ReadonlySet<Op>): boolean {
  if (some === all) return true;
  if (some.size > all.size) return false;
  for (const op of some) if (!all.has(op)) return false;
  return true;
}

const single = new Map<Op, ReadonlySet<Op>>();

function singly(op: Op): ReadonlySet<Op> {
  let set = single.get(op);
  if (set === undefined) single.set(op, (set = new Set([op])));
  return set;
}
