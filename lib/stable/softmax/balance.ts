/** A share of a value less what it is to be. */
import { apply, at, freeIndices, reduce, where, type Expr } from "../../expr/node.ts";
import { fresh, substitute } from "../../expr/substitute.ts";
import { unify } from "../../simplify/unify.ts";
import { cancelled, expanded } from "../polynomial.ts";
import { expression, powersOf, quotient } from "../powers.ts";
import { factors, isSum, opposite, product, signedTerms, sumOf, type Signed } from "../terms.ts";
import { balance } from "../weighted.ts";
import { guardAt, whereMember } from "./family.ts";
import { precisely } from "./precisely.ts";
import { exponent, isExp, probability } from "./probability.ts";
import type { Found, Making } from "./way.ts";

/** ±(p[x]·S − b), b being all other terms. */
export function balanceOf(terms: readonly Signed[], { families, fired, go }: Making): Found | undefined {
  for (const t of terms) {
    const parts = factors(t.of);
    const exp = parts.find(isExp);
    const p = exp && probability(families, exponent(exp));
    if (!exp || !p || p.rest.length > 0 || p.x === undefined) continue;
    const rest = terms.filter((u) => u !== t);
    const s = product(parts.filter((f) => f !== exp));
    if (!rest.some((u) => u.sign !== t.sign || u.of.kind === "where") && !(rest.length > 0 && isMixed(s)))
      continue;
    const b = sumOf(t.sign === 1 ? opposite(rest) : rest);
    const { member, x, total } = p;
    const less: readonly Signed[] = [
      { sign: 1, of: s },
      { sign: -1, of: b },
    ];
    const value = balance(
      { others: families.others(member, x), ...families.parts(member, x) },
      go(s),
      go(b),
      withoutMember(s, b, x, guardAt(member, x)) ?? go(whereThere(s, b) ?? sumOf(less)),
      precisely(go(s)),
    );
    const plain = apply("sub", product([apply("div", p.e, total), go(s)]), go(b));
    const whole = whereMember(member, x, value, plain);
    fired("share less its due", sumOf(less.with(0, { sign: 1, of: product([exp, s]) })), whole);
    return { sign: t.sign, value: whole, left: [] };
  }
  return undefined;
}

/** S − b where b is the term of S at x, which is there where `known` holds: the sum of the others. */
function withoutMember(s: Expr, b: Expr, x: Expr, known: Expr | undefined): Expr | undefined {
  if (s.kind !== "reduce" || s.op !== "sum") return undefined;
  const { over, guard, body } = s;
  if (x.kind !== "index" || x.index.extent !== over.extent) return undefined;
  const there = guard && substitute(guard, new Map([[over, x]]));
  if (there !== undefined && !(known && isSame(known, there))) return undefined;
  if (substitute(body, new Map([[over, x]])) !== b) return undefined;
  const names = [...freeIndices(b), ...freeIndices(s)].map((i) => i.name);
  const own = fresh(over.name, over.extent, new Set(names));
  const moved = (e: Expr): Expr => substitute(e, new Map([[over, at(own)]]));
  const others = apply("ne", at(own), x);
  return reduce(
    "sum",
    own,
    guard ? apply("and", moved(guard), others) : others,
    apply("precise", moved(body)),
  );
}

/** S − b where b is something under a condition, both divided by the same: what cancels where it holds is gone. */
function whereThere(s: Expr, b: Expr): Expr | undefined {
  if (b.kind !== "where" || !isZero(b.else)) return undefined;
  const powers = [...powersOf(s)];
  const divisor = new Map(powers.filter(([, n]) => n < 0));
  const above = expanded(expression(new Map(powers.filter(([, n]) => n > 0))));
  const less = quotient(powersOf(b.then), divisor);
  if (!above || [...less.values()].some((n) => n < 0)) return undefined;
  const left = sumOf(cancelled([...above, { sign: -1, of: expression(less) }]));
  return where(b.guard, expression(new Map([[left, 1], ...divisor])), s);
}

/** Whether two conditions are one, whichever side comes first. */
const isSame = (p: Expr, q: Expr): boolean => unify(p, q, [], () => false) !== undefined;

/** Whether a value has terms of both signs, so that the sign it is written with says nothing. */
const isMixed = (e: Expr): boolean =>
  factors(e).some(
    (f) => isSum(f) && signedTerms(f).some(({ sign, of }) => sign === -1 || of.kind === "where"),
  );

const isZero = (e: Expr): boolean => e.kind === "num" && e.value === 0;
