/**
 * Reverse mode inside one stage: for every read in a body, the adjoint of that read.
 *
 * The adjoint of a node u is Σ over its parents v of (adjoint of v)·∂v/∂u. A node is a
 * function of its free indices, so a contribution that depends on more of them (the
 * bound index of a reduction that u does not mention, say) is summed over these:
 * Σ_j [j ≠ y]·… for a read of score[i, y[i]] under a sum over j.
 */
import { children, freeIndices, occursFree, type Expr, type Index, type Node } from "../expr/node.ts";
import type { Algebra } from "../simplify/algebra.ts";
import { localDerivatives, type Local } from "./local.ts";

type Read = Node<"read">;

/**
 * The adjoints of the reads of `active` names in `body`, given the adjoint of the body.
 * Each adjoint's free indices are among those of its read. `scope` are the indices of the stage;
 * `told` hears of every derivative that is not plainly linear.
 */
export function readAdjoints(
  body: Expr,
  seed: Expr,
  scope: readonly Index[],
  active: ReadonlySet<string>,
  s: Algebra,
  told: (local: Local, parent: Expr) => void,
): ReadonlyMap<Read, Expr> {
  const depends = dependence(active);
  if (!depends(body)) return new Map();
  const incoming = new Map<Expr, Expr[]>([[body, [sumExtra(seed, body, scope, s)]]]);
  const adjoints = new Map<Read, Expr>();
  for (const v of parentsFirst(body, depends)) {
    const adjoint = s.add(incoming.get(v) ?? []);
    if (v.kind === "read") {
      adjoints.set(v, adjoint);
      continue;
    }
    for (const local of localDerivatives(v, s)) {
      const { child, derivative } = local;
      if (!depends(child)) continue;
      if (!linear.has(local.rule)) told(local, v);
      const contribution = s.mul([adjoint, derivative]);
      const bound = v.kind === "reduce" ? [v.over] : [];
      const total = sumExtra(contribution, child, [...bound, ...freeIndices(v)], s);
      incoming.set(child, [...(incoming.get(child) ?? []), total]);
    }
  }
  return adjoints;
}

/** Rules that nobody needs to be told of. */
const linear: ReadonlySet<string> = new Set(["add", "mul", "sum"]);

/** Σ over the indices in scope that the target does not mention. */
function sumExtra(contribution: Expr, target: Expr, scope: readonly Index[], s: Algebra): Expr {
  const extra = [...new Set([...scope, ...freeIndices(contribution)])].filter((i) => !occursFree(i, target));
  return s.sum(extra, contribution);
}

/** Whether a derivative flows from an expression to an active read. */
function dependence(active: ReadonlySet<string>): (e: Expr) => boolean {
  const memo = new Map<Expr, boolean>();
  const depends = (e: Expr): boolean => {
    const known = memo.get(e);
    if (known !== undefined) return known;
    const result = reaches(e);
    memo.set(e, result);
    return result;
  };
  const reaches = (e: Expr): boolean => {
    if (e.type === "bool") return false;
    switch (e.kind) {
      case "read":
        return active.has(e.name) && e.type === "real";
      case "where":
        return depends(e.then) || depends(e.else);
      case "reduce":
        return e.op !== "argmax" && e.op !== "argmin" && depends(e.body);
      case "apply":
        return e.op !== "stop" && e.op !== "iverson" && e.args.some(depends);
      default:
        return false;
    }
  };
  return depends;
}

/** The nodes that a derivative flows through, every node before its children. */
function parentsFirst(root: Expr, depends: (e: Expr) => boolean): readonly Expr[] {
  const order: Expr[] = [];
  const seen = new Set<Expr>();
  const visit = (e: Expr): void => {
    if (seen.has(e) || !depends(e)) return;
    seen.add(e);
    if (e.kind !== "read") for (const child of children(e)) visit(child);
    order.push(e);
  };
  visit(root);
  return order.toReversed();
}
