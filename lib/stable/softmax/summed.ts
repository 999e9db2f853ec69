/**
 * Probabilities of the same class in several softmaxes, added up, less one: of one of them what it lacks is taken.
 *
 * The gradient of a ranking, placed by repeated choice of the first (the Plackett-Luce model), is such: a class is
 * chosen last where all others are gone, and there its probability is nearest to 1.
 */
import { apply, at, num, occursFree, reduce, type Expr, type Index, type Node } from "../../expr/node.ts";
import { substitute } from "../../expr/substitute.ts";
import { factors, product, without, type Signed } from "../terms.ts";
import { isAlways, whereMember, type LogSumExp, type Member } from "./family.ts";
import { exponent, isExp, probability } from "./probability.ts";
import type { Found, Making } from "./way.ts";

/** ±c·(Σ_j p_j[x] − 1), the softmaxes by j, of which one, x, belongs to the class itself. */
export function summedComplement(
  terms: readonly Signed[],
  { families, fired, go }: Making,
): Found | undefined {
  for (const t of terms) {
    const sum = factors(t.of).find(isSumOfExps);
    const scale = sum && without(factors(t.of), [sum]);
    const p = sum && probability(families, exponent(sum.body as Node<"apply">)); // isSumOfExps says so
    if (!sum || !scale || !p || p.rest.length > 0 || p.x?.kind !== "index") continue;
    const { over, guard } = sum;
    const { x } = p;
    if (x.index.extent !== over.extent || !p.member.at.includes(at(over)) || occursFree(over, x)) continue;
    const one = product(scale);
    const u = terms.find((v) => v.sign !== t.sign && v.of === one);
    const there = guard && substitute(guard, new Map([[over, x]]));
    if (!u || (there && !isAlways(there))) continue;
    const own = memberAt(p.member, over, x);
    const lack = apply("div", families.others(own, x), substitute(p.total, new Map([[over, x]])));
    const apart = apply("ne", at(over), x);
    const others = reduce("sum", over, guard ? apply("and", guard, apart) : apart, go(sum.body));
    const plain = apply("sub", others, apply("sub", num(1), substitute(go(sum.body), new Map([[over, x]]))));
    const value = whereMember(own, x, apply("sub", others, lack), plain);
    fired("several probabilities less one", apply("sub", sum, num(1)), value);
    return {
      sign: t.sign,
      value: product([...scale.map(go), value]),
      left: terms.filter((v) => v !== t && v !== u),
    };
  }
  return undefined;
}

const isSumOfExps = (e: Expr): e is Node<"reduce"> => e.kind === "reduce" && e.op === "sum" && isExp(e.body);

/** A log-sum-exp at another value of an index. */
function memberAt({ family, at, lse }: Member, over: Index, x: Expr): Member {
  const to = new Map([[over, x]]);
  return {
    family,
    at: at.map((s) => substitute(s, to)),
    lse: substitute(lse, to) as LogSumExp, // of one, at another subscript
  };
}
