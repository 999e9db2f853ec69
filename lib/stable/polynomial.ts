/** Sums of products multiplied out, so that terms that cancel over the reals are gone before they are rounded. */
import { num, type Expr } from "../expr/node.ts";
import { equal, expression, powersOf, quotient, type Powers } from "./powers.ts";
import { factors, isSum, product, signedTerms, type Signed } from "./terms.ts";

/** More terms than this are not written out. */
const most = 16;

/** The terms of a sum of products of sums, multiplied out, and squares of sums where asked; undefined when there are too many. */
export function expanded(e: Expr, squares = true): readonly Signed[] | undefined {
  const out: Signed[] = [];
  for (const { sign, of } of signedTerms(e)) {
    const powers = powersOf(of);
    const sums = [...powers].filter(([f, n]) => f !== e && isSum(f) && (n === 1 || (n === 2 && squares)));
    let products: readonly Factors[] = [{ sign, powers: quotient(powers, new Map(sums)) }];
    for (const sum of sums.flatMap(([f, n]) => (n === 2 ? [f, f] : [f]))) {
      const parts = expanded(sum, squares);
      if (parts === undefined || products.length * parts.length > most) return undefined;
      products = products.flatMap((p) => parts.map((part) => times(p, part)));
    }
    out.push(...products.map((p) => ({ sign: p.sign, of: expression(p.powers) })));
  }
  return out.length > most ? undefined : out;
}

interface Factors {
  readonly sign: 1 | -1;
  readonly powers: Powers;
}

const times = ({ sign, powers }: Factors, part: Signed): Factors => ({
  sign: sign === part.sign ? 1 : -1,
  powers: powersOf(part.of, 1, new Map(powers)),
});

/** A term as a number times powers of what is no number. */
interface Monomial {
  readonly coefficient: number;
  readonly powers: Powers;
  readonly term: Signed;
}

/** Like terms as one, whatever the order of their factors, where their numbers add up exactly; those that cancel are gone. */
export function cancelled(terms: readonly Signed[]): readonly Signed[] {
  const left: Monomial[] = [];
  for (const term of terms) {
    const own = monomial(term);
    const n = left.findIndex((m) => equal(m.powers, own.powers) && isExact(m.coefficient, own.coefficient));
    if (n < 0) left.push(own);
    else {
      const coefficient = left[n]!.coefficient + own.coefficient;
      if (coefficient === 0) left.splice(n, 1);
      else left[n] = { coefficient, powers: own.powers, term: termOf(coefficient, own.powers) };
    }
  }
  return left.map((m) => m.term);
}

function monomial(term: Signed): Monomial {
  const powers = new Map(powersOf(term.of));
  let coefficient: number = term.sign;
  for (const [f, n] of powers) {
    // 1/2 is a number like others, 1/3 is not.
    if (f.kind !== "num" || !(n === 1 || (n === -1 && isPowerOfTwo(f.value)))) continue;
    coefficient *= f.value ** n;
    powers.delete(f);
  }
  return { coefficient, powers, term };
}

const isPowerOfTwo = (x: number): boolean => Number.isInteger(Math.log2(Math.abs(x)));

const termOf = (coefficient: number, powers: Powers): Signed => ({
  sign: coefficient < 0 ? -1 : 1,
  of: product([num(Math.abs(coefficient)), ...factors(expression(powers))]),
});

const isExact = (a: number, b: number): boolean => a + b - a === b && a + b - b === a;
