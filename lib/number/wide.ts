/**
 * Binary floating point of any precision: a reference that is quick to load and to run.
 *
 * A number is m · 2^e with m of at most `bits` bits; results are rounded to nearest, ties away
 * from 0. exp, log and what is made of them are right to all but the last few bits. Functions
 * that it has no algorithm for throw a `RangeError` (`knows` tells): decimals have those.
 */
import type { Arithmetic, Field } from "./field.ts";

export type Wide =
  | { readonly m: bigint; readonly e: number }
  /** ∞, −∞ or NaN. */
  | { readonly m: undefined; readonly e: number };

interface Finite {
  readonly m: bigint;
  readonly e: number;
}

const special = (e: number): Wide => ({ m: undefined, e });
const nan = special(NaN);
const zero: Finite = { m: 0n, e: 0 };
const finite = (x: Wide): x is Finite => x.m !== undefined;

/** How many bits it has. */
function size(m: bigint): number {
  let [rest, below] = [m < 0n ? -m : m, 0];
  let nearest = Number(rest);
  for (; nearest === Infinity; nearest = Number(rest)) {
    rest >>= 960n;
    below += 960;
  }
  const bits = bitsOf(nearest);
  const wasRoundedUp = nearest === 2 ** (bits - 1) && rest >> BigInt(bits - 1) === 0n;
  return below + bits - (wasRoundedUp ? 1 : 0);
}

const view = new DataView(new ArrayBuffer(8));

/** Bits before the point of a double that is 0, or at least 1. */
function bitsOf(x: number): number {
  if (x === 0) return 0;
  view.setFloat64(0, x);
  return (view.getUint16(0) >> 4) - 1022;
}

/** Functions that it has no algorithm for. */
const unknown: ReadonlySet<Arithmetic> = new Set<Arithmetic>(["quotient"]);

export const knows = (op: string): boolean => !(unknown as ReadonlySet<string>).has(op);

const fields = new Map<number, Field<Wide>>();

/** The field of numbers of so many bits. */
export function wide(bits = 320): Field<Wide> {
  let field = fields.get(bits);
  if (field === undefined) fields.set(bits, (field = make(bits)));
  return field;
}

const whole = (n: number): Finite => ({ m: BigInt(n), e: 0 });
const neg = (x: Finite): Finite => ({ m: -x.m, e: x.e });
const exponent = (x: Finite): number => (x.m === 0n ? -Infinity : size(x.m) + x.e);
const half = (x: Finite): Finite => ({ m: x.m, e: x.e - 1 });
const refuse = (): never => {
  throw new RangeError("a function that wide numbers do not know");
};

const same = (x: Finite): Finite => x;

function make(bits: number): Field<Wide> {
  const round = (m: bigint, e: number): Finite => {
    const excess = size(m) - bits;
    if (m === 0n) return zero;
    if (excess <= 0) return { m, e };
    const half = 1n << BigInt(excess - 1);
    return { m: m < 0n ? -((-m + half) >> BigInt(excess)) : (m + half) >> BigInt(excess), e: e + excess };
  };
  const one = whole(1);

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
  const fromFixed = (m: bigint): Finite => round(m, -point);
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
    return fromFixed(y + BigInt(k) * ln2);
  }

  function sqrt(x: Finite): Finite {
    if (x.m === 0n) return zero;
    let shift = Math.max(0, 2 * bits + 4 - size(x.m));
    if ((x.e - shift) % 2 !== 0) shift++;
    return round(root(x.m << BigInt(shift)), (x.e - shift) / 2);
  }

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

  const pi = (): Finite => round(piAt(point), -point);

  /** By halving the angle until the series is short. */
  function atan(x: Finite): Finite {
    if (x.m === 0n) return zero;
    let [y, halvings] = [x, 0];
    for (; exponent(y) > -8; halvings++) y = div(y, add(one, sqrt(add(one, mul(y, y)))));
    const square = neg(mul(y, y));
    const angle = series(
      y,
      (power) => mul(power, square),
      (power, n) => div(power, whole(2 * n + 1)),
    );
    return { m: angle.m, e: angle.e + halvings };
  }
  function asin(x: Finite): Finite {
    const rest = add(one, neg(mul(x, x)));
    if (rest.m === 0n) return x.m < 0n ? neg(half(pi())) : half(pi());
    return atan(div(x, sqrt(rest)));
  }

  /** The angle less a whole number of right angles, and that number; an angle of any size loses nothing. */
  function turned(x: Finite): { readonly r: Finite; readonly quarter: number } {
    const top = exponent(x);
    if (top < 0) return { r: x, quarter: 0 };
    const places = bits + 128 + top;
    const angle = x.e + places >= 0 ? x.m << BigInt(x.e + places) : x.m >> BigInt(-x.e - places);
    const right = piAt(places) >> 1n;
    const k = floorDiv(2n * angle + right, 2n * right);
    return { r: round(angle - k * right, -places), quarter: Number(((k % 4n) + 4n) % 4n) };
  }
  /** x − x³/3! + … for `from` 1, 1 − x²/2! + … for 0. */
  function alternating(x: Finite, from: 0 | 1): Finite {
    const square = neg(mul(x, x));
    if (square.m === 0n) return from === 1 ? x : one;
    return series(from === 1 ? x : one, (term, n) =>
      div(mul(term, square), whole((2 * n + from - 1) * (2 * n + from))),
    );
  }
  /** sin(x + quarter·π/2). */
  function sine(x: Finite, ahead: number): Finite {
    const { r, quarter } = turned(x);
    const place = (quarter + ahead) % 4;
    const value = alternating(r, place % 2 === 0 ? 1 : 0);
    return place < 2 ? value : neg(value);
  }
  const tan = (x: Finite): Finite => div(sine(x, 0), sine(x, 1));

  const asinh = odd((x) => {
    const square = mul(x, x);
    return log1p(add(x, div(square, add(one, sqrt(add(one, square))))));
  });
  const acosh = (x: Finite): Finite => {
    const above = add(x, neg(one));
    return log1p(add(above, sqrt(mul(above, add(above, whole(2))))));
  };
  const atanh = odd((x) => half(log1p(div(mul(x, whole(2)), add(one, neg(x))))));
  function atan2(y: Finite, x: Finite): Finite {
    if (x.m === 0n) return y.m === 0n ? zero : y.m < 0n ? neg(half(pi())) : half(pi());
    const angle = y.m === 0n ? zero : atan(div(y, x));
    if (x.m > 0n) return angle;
    return add(angle, y.m < 0n ? neg(pi()) : pi());
  }

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

  /** Functions of doubles' infinities are taken from doubles; −huge and huge exponents are 0 and ∞. */
  const one1 =
    (f: (x: Finite) => Finite, ofDouble: (x: number) => number, largest = Infinity) =>
    (x: Wide): Wide => {
      if (!finite(x)) return number(ofDouble(x.e));
      if (exponent(x) > largest) return number(ofDouble(x.m < 0n ? -Infinity : Infinity));
      return f(x);
    };
  const two =
    (f: (x: Finite, y: Finite) => Wide, ofDouble: (x: number, y: number) => number) =>
    (x: Wide, y: Wide): Wide =>
      finite(x) && finite(y) ? f(x, y) : number(ofDouble(toNumber(x), toNumber(y)));
  const domain =
    (f: (x: Finite) => Finite, inside: (x: Finite) => boolean, outside: (x: Finite) => number) =>
    (x: Wide, whenSpecial: (x: number) => number) =>
      !finite(x) ? number(whenSpecial(x.e)) : inside(x) ? f(x) : number(outside(x));
  const logDomain = domain(
    log,
    (x) => x.m > 0n,
    (x) => (x.m === 0n ? -Infinity : NaN),
  );
  const log1pDomain = domain(
    log1p,
    (x) => compare(x, whole(-1)) > 0,
    (x) => (compare(x, whole(-1)) === 0 ? -Infinity : NaN),
  );
  const sqrtDomain = domain(
    sqrt,
    (x) => x.m >= 0n,
    () => NaN,
  );
  const acoshDomain = domain(
    acosh,
    (x) => compare(x, one) >= 0,
    () => NaN,
  );
  const atanhDomain = domain(
    atanh,
    (x) => compare(x, one) < 0 && compare(x, neg(one)) > 0,
    (x) => Math.atanh(toNumber(x)),
  );
  const adding = two(add, (x, y) => x + y);
  const largestExponent = 40;

  function pow(x: Finite, y: Finite): Wide {
    const n = toNumber(y);
    if (Number.isInteger(n) && Math.abs(n) <= 64) {
      let power = one;
      for (let k = 0; k < Math.abs(n); k++) power = mul(power, x);
      return n >= 0 ? power : power.m === 0n ? special(Infinity) : div(one, power);
    }
    if (x.m > 0n && Number.isInteger(2 * n) && Math.abs(n) <= 32) return pow(sqrt(x), whole(2 * n));
    if (x.m === 0n) return number(0 ** n);
    if (x.m < 0n) {
      const positive = Number.isInteger(n) ? pow(neg(x), y) : nan;
      return n % 2 !== 0 && finite(positive) ? neg(positive) : positive;
    }
    return expAny(mul(y, log(x)));
  }
  const reduce = (x: Wide, more: readonly (Wide | undefined)[]): Wide =>
    more.reduce<Wide>((a, b) => (b === undefined ? a : adding(a, b)), x);
  const pick = (x: Wide, y: Wide, first: (order: number) => boolean): Wide => {
    const order = compareAny(x, y);
    return Number.isNaN(order) ? nan : first(order) ? x : y;
  };
  const compareAny = (x: Wide, y: Wide): number => {
    if (finite(x) && finite(y)) return compare(x, y);
    const [a, b] = [side(x), side(y)];
    return a < b ? -1 : a > b ? 1 : a === b ? 0 : NaN;
  };
  const expAny = one1(exp, Math.exp, largestExponent);
  const quotientOfLogs = (x: Wide, base: number): Wide =>
    two(div, (a, b) => a / b)(logDomain(x, Math.log), log(whole(base)));
  const cbrt = (x: Finite): Finite => (x.m === 0n ? zero : exp(div(log(x), whole(3))));
  const insideOne = (f: (x: Finite) => Finite) =>
    domain(
      f,
      (x) => compare(x, one) <= 0 && compare(x, neg(one)) >= 0,
      () => NaN,
    );

  // prettier-ignore
  return {
    fromNumber: number,
    toNumber,
    compare:    compareAny,
    isNaN:      (x) => !finite(x) && Number.isNaN(x.e),
    functions: {
      add:      (x, y) => adding(x, y!),
      sub:      (x, y) => two((a, b) => add(a, neg(b)), (a, b) => a - b)(x, y!),
      mul:      (x, y) => two(mul, (a, b) => a * b)(x, y!),
      div:      (x, y) => two((a, b) => (b.m === 0n ? number(toNumber(a) / 0) : div(a, b)), (a, b) => a / b)(x, y!),
      neg:      one1(neg, (x) => -x),
      pow:      (x, y) => two(pow, (a, b) => a ** b)(x, y!),
      max:      (x, y) => pick(x, y!, (order) => order >= 0),
      min:      (x, y) => pick(x, y!, (order) => order <= 0),
      abs:      one1((x) => (x.m < 0n ? neg(x) : x), Math.abs),
      sign:     one1((x) => (x.m < 0n ? whole(-1) : x.m > 0n ? one : zero), Math.sign),
      relu:     one1((x) => (x.m < 0n ? zero : x), (x) => Math.max(0, x)),
      exp:      expAny,
      expm1:    one1(expm1, Math.expm1, largestExponent),
      log:      (x) => logDomain(x, Math.log),
      log1p:    (x) => log1pDomain(x, Math.log1p),
      sqrt:     (x) => sqrtDomain(x, Math.sqrt),
      sinh:     one1(sinh, Math.sinh, largestExponent),
      cosh:     one1((x) => half(add(exp(x), exp(neg(x)))), Math.cosh, largestExponent),
      tanh:     one1(tanh, Math.tanh),
      sigmoid:  one1(sigmoid, (x) => 1 / (1 + Math.exp(-x)), largestExponent),
      softplus: one1((x) => (exponent(x) > 40 && x.m > 0n ? x : softplus(x)), (x) => (x > 0 ? x : Math.exp(x)), Infinity),
      erf:      one1(erf, Math.sign, largestErf),
      erfc:     one1((x) => (exponent(x) > largestErf ? farErfc(x) : sharpErfc(x, bits)), (x) => 1 - Math.sign(x), largestErfc),
      hypot:    (x, y) => two((a, b) => sqrt(add(mul(a, a), mul(b, b))), Math.hypot)(x, y!),
      stop:     (x) => x,
      expsum:   (x, ...more) => expAny(reduce(x, more)),
      exactsum: (x, ...more) => reduce(x, more),
      roundoff: () => zero,
      mulroundoff: () => zero,
      precise:  (x) => x,
      log2:     (x) => quotientOfLogs(x, 2),
      log10:    (x) => quotientOfLogs(x, 10),
      cbrt:     one1((x) => (x.m < 0n ? neg(cbrt(neg(x))) : cbrt(x)), Math.cbrt),
      atan:     one1(atan, Math.atan),
      asin:     (x) => insideOne(asin)(x, Math.asin),
      acos:     (x) => insideOne((y) => add(half(pi()), neg(asin(y))))(x, Math.acos),
      sin:      one1((x) => sine(x, 0), Math.sin, largestAngle),
      cos:      one1((x) => sine(x, 1), Math.cos, largestAngle),
      tan:      one1(tan, Math.tan, largestAngle),
      asinh:    one1(asinh, Math.asinh),
      acosh:    (x) => acoshDomain(x, Math.acosh),
      atanh:    (x) => atanhDomain(x, Math.atanh),
      atan2:    (y, x) => two(atan2, Math.atan2)(y, x!),
      quotient: refuse,
    },
  };
}

/** Beyond all doubles and what is made of a few; the sine of more is NaN, as it is of ∞. */
const largestAngle = 2 ** 13;

/** π at so many binary places, by J. Machin's formula. */
function piAt(places: number): bigint {
  let pi = pis.get(places);
  if (pi === undefined) {
    const guard = 16;
    const unit = 1n << BigInt(places + guard);
    const inverse = (n: bigint): bigint => {
      let [sum, power, sign] = [0n, unit / n, 1n];
      for (let k = 1n; power > 0n; k += 2n, power /= n * n, sign = -sign) sum += (sign * power) / k;
      return sum;
    };
    pis.set(places, (pi = (16n * inverse(5n) - 4n * inverse(239n)) >> BigInt(guard)));
  }
  return pi;
}

const pis = new Map<number, bigint>();

const floorDiv = (a: bigint, b: bigint): bigint => a / b - (a % b !== 0n && a < 0n !== b < 0n ? 1n : 0n);

/** A function with f(−x) = −f(x), from its values at x > 0. */
const odd =
  (positive: (x: Finite) => Finite) =>
  (x: Finite): Finite =>
    x.m === 0n ? x : x.m < 0n ? neg(positive(neg(x))) : positive(x);

/** From 2^5 on erf is 1, and erfc less than 10^-446, far below any double; quotients of it may be ordinary numbers. */
const largestErf = 5;

/** From 2^19 on erfc is less than the exponential of the largest exponent that is computed. */
const largestErfc = 19;

/** 1 − erf(x), with as many more bits as cancel: x² / ln 2 of them. */
function sharpErfc(x: Finite, bits: number): Finite {
  const size = toNumber(x);
  const more = size > 0 ? Math.ceil((size * size) / Math.LN2) + 64 : 0;
  const field = wide(Math.ceil((bits + more) / 256) * 256);
  const value = field.functions.sub(number(1), field.functions.erf(x));
  return finite(value) ? value : zero; // it is finite: erf is
}

/** A double, exactly. */
function number(x: number): Wide {
  if (!Number.isFinite(x)) return special(x);
  if (x === 0) return zero;
  let [whole, e] = [x, 0];
  while (!Number.isInteger(whole)) {
    const by = Math.abs(whole) < 2 ** -900 ? 512 : Math.abs(whole) < 1 ? 64 : 1;
    [whole, e] = [whole * 2 ** by, e - by];
  }
  return { m: BigInt(whole), e };
}

/** The nearest double, ties to even; subnormals too. */
function toNumber(x: Wide): number {
  if (x.m === undefined) return x.e;
  if (x.m === 0n) return 0;
  const top = size(x.m) + x.e;
  if (top > 1024) return x.m < 0n ? -Infinity : Infinity;
  if (top < -1075) return x.m < 0n ? -0 : 0;
  const least = Math.max(top - 53, -1074); // the exponent of the last bit that a double has there
  const drop = least - x.e;
  const negative = x.m < 0n;
  let m = negative ? -x.m : x.m;
  if (drop > 0) {
    const rest = m & ((1n << BigInt(drop)) - 1n);
    m >>= BigInt(drop);
    const half = 1n << BigInt(drop - 1);
    if (rest > half || (rest === half && (m & 1n) === 1n)) m++;
  } else m <<= BigInt(-drop);
  const value = Number(m) * 2 ** Math.max(least, -1022) * (least < -1022 ? 2 ** (least + 1022) : 1);
  return negative ? -value : value;
}

/** Where a number is, for comparison with infinities and NaN: any finite one is 0. */
const side = (x: Wide): number => (x.m === undefined ? x.e : 0);

/** The whole part of the square root: by I. Newton's steps, which come down to it from above. */
function root(n: bigint): bigint {
  const left = Math.max(0, size(n) - 100) & ~1; // even, so that it halves
  let x = (BigInt(Math.ceil(Math.sqrt(Number(n >> BigInt(left))))) + 2n) << BigInt(left / 2);
  for (;;) {
    const next = (x + n / x) >> 1n;
    if (next >= x) return x;
    x = next;
  }
}
