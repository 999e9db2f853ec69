/**
 * What lets no derivative through, once there is nothing more to derive: stop(x) is x, and what it cancels is gone.
 *
 * A ratio of probabilities whose value is 1 is written exp(l - stop(l)), a weight stop(exp(v))^0.5.
 */
import { apply, num, rebuild, type Expr } from "../expr/node.ts";
import { anywhere, rewriting } from "../expr/parts.ts";
import type { Definition } from "../expr/program.ts";
import { argument, isApply, isNum } from "./pattern.ts";
import { isSum, product, signedTerms, sumOf, withoutOpposites } from "./terms.ts";

/** The definitions with values in the place of stops. */
export const withoutStops = (definitions: readonly Definition[]): readonly Definition[] =>
  definitions.map((d) => (stops(d.body) ? { ...d, body: go(d.body) } : d));

const stops = (e: Expr): boolean => anywhere(e, (part) => isApply(part, "stop"));

const go = rewriting((e, go) => {
  if (!stops(e)) return e;
  if (isApply(e, "stop")) return go(argument(e));
  const inner = rebuild(e, go);
  if (isSum(inner)) return sumOf(withoutOpposites(signedTerms(inner)));
  if (isApply(inner, "exp") && isNum(argument(inner), 0)) return num(1);
  return isApply(inner, "mul") ? product(inner.args) : isApply(inner, "div") ? overOne(inner) : inner;
});

const overOne = (e: Expr): Expr => {
  if (!isApply(e, "div")) return e;
  const [above, below] = e.args as [Expr, Expr];
  return isNum(below, 1) ? above : apply("div", above, below);
};
