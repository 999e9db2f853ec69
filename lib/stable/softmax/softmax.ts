/**
 * Log-sum-exp and what is made of it, without overflow and without cancellation.
 *
 * For lse = logsumexp(j, f[j]) with free indices I, three definitions are shared by all:
 *
 *   top[I]   = max(j, f[j])
 *   e[I,j]   = exp(f[j] - top[I])        each at most 1, the greatest exactly 1
 *   total[I] = sum(j, e[I,j])
 *
 * and in terms of them, x being one of the values of j:
 *
 *   lse                    top + log1p(sum(j != best, e[j]))      best is where f is greatest
 *   lse - f[x]             f[x] == top ? log1p(sum(j != x, e[j])) : (top - f[x]) + log(total)
 *   exp(f[x] - lse)        e[x] / total
 *   exp(f[x] - lse) - 1    -sum(j != x, e[j]) / total
 */
import { apply, rebuild, type Expr, type Node } from "../../expr/node.ts";
import { anywhere, rewriting } from "../../expr/parts.ts";
import type { Definition } from "../../expr/program.ts";
import type { Fired } from "../row.ts";
import { isSum, product, signedTerms, sumOf, type Signed } from "../terms.ts";
import { average } from "./average.ts";
import { balanceOf } from "./balance.ts";
import { complement } from "./complement.ts";
import { deviationOf } from "./deviation.ts";
import { divergence } from "./divergence.ts";
import { Families, type SoftmaxScope } from "./families.ts";
import { isLogSumExp } from "./family.ts";
import { gap } from "./gap.ts";
import { gathered } from "./gathered.ts";
import { logOfShare } from "./log-of-share.ts";
import { besideMean, jensen } from "./mean-share.ts";
import { meanLess } from "./mean-less.ts";
import type { Written } from "./means.ts";
import { exponent, isExp, probability } from "./probability.ts";
import { sharesApart } from "./shares-apart.ts";
import { summedComplement } from "./summed.ts";
import { inOneSum } from "./sums-meet.ts";
import { inTotals } from "./totals.ts";
import type { Making, Way } from "./way.ts";
import { withLogs } from "./weights.ts";

/** What terms of a sum may be together, tried in this order; those before them know the definitions. */
const ways: readonly Way[] = [gap, average, summedComplement, complement, sharesApart, balanceOf];

export class Softmax {
  readonly #families: Families;
  readonly #fired: Fired;
  readonly #ways: readonly Way[];

  /** Definitions that a log-sum-exp is in. */
  readonly #summed: ReadonlySet<string>;

  constructor(taken: Set<string>, scope: SoftmaxScope, written: Written, fired: Fired) {
    this.#summed = new Set(
      [...written.values()].filter((d) => anywhere(d.body, isLogSumExp)).map((d) => d.name),
    );
    this.#families = new Families(taken, scope);
    this.#fired = fired;
    this.#ways = [deviationOf(written), jensen(written), besideMean(written), ...ways, meanLess(written)];
  }

  /** The definitions that rewritten expressions read. */
  get made(): readonly Definition[] {
    return this.#families.made;
  }

  rewrite(e: Expr): Expr {
    if (!anywhere(e, (part) => isLogSumExp(part) || (part.kind === "read" && this.#summed.has(part.name))))
      return e;
    const go = rewriting((e, go) => {
      const making = { families: this.#families, fired: this.#fired, go };
      if (isSum(e)) return ofSum(e, making, this.#ways);
      return (
        divergence(e, making) ??
        (isExp(e) ? share(e, making) : undefined) ??
        logOfShare(e, making) ??
        whole(e, making) ??
        rebuild(e, go)
      );
    });
    return go(inTotals(withLogs(inOneSum(e), this.#families), this.#families, this.#fired));
  }
}

/** lse − f[x] and p − 1 in a sum, wherever they are among its terms. */
function ofSum(e: Expr, making: Making, ways: readonly Way[]): Expr {
  const { families, go } = making;
  const all = gathered(families, signedTerms(e));
  let terms = all;
  const done: Signed[] = [];
  for (const way of ways)
    for (let found = way(terms, making); found; found = way(terms, making)) {
      done.push({ sign: found.sign, of: found.value });
      terms = found.left;
    }
  if (done.length === 0) return rebuild(all.length < signedTerms(e).length ? sumOf(all) : e, go);
  return sumOf([...done, ...terms.map(({ sign, of }) => ({ sign, of: go(of) }))]);
}

/** A probability, times what else the exponent has. */
function share(e: Node<"apply">, { families, fired, go }: Making): Expr | undefined {
  const p = probability(families, exponent(e));
  if (!p) return undefined;
  const rest = p.rest.length > 0 ? [go(apply("exp", sumOf(p.rest)))] : [];
  const value = product([...rest, apply("div", p.e, p.total)]);
  fired("probability", e, value);
  return value;
}

function whole(e: Expr, { families, fired }: Making): Expr | undefined {
  const member = isLogSumExp(e) ? families.member(e) : undefined;
  if (!member) return undefined;
  const value = families.whole(member);
  fired("log-sum-exp", e, value);
  return value;
}
