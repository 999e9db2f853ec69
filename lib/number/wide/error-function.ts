/** The error function and what it lacks of 1. */
import type { Arithmetic } from "./arithmetic.ts";
import { half, neg, whole, zero, type Finite } from "./binary.ts";

export function errorFunction(
  { add, mul, div, series, sqrt }: Arithmetic,
  exp: (x: Finite) => Finite,
  pi: () => Finite,
) {
  const one = whole(1);
  /** 2/√π · exp(−x²) · Σ (2x²)^n x / (2n+1)!!: no terms cancel (M. Abramowitz and I. A. Stegun, 7.1.6). */
  function erf(x: Finite): Finite {
    if (x.m === 0n) return zero;
    const square = mul(x, x);
    const sum = series(x, (term, n) => div(mul(term, { m: square.m, e: square.e + 1 }), whole(2 * n + 1)));
    return div(mul({ m: sum.m, e: sum.e + 1 }, exp(neg(square))), sqrt(pi()));
  }
  /** By the asymptotic series, which is good to e^-x² there. */
  function farErfc(x: Finite): Finite {
    if (x.m < 0n) return add(whole(2), neg(farErfc(neg(x))));
    const square = mul(x, x);
    const u = neg(half(div(one, square)));
    const sum = series(one, (term, n) => (n > 900 ? zero : mul(mul(term, u), whole(2 * n - 1))));
    return div(mul(sum, exp(neg(square))), mul(x, sqrt(pi())));
  }

  return { erf, farErfc };
}
