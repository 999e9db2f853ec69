/**
 * Kinks that cancel: relu(x) − relu(−x) is x, max(a, b) + min(a, b) is a + b.
 *
 * Every two-sided kink is a sum of smooth parts and one hinge r(u) = max(u, 0) with u
 * given a sign: max(a, b) = b + r(a − b), min(a, b) = a − r(a − b), |u| = 2·r(u) − u,
 * r(−u) = r(u) − u. The sum is rewritten in hinges, and kept if fewer of them are left.
 */
import { apply, num, type Expr } from "../expr/node.ts";
import type { Algebra } from "./algebra.ts";
import { build, collect } from "./addition.ts";
import { leadPositive } from "./condition.ts";
import { expand } from "./product.ts";
import { invertRatio, mulRatio, ratio } from "./ratio.ts";
import { exprOf, summands, termOf, type Term } from "./term.ts";

export function cancelKinks(terms: readonly Term[], s: Algebra): readonly Expr[] | undefined {
  const before = kinksOf(terms);
  if (before.size < 2) return undefined;
  const rewritten: Expr[] = [];
  for (const t of terms) {
    const kink = t.factors.find(isKink);
    if (!kink) rewritten.push(exprOf(t));
    else {
      const others = exprOf({ coefficient: t.coefficient, factors: t.factors.filter((f) => f !== kink) });
      const parts = expand(apply("mul", others, asHinge(kink, s)), s);
      if (!parts) return undefined;
      rewritten.push(...parts);
    }
  }
  return kinksOf(collect(rewritten)).size < before.size ? rewritten : undefined;
}

const isKink = (f: Expr): boolean =>
  f.kind === "apply" && (f.op === "abs" || ((f.op === "max" || f.op === "min") && f.args.length === 2));

function kinksOf(terms: readonly Term[]): ReadonlySet<Expr> {
  const found = new Set<Expr>();
  for (const { factors } of terms) for (const f of factors) if (isKink(f)) found.add(f);
  return found;
}

/** How many different kinks stand in the terms of an expression. */
export const kinkCount = (e: Expr): number => kinksOf(summands(e).map(termOf)).size;

/** A kink as smooth parts and one hinge. */
function asHinge(kink: Expr, s: Algebra): Expr {
  if (kink.kind !== "apply") return kink;
  const [a, b] = kink.args;
  if (kink.op === "abs") return plainSum([s.mul([num(2), hinge(a!, s)]), s.mul([num(-1), a!])], s);
  const h = hinge(s.add([a!, s.mul([num(-1), b!])]), s);
  return kink.op === "max" ? plainSum([b!, h], s) : plainSum([a!, s.mul([num(-1), h])], s);
}

/** max(u, 0) by the hinge of ±u whose first coefficient is 1. */
function hinge(u: Expr, s: Algebra): Expr {
  const up = leadPositive(u, s);
  const lead = termOf(summands(up)[0]!).coefficient;
  const inverse = invertRatio(ratio(lead.n, lead.d));
  const terms = summands(up).map(termOf);
  const whole = inverse && terms.every((t) => mulRatio(t.coefficient, inverse));
  const unit = whole
    ? s.add(terms.map((t) => exprOf({ coefficient: mulRatio(t.coefficient, inverse)!, factors: t.factors })))
    : up;
  const scale = whole ? exprOf({ coefficient: lead, factors: [] }) : num(1);
  const h = s.mul([scale, s.call("max", [unit, num(0)])]);
  return up === u ? h : plainSum([h, s.mul([num(-1), up])], s);
}

/** Like terms collected and no more: kinks inside of these would be taken apart without end. */
const plainSum = (terms: readonly Expr[], s: Algebra): Expr => build(collect(terms), s);
