/**
 * Sums of products less the product of sums, as sums of products of deviations.
 *
 *   sum(i, x[i]*y[i]) - sum(i, x[i]) * sum(i, y[i]) / n  =  sum(i, (x[i] - mx) * (y[i] - my))
 *
 * which is how textbooks write a variance (y = x), a covariance and a slope. Where means are large beside
 * deviations, nothing is left of the left side. The right side becomes a definition, which all read.
 */
import { claim } from "../diff/names.ts";
import { apply, at, freeIndices, num, read, rebuild, type Expr } from "../expr/node.ts";
import { once, rewriting } from "../expr/parts.ts";
import { substitute } from "../expr/substitute.ts";
import type { Definition } from "../expr/program.ts";
import { equal, expression, powersOf, quotient, type Powers } from "./powers.ts";
import type { Row } from "./row.ts";
import { countOf, total, totalOf, type Total } from "./total.ts";
import { isSum, product, signedTerms, sumOf, type Signed } from "./terms.ts";

// prettier-ignore
export const deviationsReason: Omit<Row, "rewrite"> = {
  name: "sum of products of deviations", from: "sum(i, x[i]*y[i]) - sum(i, x[i])*sum(i, y[i])/n", to: "sum(i, (x[i] - mx)*(y[i] - my))", holds: "mx and my are the means of n numbers each",
  counterexample: { text: "mean(i, x[i]^2) - mean(i, x[i])^2", at: { x: [1e6, 1e6 + 1, 1e6 + 3] } },
};

/** What a read definition stands for. */
type Meaning = (e: Expr) => Expr;

/** Asked whether a rewrite is to be made: in which definition, the expression before and after, and the sum that it reads. */
type Asked = (definition: string, before: Expr, after: Expr, sum: Definition) => boolean;

/** The definitions with such differences in their better form, where that is wanted, and the sums that were made for them. */
export function inDeviations(
  definitions: readonly Definition[],
  meaning: Meaning,
  taken: Set<string>,
  asked: Asked,
): readonly Definition[] {
  const shown = new Map(definitions.map((d) => [meaning(d.body), read(d.name, d.indices.map(at))]));
  const made = new Map<Expr, Definition>();
  const factorsOf = once((of): Factors => {
    const powers = powersOf(meaning(of));
    return { powers, pairs: pairsIn(powers) };
  });
  const rewritten = definitions.map((d) => {
    const go = rewriting((e, go) => {
      const found = isSum(e) ? difference(e, factorsOf) : undefined;
      if (!found) return rebuild(e, go);
      const body = deviations(found, shown);
      const sum = made.get(body) ?? { name: claim("deviations", taken), indices: freeIndices(body), body };
      const after = found.with(read(sum.name, sum.indices.map(at)));
      if (!asked(d.name, e, after, sum)) return rebuild(e, go);
      made.set(body, sum);
      return after;
    });
    return { ...d, body: go(d.body) };
  });
  return made.size === 0 ? definitions : [...made.values(), ...rewritten];
}

/** Two sums over the same that are multiplied, and the other factors there. */
interface Pair {
  readonly x: Total;
  readonly y: Total;
  readonly rest: Powers;
}

/** What a term stands for as a product, and the sums that are multiplied in it. */
interface Factors {
  readonly powers: Powers;
  readonly pairs: readonly Pair[];
}

interface Difference extends Pair {
  /** The whole with the sum of products of deviations put in. */
  readonly with: (sum: Expr) => Expr;
}

function difference(e: Expr, factorsOf: (of: Expr) => Factors): Difference | undefined {
  const terms = signedTerms(e);
  for (const means of terms)
    for (const pair of factorsOf(means.of).pairs)
      for (const squares of terms) {
        const factor = squares.sign === means.sign ? undefined : factorOf(factorsOf(squares.of).powers, pair);
        if (!factor) continue;
        const rest: readonly Signed[] = terms.filter((t) => t !== means && t !== squares);
        return {
          ...pair,
          with: (sum) =>
            sumOf([{ sign: squares.sign, of: expression(new Map([[sum, 1], ...factor])) }, ...rest]),
        };
      }
  return undefined;
}

/** The square of a sum, or two sums over as many. */
function pairsIn(powers: Powers): readonly Pair[] {
  const sums = [...powers].flatMap(([of, n]) => {
    const sum = n === 1 || n === 2 ? totalOf(of) : undefined;
    return sum ? [{ of, n, sum }] : [];
  });
  return sums.flatMap((a, n) =>
    sums.slice(n).flatMap((b) => {
      if (a === b ? a.n !== 2 : a.n !== 1 || b.n !== 1 || !sameRange(a.sum, b.sum)) return [];
      const rest = new Map([...powers].filter(([f]) => f !== a.of && f !== b.of));
      return [{ x: a.sum, y: b.sum, rest }];
    }),
  );
}

const sameRange = (a: Total, b: Total): boolean =>
  a.over.length === b.over.length && a.over.every((i, n) => i.extent === b.over[n]!.extent);

/** What the sum of products is multiplied by in a term, where it is what the pair is multiplied by, n times. */
function factorOf(powers: Powers, { x, y, rest }: Pair): Powers | undefined {
  const wanted = powersOf(countOf(x.over), 1, new Map(rest));
  const products = powersOf(product([x.body, alike(y, x)]));
  for (const [f, n] of powers) {
    const sum = n === 1 ? totalOf(f) : undefined;
    if (!sum || !sameRange(sum, x) || !equal(powersOf(alike(sum, x)), products)) continue;
    const left = quotient(powers, new Map([[f, 1]]));
    if (equal(left, wanted)) return left;
  }
  return undefined;
}

/** The body of a sum by the indices of another one. */
const alike = ({ over, body }: Total, to: Total): Expr =>
  substitute(body, new Map(over.map((i, n) => [i, at(to.over[n]!)])));

/** The sum of products of deviations; means are read where a definition has them. */
function deviations({ x, y }: Pair, shown: ReadonlyMap<Expr, Expr>): Expr {
  const deviation = (t: Total): Expr => {
    const [sum, count] = [total(t.over, t.body), countOf(t.over)];
    const mean = apply("div", sum, count);
    const known = shown.get(mean) ?? apply("div", shown.get(sum) ?? sum, count);
    return apply("sub", alike(t, x), known);
  };
  const [a, b] = [deviation(x), deviation(y)];
  return total(x.over, a === b ? apply("pow", a, num(2)) : apply("mul", a, b));
}
