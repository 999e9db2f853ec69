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

interface Split {
  readonly plain: readonly Expr[];
  readonly guards: readonly Expr[];
}

const split = (t: Term): Split => ({
  plain: t.factors.filter((f) => !isGuard(f)),
  guards: t.factors.filter(isGuard).map((f) => (f.kind === "apply" ? f.args[0]! : f)),
});
const isGuard = (f: Expr): boolean => f.kind === "apply" && f.op === "iverson";

export function mergeConditions(terms: readonly Term[], s: Algebra): readonly Expr[] | undefined {
  for (const [a, first] of terms.entries())
    for (const [b, second] of terms.entries()) {
      if (a === b) continue;
      const merged = completing(first, second, s) ?? excluding(first, second, s);
      if (merged) return [...terms.filter((_, n) => n !== a && n !== b).map(exprOf), merged];
    }
  return undefined;
}

/** [p]·t + [¬p]·t, or with p an equality [p]·t|p + [¬p]·t. */
function completing(a: Term, b: Term, s: Algebra): Expr | undefined {
  if (a.coefficient.n !== b.coefficient.n || a.coefficient.d !== b.coefficient.d) return undefined;
  const [p, q] = [split(a), split(b)];
  if (p.guards.length !== q.guards.length) return undefined;
  for (const guard of p.guards) {
    const opposite = negate(guard, s);
    if (!q.guards.includes(opposite)) continue;
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
  const total = addRatio(a.coefficient, b.coefficient);
  if (total?.n !== 0 || b.factors.length !== a.factors.length + 1) return undefined;
  const extra = b.factors.filter((f) => !a.factors.includes(f));
  if (extra.length !== 1 || !isGuard(extra[0]!) || !a.factors.every((f) => b.factors.includes(f)))
    return undefined;
  // The one-hot of a constant stays: 1 − [k = y] is no simpler as [k ≠ y].
  const guard = extra[0]!;
  return guard.kind === "apply" ? s.mul([exprOf(a), s.iverson(negate(guard.args[0]!, s))]) : num(0);
}
