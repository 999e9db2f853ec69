/** Functions that decimal.js lacks, or computes with cancellation, without end, or with too few digits of π. */
import type { BigNumber } from "mathjs";

export type Decimal = BigNumber;

/** What we use of decimal.js's class; its digits are a property of the class. */
export interface Decimals {
  new (value: number | string | Decimal): Decimal;
  clone(options: { precision: number }): Decimals;
  readonly precision: number;
  acos(x: Decimal): Decimal;
  atan2(y: Decimal, x: Decimal): Decimal;
}

/** Beyond this many digits decimal.js knows π no longer. */
const mostDigits = 1000;

/** The functions at the digits of W; `base` makes classes of other digits. */
export function functionsOf(base: Decimals, W: Decimals) {
  const one = new W(1);
  const digits = W.precision;
  const negligible = new W(`1e-${digits + 2}`);

  /** Σ of terms until they no longer count; they must shrink. */
  function series(first: Decimal, next: (term: Decimal, n: number) => Decimal): Decimal {
    let sum = first;
    let term = first;
    for (let n = 1; !term.isZero() && term.abs().gt(sum.abs().times(negligible)); n++) {
      term = next(term, n);
      sum = sum.plus(term);
    }
    return sum;
  }

  function expm1(x: Decimal): Decimal {
    if (x.abs().gte(0.1) || x.isNaN()) return x.exp().minus(1);
    return series(x, (term, n) => term.times(x).div(n + 1));
  }

  function log1p(x: Decimal): Decimal {
    if (x.abs().gte(0.1) || x.isNaN()) return x.plus(1).ln();
    return logOfRatio(x.div(x.plus(2))).times(2);
  }

  /** atanh z = z + z³/3 + z⁵/5 + …, for small z. */
  function logOfRatio(z: Decimal): Decimal {
    const square = z.times(z);
    let power = z;
    return series(z, (_, n) => (power = power.times(square)).div(2 * n + 1));
  }

  const sinh = odd((x) => {
    const e = expm1(x);
    return e.isFinite() ? e.plus(e.div(e.plus(1))).div(2) : e;
  });

  const tanh = odd((x) => {
    const e = expm1(x.times(2));
    return e.isFinite() ? e.div(e.plus(2)) : one;
  });

  const asinh = odd((x) => {
    const square = x.times(x);
    return log1p(x.plus(square.isFinite() ? square.div(square.plus(1).sqrt().plus(1)) : x));
  });

  function acosh(x: Decimal): Decimal {
    const t = x.minus(1);
    if (t.isNeg() && !t.isZero()) return new W(NaN);
    return log1p(t.plus(t.times(t.plus(2)).sqrt()));
  }

  const atanh = odd((x) => log1p(x.times(2).div(one.minus(x))).div(2));

  /** A periodic function: a large angle needs as many more digits as it has before the point. */
  function turned(x: Decimal, f: (x: Decimal) => Decimal): Decimal {
    if (!x.isFinite()) return new W(NaN);
    const needed = digits + 25 + Math.max(0, x.e);
    if (needed > mostDigits) return new W(NaN);
    return f(new (base.clone({ precision: needed }))(x));
  }

  /** 2x/√π · exp(−x²) · Σ (2x²)ⁿ / (3·5·…·(2n + 1)); every term is positive, so nothing cancels. */
  function erfSeries(x: Decimal, at: Decimals): Decimal {
    const wide = new at(x);
    const twice = wide.times(wide).times(2);
    const enough = new at(10).pow(-at.precision - 2);
    let [sum, term] = [new at(1), new at(1)];
    for (let n = 1; term.gt(sum.times(enough)); n++) {
      term = term.times(twice).div(2 * n + 1);
      sum = sum.plus(term);
    }
    return sum
      .times(wide)
      .times(2)
      .times(twice.div(-2).exp())
      .div(at.acos(new at(-1)).sqrt());
  }

  /** From here on the continued fraction of erfc needs few terms; below it the series has few digits to cancel. */
  const far = 12;

  /** exp(−x²)/√π · 1/(x + ½/(x + 1/(x + ³⁄₂/(x + …)))), from the back; the number of terms grows as (digits / x)². */
  function erfcFraction(x: Decimal): Decimal {
    const value = x.times(x).neg().exp();
    if (value.isZero()) return value;
    const near = Math.min(x.toNumber(), 1e3);
    const terms = digits + Math.ceil((digits * Math.LN10) ** 2 / (4 * near ** 2));
    let below = x;
    for (let n = terms; n > 0; n--) below = x.plus(new W(n).div(2).div(below));
    return value.div(below).div(W.acos(new W(-1)).sqrt());
  }

  const erf = odd((x) => (x.gt(far) ? one.minus(erfcFraction(x)) : erfSeries(x, W)));

  function erfc(x: Decimal): Decimal {
    if (x.isNaN()) return x;
    if (x.gt(far)) return erfcFraction(x);
    if (x.lte(0)) return one.plus(erf(x.neg()));
    const lost = Math.ceil(x.toNumber() ** 2 / Math.LN10) + 5;
    const at = base.clone({ precision: digits + lost });
    return new W(new at(1).minus(erfSeries(x, at)));
  }

  return { expm1, log1p, sinh, tanh, asinh, acosh, atanh, hypot, turned, erf, erfc };
}

/** `positive(x)` for x ≥ 0, −positive(−x) below; ±0 and NaN stay. */
const odd =
  (positive: (x: Decimal) => Decimal) =>
  (x: Decimal): Decimal =>
    x.isNaN() || x.isZero() ? x : x.isNeg() ? positive(x.neg()).neg() : positive(x);

function hypot(x: Decimal, y: Decimal): Decimal {
  if (!x.isFinite() && !x.isNaN()) return x.abs();
  if (!y.isFinite() && !y.isNaN()) return y.abs();
  return x.times(x).plus(y.times(y)).sqrt();
}
