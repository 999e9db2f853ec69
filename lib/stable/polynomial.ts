/** Sums of products multiplied out, so that terms that cancel over the reals are gone before they are rounded. */
import { num, type Expr } from "../expr/node.ts";
import { equal, expression, powersOf, type Powers } from "./powers.ts";
import { factors, product, signedTerms, type Signed } from "./terms.ts";

/** More terms than this are not written out. */
const most = 16;

/** The terms of a sum of products of sums, multiplied out; undefined when there are too many. */
export function expanded(e: Expr): readonly Signed[] | undefined {
  const out: Signed[] = [];
  for (const { sign, of } of signedTerms(e)) {
    let products: readonly Signed[] = [{ sign, of: num(1) }];
    for (const f of factors(of)) {
      const sums = f === e ? [{ sign: 1 as const, of: f }] : summands(f);
      if (sums === undefined || products.length * sums.length > most) return undefined;
      products = products.flatMap((p) => sums.map((s) => times(p, s)));
    }
    out.push(...products);
  }
  return out.length > most ? undefined : out;
}

const summands = (f: Expr): readonly Signed[] | undefined =>
  f.kind === "apply" && ["add", "sub", "neg", "mul"].includes(f.op) ? expanded(f) : signedTerms(f);

const times = (a: Signed, b: Signed): Signed => ({
  sign: a.sign === b.sign ? 1 : -1,
  of: product([...factors(a.of), ...factors(b.of)]),
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
  const all = factors(term.of);
  const numbers = all.flatMap((f) => (f.kind === "num" ? [f.value] : []));
  const coefficient = numbers.reduce((c, x) => c * x, term.sign);
  return { coefficient, powers: powersOf(product(all.filter((f) => f.kind !== "num"))), term };
}

const termOf = (coefficient: number, powers: Powers): Signed => ({
  sign: coefficient < 0 ? -1 : 1,
  of: product([num(Math.abs(coefficient)), ...factors(expression(powers))]),
});

const isExact = (a: number, b: number): boolean => a + b - a === b && a + b - b === a;
