/**
 * Terms whose conditions complete each other:
 * [p]·t + [¬p]·t = t, and t − [p]·t = [¬p]·t. With an equality, t may differ by it:
 * [k = y]·f(y) + [k ≠ y]·f(k) = f(k).
 */
import { apply, num, type Expr } from "../expr/node.ts";
import type { Algebra } from "./algebra.ts";
import { negate } from "./condition.ts";
import { addRatio } from "./ratio.ts";
import { exprOf, type Term } from "./term.ts";

/** A term with the conditions that stand in it. */
interface Guarded extends Term {
  readonly guards: readonly Expr[];
}

const guarded = (t: Term): Guarded => ({
  ...t,
  guards: t.factors.flatMap((f) => (f.kind === "apply" && f.op === "iverson" ? [f.args[0]!] : [])),
});
const isGuard = (f: Expr): boolean => f.kind === "apply" && f.op === "iverson";

export function mergeConditions(terms: readonly Term[], s: Algebra): readonly Expr[] | undefined {
  // Of two terms that merge, the second has a condition.
  if (!terms.some((t) => t.factors.some(isGuard))) return undefined;
  const all = terms.map(guarded);
  const seconds = all.filter((t) => t.guards.length > 0);
  const opposite = negations(s);
  for (const a of all)
    for (const b of seconds) {
      if (a === b) continue;
      const merged = completing(a, b, opposite, s) ?? excluding(a, b, s);
      if (merged) return [...all.filter((t) => t !== a && t !== b).map(exprOf), merged];
    }
  return undefined;
}

/** The negation of a condition, found once for each. */
function negations(s: Algebra): (guard: Expr) => Expr {
  const known = new Map<Expr, Expr>();
  return (guard) => {
    let opposite = known.get(guard);
    if (opposite === undefined) known.set(guard, (opposite = negate(guard, s)));
    return opposite;
  };
}

/** [p]·t + [¬p]·t, or with p an equality [p]·t|p + [¬p]·t. */
function completing(a: Guarded, b: Guarded, negation: (guard: Expr) => Expr, s: Algebra): Expr | undefined {
  if (a.coefficient.n !== b.coefficient.n || a.coefficient.d !== b.coefficient.d) return undefined;
  if (a.guards.length !== b.guards.length) return undefined;
  for (const guard of a.guards) {
    const opposite = negation(guard);
    if (!b.guards.includes(opposite)) continue;
    const whole = s.mul([
      exprOf({ coefficient: b.coefficient, factors: b.factors.filter((f) => !wraps(f, opposite)) }),
    ]);
    const under = s.mul([whole, apply("iverson", guard)]);
    if (under === exprOf(a)) return whole;
  }
  return undefined;
}

const wraps = (f: Expr, condition: Expr): boolean =>
  isGuard(f) && f.kind === "apply" && f.args[0] === condition;

/** t − [p]·t */
function excluding(a: Term, b: Term, s: Algebra): Expr | undefined {
  if (b.factors.length !== a.factors.length + 1) return undefined;
  if (addRatio(a.coefficient, b.coefficient)?.n !== 0) return undefined;
  const extra = b.factors.filter((f) => !a.factors.includes(f));
  if (extra.length !== 1 || !isGuard(extra[0]!) || !a.factors.every((f) => b.factors.includes(f)))
    return undefined;
  // The one-hot of a constant stays: 1 − [k = y] is no simpler as [k ≠ y].
  const guard = extra[0]!;
  return guard.kind === "apply" ? s.mul([exprOf(a), s.iverson(negate(guard.args[0]!, s))]) : num(0);
}
