/** Conditions that stand as factors of terms. */
import type { Expr } from "../../expr/node.ts";
import type { Algebra } from "../algebra.ts";
import { negate } from "../condition.ts";
import { exprOf, termOf } from "../term.ts";

interface Cases {
  readonly guard: Expr;
  readonly then: Expr;
  readonly else: Expr;
  readonly rest: readonly Expr[];
}

/** [p]·a + [¬p]·b as cases; an equality is asked first. */
export function pairCases(terms: readonly Expr[], s: Algebra): Cases | undefined {
  const guards = new Set(terms.flatMap(guardsOf));
  for (const guard of guards) {
    const opposite = negate(guard, s);
    if (!guards.has(opposite)) continue;
    const [yes, no] = [
      terms.filter((u) => guardsOf(u).includes(guard)),
      terms.filter((u) => guardsOf(u).includes(opposite)),
    ];
    const first = guard.kind === "apply" && guard.op === "ne" ? opposite : guard;
    const [then, otherwise] = first === guard ? [yes, no] : [no, yes];
    return {
      guard: first,
      then: s.add(then.map((u) => without(u, first))),
      else: s.add(otherwise.map((u) => without(u, negate(first, s)))),
      rest: terms.filter((u) => !yes.includes(u) && !no.includes(u)),
    };
  }
  return undefined;
}

export const isGuard = (f: Expr): boolean => f.kind === "apply" && f.op === "iverson";

/** The conditions of a term that has more to it than conditions, or of one that is all conditions. */
const guardsOf = (t: Expr): readonly Expr[] =>
  termOf(t).factors.flatMap((f) => (f.kind === "apply" && f.op === "iverson" ? [f.args[0]!] : []));

function without(t: Expr, guard: Expr): Expr {
  const { coefficient, factors } = termOf(t);
  return exprOf({
    coefficient,
    factors: factors.filter((f) => !(f.kind === "apply" && f.op === "iverson" && f.args[0] === guard)),
  });
}
