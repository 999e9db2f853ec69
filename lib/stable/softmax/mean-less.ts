/** A mean under the probabilities less what it nearly is. */
import { apply, freeIndices, reduce } from "../../expr/node.ts";
import { anywhere } from "../../expr/parts.ts";
import { opposite, product, sumOf, type Signed } from "../terms.ts";
import { meanIn, type Mean, type Written } from "./means.ts";
import type { Way } from "./way.ts";

/**
 * ±(Σ_j p[j]·F[j] − b) as ±Σ_j p[j]·(F[j] − b), all p together being 1: what one class that has nearly all of them
 * is worth may be b.
 */
export const meanLess =
  (written: Written): Way =>
  (terms, { families, fired, go }) => {
    for (const t of terms) {
      const mean = meanIn(t, terms, families, written);
      const rest = terms.filter((other) => other !== t);
      if (!mean || mean.c.size > 0 || !isOfValues(mean, rest) || !families.computable(sumOf(rest))) continue;
      const less = mean.sign === 1 ? rest : opposite(rest);
      const sum = reduce(
        "sum",
        mean.over,
        undefined,
        apply("precise", product([mean.p, go(sumOf([...mean.of, ...less]))])),
      );
      fired("mean less a value", sumOf(mean.sign === 1 ? terms : opposite(terms)), sum);
      return { sign: mean.sign, value: families.named("beside", sum), left: [] };
    }
    return undefined;
  };

/** Whether there is something to take from each F[j], a value as it stands and no product of matrices. */
function isOfValues(mean: Mean, rest: readonly Signed[]): boolean {
  const value = sumOf(mean.of);
  const known = freeIndices(mean.p);
  return (
    rest.length > 0 &&
    freeIndices(value).every((i) => known.includes(i)) &&
    [value, ...rest.map((t) => t.of)].every((e) => !anywhere(e, (part) => part.kind === "reduce"))
  );
}
