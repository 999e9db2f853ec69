/** Sums, products, quotients and roots of finite numbers, rounded to nearest, ties away from 0; and fixed point, for series. */
import { exponent, neg, size, zero, type Finite } from "./binary.ts";

export type Arithmetic = ReturnType<typeof arithmetic>;

/** Of so many bits. */
export function arithmetic(bits: number) {
  const round = (m: bigint, e: number): Finite => {
    const excess = size(m) - bits;
    if (m === 0n) return zero;
    if (excess <= 0) return { m, e };
    const half = 1n << BigInt(excess - 1);
    return { m: m < 0n ? -((-m + half) >> BigInt(excess)) : (m + half) >> BigInt(excess), e: e + excess };
  };
  function add(x: Finite, y: Finite): Finite {
    if (x.m === 0n) return y;
    if (y.m === 0n) return x;
    const [a, b] = x.e >= y.e ? [x, y] : [y, x];
    const gap = a.e - b.e;
    // So far apart that the smaller one cannot be seen, even where the larger one has few bits.
    if (gap > 2 * bits + 64 + size(b.m)) return a;
    return round((a.m << BigInt(gap)) + b.m, b.e);
  }
  const mul = (x: Finite, y: Finite): Finite => round(x.m * y.m, x.e + y.e);
  function div(x: Finite, y: Finite): Finite {
    const shift = Math.max(0, bits + 2 + size(y.m) - size(x.m));
    return round((x.m << BigInt(shift)) / y.m, x.e - shift - y.e);
  }
  const compare = (x: Finite, y: Finite): number => {
    const d = add(x, neg(y)).m;
    return d < 0n ? -1 : d > 0n ? 1 : 0;
  };

  // Fixed point, for the series.
  const point = bits + 64;
  const unit = 1n << BigInt(point);
  const toFixed = (x: Finite): bigint =>
    x.e + point >= 0 ? x.m << BigInt(x.e + point) : x.m >> BigInt(-x.e - point);
  /** Σ of terms in floating point, until they no longer count. */
  function series(
    first: Finite,
    next: (term: Finite, n: number) => Finite,
    weight: (term: Finite, n: number) => Finite = same,
  ): Finite {
    let [sum, term] = [first, first];
    for (let n = 1; exponent(term) > exponent(sum) - bits - 4; n++) {
      term = next(term, n);
      sum = add(sum, weight(term, n));
    }
    return sum;
  }

  function sqrt(x: Finite): Finite {
    if (x.m === 0n) return zero;
    let shift = Math.max(0, 2 * bits + 4 - size(x.m));
    if ((x.e - shift) % 2 !== 0) shift++;
    return round(root(x.m << BigInt(shift)), (x.e - shift) / 2);
  }

  return { bits, point, unit, toFixed, round, add, mul, div, compare, series, sqrt };
}

const same = (x: Finite): Finite => x;

/**
 * The whole part of the square root: by I. Newton's steps, which come down to it from above. The first half of its
 * digits comes from the first half of those of n, so that there are few steps with many digits.
 */
function root(n: bigint): bigint {
  const digits = size(n);
  const left = (digits <= 200 ? Math.max(0, digits - 100) : digits >> 1) & ~1; // even, so that it halves
  const rest = n >> BigInt(left);
  const first = digits <= 200 ? BigInt(Math.ceil(Math.sqrt(Number(rest)))) + 2n : root(rest) + 1n;
  let x = first << BigInt(left / 2);
  for (;;) {
    const next = (x + n / x) >> 1n;
    if (next >= x) return x;
    x = next;
  }
}
