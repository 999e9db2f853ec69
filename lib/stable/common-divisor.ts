/** Sums of quotients over the same sum, brought over one line: what cancels above it is gone before it is rounded. */
import { apply, rebuild, where, type Expr, type Node } from "../expr/node.ts";
import { rewriting } from "../expr/parts.ts";
import { exponentialMinus } from "./near-one.ts";
import { argument, isApply, isFinite, pair } from "./pattern.ts";
import { cancelled, expanded } from "./polynomial.ts";
import { expression, powersOf, type Powers } from "./powers.ts";
import type { Row } from "./row.ts";
import { factors, isSum, opposite, signed, signedTerms, sumOf, type Signed } from "./terms.ts";

/** More terms than this are not brought together. */
const most = 4;

const isShort = (e: Expr): boolean => isSum(e) && signedTerms(e).length <= most;

/** What is above the line when a sum is brought over one divisor, or its square. */
interface Above {
  readonly terms: readonly Signed[];
  readonly divisor: Expr;
  readonly n: number;
}

/** A sum over a divisor of it, `numerator` multiplied out; undefined unless at least two of the terms then cancel. */
function above(e: Expr, numerator: (e: Expr) => Expr): Above | undefined {
  if (!isShort(e)) return undefined;
  const terms = signedTerms(e).map((t) => ({ t, powers: powersOf(t.of) }));
  const divisors = new Set(terms.flatMap(({ powers }) => [...powers].filter(isDivisor).map(([f]) => f)));
  for (const divisor of divisors) {
    const n = -Math.min(...terms.map(({ powers }) => powers.get(divisor) ?? 0));
    const parts: Signed[] = [];
    for (const { t, powers } of terms) {
      const some = expanded(numerator(expression(times(powers, divisor, n))), false);
      if (!some) return undefined;
      parts.push(...(t.sign === 1 ? some : opposite(some)));
    }
    const left = cancelled(parts);
    if (left.length <= parts.length - 2 && left.length > 0) return { terms: left, divisor, n };
  }
  return undefined;
}

/** a/(b + c) - d where a - d*(b + c) has fewer terms than it is written with. */
function overOneLine(e: Expr): Expr | undefined {
  const found = above(e, (numerator) => numerator);
  if (!found) return undefined;
  const { terms, divisor, n } = found;
  const sum = sumOf(terms);
  const plain = expression(new Map([...powersOf(pair(sum, exponentialMinus) ?? sum), [divisor, -n]]));
  return withoutOverflow(terms, divisor, n, plain) ?? plain;
}

/** a/D - b/D^2 where terms of a*D - b are gone once |x| is sign(x)*x. */
function bySigns(e: Expr): Expr | undefined {
  if (!isShort(e) || !signedTerms(e).some(({ of }) => factors(of).some(hasAbs))) return undefined;
  const found = above(e, inSigns);
  if (!found || found.n !== 2) return undefined;
  const { terms, divisor } = found;
  // Three terms may cancel two by two, as those of |t| + c - |t| do.
  const sum =
    terms.length === 3 || terms.length === 4 ? apply("exactsum", ...terms.map(signed)) : sumOf(terms);
  // One after the other: the square of the divisor may overflow where the quotient is an ordinary number.
  return apply("div", apply("div", sum, divisor), divisor);
}

const hasAbs = (f: Expr): boolean =>
  f.kind === "apply" && (f.op === "abs" || (f.op !== "sign" && f.args.some(hasAbs)));

/** Each |x| in sums and products as sign(x)·x. */
const inSigns = (e: Expr): Expr =>
  rewriting((part, go) => {
    if (part.kind !== "apply" || part.op === "sign") return part;
    return part.op === "abs"
      ? apply("mul", apply("sign", argument(part)), go(argument(part)))
      : rebuild(part, go);
  })(e);

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
  { name: "quotient less a part of itself", from: "a/D - b/D^2", to: "(a*D - b)/D/D, multiplied out, abs(x) as sign(x)*x, what cancels gone", holds: "D is not 0",
    counterexample: { text: "1 / (1 + abs(x)) - x * sign(x) / (1 + abs(x))^2", at: { x: 1e9 } },
    whole: true,
    rewrite: bySigns },
];
