/**
 * One element of an array that is not like the others: in `k == y ? -count : [margin[k] > 0]`
 * it is cheaper to compute all of them alike and then to put that one right than to ask at each.
 */
import { children, num, occursFree, rebuild, type Expr, type Index } from "../expr/node.ts";
import { required } from "./excluded.ts";

export interface SetApart {
  /** The condition that singles the element out, `k == t` with a t that is the same for all. */
  readonly guard: Expr;
  /** The body where it holds, and where it does not. */
  readonly there: Expr;
  readonly elsewhere: Expr;
}

/** The first such choice in a body that is computed at all values of `indices`; none inside of reductions. */
export function setApart(body: Expr, indices: readonly Index[]): SetApart | undefined {
  const guard = choice(body, indices, new Set());
  if (guard === undefined) return undefined;
  return { guard, there: decided(body, guard, true), elsewhere: decided(body, guard, false) };
}

function choice(e: Expr, indices: readonly Index[], seen: Set<Expr>): Expr | undefined {
  if (e.kind === "reduce" || seen.has(e)) return undefined;
  seen.add(e);
  if (e.kind === "where" && indices.some((k) => singles(e.guard, k, indices))) return e.guard;
  for (const child of children(e)) {
    const found = choice(child, indices, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

const singles = (guard: Expr, k: Index, indices: readonly Index[]): boolean =>
  required(guard, k).some((t) => !indices.some((i) => occursFree(i, t)));

/** An expression when it is known whether the condition holds. */
function decided(e: Expr, guard: Expr, holds: boolean): Expr {
  const memo = new Map<Expr, Expr>();
  const walk = (part: Expr): Expr => {
    let out = memo.get(part);
    if (out === undefined) memo.set(part, (out = step(part)));
    return out;
  };
  const step = (part: Expr): Expr => {
    if (part.kind === "where" && part.guard === guard) return walk(holds ? part.then : part.else);
    if (part.kind === "apply" && part.op === "iverson" && part.args[0] === guard) return num(holds ? 1 : 0);
    return part.kind === "reduce" ? part : rebuild(part, walk);
  };
  return walk(e);
}
