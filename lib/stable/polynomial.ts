/** Sums of products multiplied out, so that terms that cancel over the reals are gone before they are rounded. */
import { num, type Expr } from "../expr/node.ts";
import { equal, powersOf } from "./powers.ts";
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

/** Terms of which no two are each other's opposites, whatever the order of their factors. */
export function cancelled(terms: readonly Signed[]): readonly Signed[] {
  const left: Signed[] = [];
  for (const t of terms) {
    const powers = powersOf(t.of);
    const n = left.findIndex((u) => u.sign !== t.sign && equal(powersOf(u.of), powers));
    if (n < 0) left.push(t);
    else left.splice(n, 1);
  }
  return left;
}
