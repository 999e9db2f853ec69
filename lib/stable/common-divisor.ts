/** Sums of quotients over the same sum, brought over one line: what cancels above it is gone before it is rounded. */
import { apply, where, type Expr, type Node } from "../expr/node.ts";
import { exponentialMinus } from "./near-one.ts";
import { argument, isApply, isFinite, pair } from "./pattern.ts";
import { cancelled, expanded } from "./polynomial.ts";
import { expression, powersOf, type Powers } from "./powers.ts";
import type { Row } from "./row.ts";
import { isSum, opposite, signedTerms, sumOf, type Signed } from "./terms.ts";

/** More terms than this are not brought together. */
const most = 4;

/** a/(b + c) - d where a - d*(b + c) has fewer terms than it is written with. */
function overOneLine(e: Expr): Expr | undefined {
  if (!isSum(e)) return undefined;
  const terms = signedTerms(e).map((t) => ({ t, powers: powersOf(t.of) }));
  if (terms.length > most) return undefined;
  const divisors = new Set(terms.flatMap(({ powers }) => [...powers].filter(isDivisor).map(([f]) => f)));
  for (const divisor of divisors) {
    const n = -Math.min(...terms.map(({ powers }) => powers.get(divisor) ?? 0));
    const parts: Signed[] = [];
    for (const { t, powers } of terms) {
      const some = expanded(expression(times(powers, divisor, n)), false);
      if (!some) return undefined;
      parts.push(...(t.sign === 1 ? some : opposite(some)));
    }
    const left = cancelled(parts);
    if (left.length > parts.length - 2 || left.length === 0) continue;
    const above = sumOf(left);
    const plain = expression(new Map([...powersOf(pair(above, exponentialMinus) ?? above), [divisor, -n]]));
    return withoutOverflow(left, divisor, n, plain) ?? plain;
  }
  return undefined;
}

/** Where an exponential in the divisor overflows: all over it. */
function withoutOverflow(above: readonly Signed[], divisor: Expr, n: number, plain: Expr): Expr | undefined {
  const below = signedTerms(divisor);
  const exps = new Set(below.flatMap(({ of }) => [...powersOf(of)].filter(isExp).map(([f]) => f)));
  const [exp, ...more] = exps;
  if (exp === undefined || more.length > 0 || n !== 1) return undefined;
  const z = argument(exp as Node<"apply">); // isExp says so
  const small = apply("exp", sumOf(opposite(signedTerms(z))));
  const over = ({ sign, of }: Signed): Signed => {
    const powers = powersOf(of);
    return powers.get(exp) === 1
      ? { sign, of: expression(times(powers, exp, -1)) }
      : { sign, of: expression(times(powers, small, 1)) };
  };
  const scaled = apply("div", sumOf(above.map(over)), sumOf(below.map(over)));
  return where(isFinite(divisor), plain, scaled);
}

const isExp = ([f, n]: readonly [Expr, number]): boolean => n === 1 && isApply(f, "exp");

const isDivisor = ([f, n]: readonly [Expr, number]): boolean => (n === -1 || n === -2) && isSum(f);

function times(powers: Powers, f: Expr, n: number): Powers {
  const left = new Map(powers);
  const sum = (left.get(f) ?? 0) + n;
  if (sum === 0) left.delete(f);
  else left.set(f, sum);
  return left;
}

// prettier-ignore
export const commonDivisorRows: readonly Row[] = [
  { name: "sum over a common divisor", from: "a/(b + c) - d", to: "(a - b*d - c*d) / (b + c), what cancels gone; where b is exp(z) and overflows, all over it", holds: "everywhere",
    counterexample: { text: "(t + r) * exp(z) / (exp(z) + r) - t", at: { t: 1, r: 2, z: 1e-12 } },
    whole: true,
    rewrite: overOneLine },
];
