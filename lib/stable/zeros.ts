/**
 * What is 0 stays 0 beside an exponential that overflows: 0·∞ is NaN.
 *
 * A weight or a distance may be 0, and a condition may not hold, where exp(z) is beyond the largest double, which
 * is right for it. The exponential may be a definition of its own, as a ratio of probabilities is.
 */
import { apply, num, rebuild, where, type Expr, type Node } from "../expr/node.ts";
import { conjoin } from "../expr/nested-reduction.ts";
import { anywhere, rewriting } from "../expr/parts.ts";
import type { Definition } from "../expr/program.ts";
import { labelled } from "./near-one.ts";
import { argument, isApply, isNum } from "./pattern.ts";
import { powersOf } from "./powers.ts";
import type { Fired, Row } from "./row.ts";
import { factors, isSum, product, signedTerms } from "./terms.ts";

// prettier-ignore
export const zerosReason: Omit<Row, "rewrite"> = {
  name: "zero beside an exponential", from: "[p] * x * exp(z) * y", to: "p and x != 0 ? x * exp(z) * y : 0", holds: "everywhere",
  counterexample: { text: "max(i, i < 1, w[i] * exp(z[i]) * v[i])", at: { w: [0, 1], v: [2, 3], z: [1000, 1] } },
  always: "a trial has few zeros at an exponential that overflows",
};

/** The definitions with products of exponentials that are 0 where another factor is. */
export function inZeros(definitions: readonly Definition[], fired: Fired): readonly Definition[] {
  const exps = new Set(definitions.filter((d) => isApply(d.body, "exp")).map((d) => d.name));
  const overflows = (e: Expr): boolean =>
    (isApply(e, "exp") && !isPowerOfShare(e)) || (e.kind === "read" && exps.has(e.name));
  const go = rewriting((e, go) => {
    const other = isProduct(e) ? guarded(e, overflows) : undefined;
    if (other === undefined) return rebuild(e, go);
    fired(zerosReason.name, e, other);
    return other;
  });
  return definitions.map((d) => (anywhere(d.body, overflows) ? { ...d, body: go(d.body) } : d));
}

/** exp(−c·softplus(z)), a probability to the power of c. */
const isPowerOfShare = (exp: Node<"apply">): boolean => {
  const [term, ...more] = signedTerms(argument(exp));
  return more.length === 0 && term?.sign === -1 && factors(term.of).some((f) => isApply(f, "softplus"));
};

const isProduct = (e: Expr): boolean => isApply(e, "mul") || isApply(e, "div");

/** A product with an exponential in it, asked first whether another factor is 0. */
function guarded(e: Expr, overflows: (e: Expr) => boolean): Expr | undefined {
  const above = [...powersOf(e)].filter(([, n]) => n > 0).map(([f]) => (isApply(f, "neg") ? argument(f) : f));
  if (!above.some(overflows) || labelled(e) !== undefined) return undefined;
  const others = above.filter((f) => !overflows(f));
  const told = [...others.flatMap((f) => holds(f) ?? []), ...others.filter(mayVanish).map(isNotZero)];
  return told.length === 0 ? undefined : where(conjoin(told)!, withoutIndicators(e), num(0));
}

/** Where a factor that is 1 or 0 is 1: of [p], p; of p ? 1 : [q], p or q; of p ? [q] : 0, p and q. */
function holds(e: Expr): Expr | undefined {
  if (isApply(e, "iverson")) return argument(e);
  if (e.kind !== "where") return undefined;
  const [then, otherwise] = [holds(e.then), holds(e.else)];
  if (isNum(e.then, 1) && otherwise) return apply("or", e.guard, otherwise);
  if (isNum(e.else, 0) && then) return apply("and", e.guard, then);
  return isNum(e.then, 1) && isNum(e.else, 0) ? e.guard : undefined;
}

/** A value as it stands, or a difference. */
const mayVanish = (e: Expr): boolean =>
  e.type === "real" &&
  (e.kind === "read" ||
    (isSum(e) && signedTerms(e).some((t) => t.sign === -1) && signedTerms(e).length === 2));

const isNotZero = (e: Expr): Expr => apply("ne", e, num(0));

/** A product without the factors that are 1 or 0. */
const withoutIndicators = rewriting((e, go) => {
  if (holds(e) !== undefined) return num(1);
  if (!isProduct(e)) return e;
  return isApply(e, "mul") ? product(e.args.map(go)) : rebuild(e, go);
});
