/**
 * One less a mean of sigmoids, as the mean of what each of them is less than 1.
 *
 *   1 - mean(i, sigmoid(z[i]))   mean(i, sigmoid(-z[i]))
 */
import { claim } from "../diff/names.ts";
import { inline } from "../diff/stages.ts";
import {
  apply,
  at,
  freeIndices,
  num,
  read,
  rebuild,
  reduce,
  where,
  type Expr,
  type Node,
} from "../expr/node.ts";
import { anywhere, rewriting, writtenSize } from "../expr/parts.ts";
import type { Definition } from "../expr/program.ts";
import { logisticRows } from "./logistic.ts";
import { argument, isApply, isNum, one, pair } from "./pattern.ts";
import type { Fired, Row } from "./row.ts";
import { isSum, signedTerms } from "./terms.ts";

// prettier-ignore
export const complementOfMeanReason: Omit<Row, "rewrite"> = {
  name: "one minus a mean", from: "1 - sum(i, sigmoid(z[i])) / n", to: "sum(i, sigmoid(-z[i])) / n, of n terms", holds: "everywhere",
  counterexample: { text: "1 - mean(i, sigmoid(z[i]))", at: { z: [40, 41, 42] } },
  always: "a trial has few terms, all of which are nearly 1",
};

/** More nodes than this are not written again. */
const mostWritten = 60;

/** The definitions with such complements as means of their own, and these. */
export function inComplements(
  definitions: readonly Definition[],
  taken: Set<string>,
  fired: Fired,
): readonly Definition[] {
  const known = new Map<string, Definition>();
  const made = new Map<Expr, Expr>();
  return definitions.flatMap((d) => {
    const own: Definition[] = [];
    const complement = (mean: Expr): Expr | undefined => {
      const whole = inline(mean, known);
      const already = made.get(whole);
      if (already !== undefined) return already;
      const body = complementOf(whole);
      if (body === undefined) return undefined;
      const [name, indices] = [claim("complement", taken), freeIndices(mean)];
      own.push({ name, indices, body });
      const reading = read(name, indices.map(at));
      made.set(whole, reading);
      fired(complementOfMeanReason.name, apply("sub", one, mean), body);
      return reading;
    };
    const go = rewriting((e, go) => {
      const inner = rebuild(e, go);
      if (isApply(inner, "log1p")) return logOf(inner, complement) ?? inner;
      return isSum(inner)
        ? (pair(inner, (a, b) => (isNum(a, 1) ? complement(b) : undefined)) ?? inner)
        : inner;
    });
    const body = go(d.body);
    const whole = { ...d, body: inline(d.body, known) };
    if (isMean(whole.body) || isSumOfSigmoids(whole.body)) known.set(d.name, whole);
    return [...own, { ...d, body }];
  });
}

/** log1p(-p). */
function logOf(e: Node<"apply">, complement: (mean: Expr) => Expr | undefined): Expr | undefined {
  const [p, ...more] = signedTerms(argument(e));
  const rest = p?.sign === -1 && more.length === 0 ? complement(p.of) : undefined;
  return rest && p && where(apply("lt", p.of, num(0.5)), e, apply("log", rest));
}

const isSumOfSigmoids = (e: Expr): e is Node<"reduce"> =>
  e.kind === "reduce" &&
  e.op === "sum" &&
  e.guard === undefined &&
  writtenSize(e) <= mostWritten &&
  anywhere(e.body, (part) => isApply(part, "sigmoid"));

/** A sum over as many terms as it is divided by. */
const isMean = (e: Expr): boolean => {
  if (!isApply(e, "div")) return false;
  const [sum, count] = e.args as [Expr, Expr];
  return isSumOfSigmoids(sum) && count.kind === "size" && count.extent === sum.over.extent;
};

function complementOf(e: Expr): Expr | undefined {
  if (!isMean(e) || !isApply(e, "div")) return undefined;
  const { over, body } = argument(e) as Node<"reduce">; // isMean says so
  const less = apply("sub", one, body);
  for (const row of logisticRows) {
    const other = row.rewrite(less);
    if (other !== undefined)
      return apply("div", reduce("sum", over, undefined, apply("precise", other)), e.args[1]!);
  }
  return undefined;
}
