/** Exponentials and logarithms, and what is made of them. */
import type { Arithmetic } from "./arithmetic.ts";
import { exponent, half, neg, whole, zero, type Finite } from "./binary.ts";

export function exponentials({ bits, point, unit, toFixed, round, add, mul, div, series, sqrt }: Arithmetic) {
  const one = whole(1);
  const ln2 = 2n * atanhOfThird();
  function atanhOfThird(): bigint {
    let [sum, power] = [0n, unit / 3n];
    for (let n = 1n; power > 0n; n += 2n, power /= 9n) sum += power / n;
    return sum;
  }

  function exp(x: Finite): Finite {
    if (x.m === 0n) return one;
    if (exponent(x) < -bits - 8) return add(one, x);
    const fixed = toFixed(x);
    const k = (fixed + (ln2 >> 1n)) / ln2 - (fixed + (ln2 >> 1n) < 0n ? 1n : 0n);
    const halvings = Math.max(4, Math.round(Math.sqrt(bits)) >> 1);
    const r = (fixed - k * ln2) >> BigInt(halvings);
    let [sum, term] = [unit, unit];
    for (let n = 1n; term !== 0n && term !== -1n; n++) {
      term = ((term * r) >> BigInt(point)) / n;
      sum += term;
    }
    for (let n = 0; n < halvings; n++) sum = (sum * sum) >> BigInt(point);
    return round(sum, -point + Number(k));
  }

  function expm1(x: Finite): Finite {
    if (x.m === 0n) return zero;
    if (exponent(x) >= -8) return add(exp(x), neg(one));
    return series(x, (term, n) => div(mul(term, x), whole(n + 1)));
  }

  /** For x > −1. */
  function log1p(x: Finite): Finite {
    if (x.m === 0n) return zero;
    if (exponent(x) >= -8) return log(add(one, x));
    const z = div(x, add(x, whole(2)));
    const square = mul(z, z);
    return mul(
      whole(2),
      series(
        z,
        (power) => mul(power, square),
        (power, n) => div(power, whole(2 * n + 1)),
      ),
    );
  }

  /** For x > 0. */
  function log(x: Finite): Finite {
    const near = add(x, neg(one));
    if (exponent(near) < -8) return log1p(near);
    const k = exponent(x);
    const scaled = toFixed({ m: x.m, e: x.e - k }); // in [1/2, 1)
    const start = Math.log(Number(scaled >> BigInt(point - 60)) / 2 ** 60);
    let y = BigInt(Math.round(start * 2 ** 60)) << BigInt(point - 60);
    for (let right = 50; right < point; right *= 3) {
      const e = toFixed(exp({ m: y, e: -point }));
      y += (2n * (scaled - e) * unit) / (scaled + e);
    }
    return round(y + BigInt(k) * ln2, -point);
  }

  const asinh = odd((x) => {
    const square = mul(x, x);
    return log1p(add(x, div(square, add(one, sqrt(add(one, square))))));
  });
  const acosh = (x: Finite): Finite => {
    const above = add(x, neg(one));
    return log1p(add(above, sqrt(mul(above, add(above, whole(2))))));
  };
  const atanh = odd((x) => half(log1p(div(mul(x, whole(2)), add(one, neg(x))))));
  const sinh = (x: Finite): Finite => {
    if (x.m < 0n) return neg(sinh(neg(x)));
    const e = expm1(x);
    return half(add(e, div(e, add(e, one))));
  };
  const tanh = (x: Finite): Finite => {
    if (x.m < 0n) return neg(tanh(neg(x)));
    if (exponent(x) > 40) return one;
    const e = expm1(mul(x, whole(2)));
    return div(e, add(e, whole(2)));
  };
  const sigmoid = (x: Finite): Finite =>
    x.m < 0n ? div(exp(x), add(one, exp(x))) : div(one, add(one, exp(neg(x))));
  const softplus = (x: Finite): Finite => (x.m < 0n ? log1p(exp(x)) : add(x, log1p(exp(neg(x)))));

  const cosh = (x: Finite): Finite => half(add(exp(x), exp(neg(x))));
  const cbrt = odd((x) => exp(div(log(x), whole(3))));
  return { exp, expm1, log, log1p, sinh, cosh, tanh, asinh, acosh, atanh, sigmoid, softplus, cbrt };
}

/** A function with f(−x) = −f(x), from its values at x > 0. */
const odd =
  (positive: (x: Finite) => Finite) =>
  (x: Finite): Finite =>
    x.m === 0n ? x : x.m < 0n ? neg(positive(neg(x))) : positive(x);
