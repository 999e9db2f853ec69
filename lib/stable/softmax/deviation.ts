/** A value less its mean under the probabilities. */
import { apply, at, freeIndices, reduce, type Expr } from "../../expr/node.ts";
import { fresh, substitute } from "../../expr/substitute.ts";
import { cancelled } from "../polynomial.ts";
import { expression } from "../powers.ts";
import { opposite, product, sumOf, type Signed } from "../terms.ts";
import { deviation } from "../weighted.ts";
import { bestOf } from "./family.ts";
import { constant, meanIn, placed, placesOf, times, varying, type Mean, type Written } from "./means.ts";
import { aboveMeanOfTwo } from "./mean-share.ts";
import { spread } from "./spread.ts";
import type { Found, Making, Way } from "./way.ts";

/** ±c·(F[x] − Σ_j p[j]·F[j]); terms of F that are the same for all j are in both and go. */
export const deviationOf = (written: Written): Way => {
  const ofMeanOfTwo = aboveMeanOfTwo(written);
  return (terms, making) => {
    const all = cancelled(terms.flatMap(spread));
    for (const t of all) {
      const mean = meanIn(t, all, making.families, written);
      if (!mean) continue;
      const rest = all.filter((other) => other !== t);
      for (const x of placesOf(mean, rest)) {
        const left = without(mean, x, rest);
        if (left) return ofOne(t, mean, x, left, ofMeanOfTwo(mean.of, mean.over, making), making);
      }
    }
    return undefined;
  };
};

/** All other terms, and the mean at x: undefined where its terms do not cancel there. */
function without(mean: Mean, x: Expr, rest: readonly Signed[]): readonly Signed[] | undefined {
  const there = times(mean.c, mean.sign, placed(varying(mean), mean.over, x));
  const left = cancelled([...rest, ...there]);
  const level = times(mean.c, mean.sign, constant(mean));
  return there.length > 0 && left.length === rest.length - there.length
    ? cancelled([...left, ...level])
    : undefined;
}

/** `above` is F where that has a better form than its terms, but for what is the same for all j. */
function ofOne(
  t: Signed,
  mean: Mean,
  x: Expr,
  left: readonly Signed[],
  above: Signed | undefined,
  making: Making,
): Found {
  const { families, fired, go } = making;
  const { member, over, total } = mean;
  const parts = above ? [above] : families.once(varying(mean), over, go);
  const f = (j: Expr): readonly Signed[] => placed(parts, over, j);
  const best = bestOf(member);
  const own = fresh(over.name, over.extent, new Set(freeIndices(best).map((i) => i.name)));
  const e = (j: Expr): Expr => families.read(member, "e", j);
  const apart = (j: Expr): Expr => go(sumOf([...f(j), ...opposite(f(best))]));
  // What takes functions is computed once for all classes.
  const once = above && families.named("worth", apart(at(own)), own);
  const worth = (j: Expr): Expr => (once ? substitute(once, new Map([[own, j]])) : apart(j));
  const rest = reduce(
    "sum",
    own,
    apply("ne", at(own), best),
    apply("precise", product([e(at(own)), worth(at(own))])),
  );
  const value = deviation(total, worth(x), families.named("drift", rest));
  fired("value above its mean", sumOf([...times(mean.c, 1, f(x)), { sign: -1, of: t.of }]), value);
  return {
    sign: mean.sign === 1 ? -1 : 1,
    value: product([go(expression(mean.c)), value]),
    left,
  };
}
