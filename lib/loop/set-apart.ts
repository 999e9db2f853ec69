/**
 * Elements of an array that are not like the others: in `k == y ? -count : [margin[k] > 0]`
 * it is cheaper to compute all of them alike and then to put that one right than to ask at each.
 * So it is where a choice is between a loop and a few operations: the loop over all elements
 * is a fast one only when no other loop stands in it.
 */
import { anywhere, rewriting } from "../expr/parts.ts";
import { apply, children, num, occursFree, rebuild, type Expr, type Index, type Node } from "../expr/node.ts";
import { required } from "./excluded.ts";

export interface SetApart {
  /** The condition of the choice, such as `k == t` with a t that is the same for all. */
  readonly guard: Expr;
  /** The body where it holds, and where it does not. */
  readonly there: Expr;
  readonly elsewhere: Expr;
}

/** A choice that is the same for all values of `indices` and has a reduction on a side: it is made once, before their loops. */
export function madeBefore(body: Expr, indices: readonly Index[]): SetApart | undefined {
  const guard = choice(
    body,
    (e) => indices.every((k) => !occursFree(k, e.guard)) && (reduces(e.then) || reduces(e.else)),
  );
  return guard && bySide(body, guard);
}

const reduces = (e: Expr): boolean => anywhere(e, (part) => part.kind === "reduce");

const bySide = (body: Expr, guard: Expr): SetApart => ({
  guard,
  there: decided(body, guard, true),
  elsewhere: decided(body, guard, false),
});

/** The first such choice in a body that is computed at all values of `indices`; none inside of reductions. */
export function setApart(body: Expr, indices: readonly Index[]): SetApart | undefined {
  const guard =
    choice(body, ({ guard }) => indices.some((k) => singles(guard, k, indices))) ??
    choice(body, (e) => looped(e.then, indices) && !looped(e.guard, indices) && !looped(e.else, indices));
  return guard && bySide(body, guard);
}

function choice(
  e: Expr,
  wanted: (e: Node<"where">) => boolean,
  seen: Set<Expr> = new Set(),
): Expr | undefined {
  if (e.kind === "reduce" || seen.has(e)) return undefined;
  seen.add(e);
  if (e.kind === "where" && wanted(e)) return e.guard;
  for (const child of children(e)) {
    const found = choice(child, wanted, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether each element needs a loop of its own. */
const looped = (e: Expr, indices: readonly Index[]): boolean =>
  anywhere(e, (part) => part.kind === "reduce" && indices.some((k) => occursFree(k, part)));

const singles = (guard: Expr, k: Index, indices: readonly Index[]): boolean =>
  required(guard, k).some((t) => !indices.some((i) => occursFree(i, t)));

/** An expression when it is known whether the condition holds. */
function decided(e: Expr, guard: Expr, holds: boolean): Expr {
  const decide = rewriting((part, go) => {
    if (part.kind === "where" && part.guard === guard) return go(holds ? part.then : part.else);
    if (part.kind === "apply" && part.op === "iverson" && part.args[0] === guard) return num(holds ? 1 : 0);
    return part.kind === "reduce" ? part : withoutZeros(rebuild(part, go), part);
  });
  return decide(e);
}

const isZero = (e: Expr): boolean => e.kind === "num" && e.value === 0;

/** A sum without the zeros that a decision has left in it; a multiple of 0 is 0. */
function withoutZeros(e: Expr, before: Expr): Expr {
  if (e === before || e.kind !== "apply") return e;
  if (e.op === "mul" && e.args.every((a) => a.kind === "num") && e.args.some(isZero)) return num(0);
  if (e.op !== "add") return e;
  const left = e.args.filter((a) => !isZero(a));
  if (left.length === e.args.length) return e;
  return left.length === 0 ? num(0) : left.length === 1 ? left[0]! : apply("add", ...left);
}
