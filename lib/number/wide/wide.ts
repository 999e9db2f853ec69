/**
 * Binary floating point of any precision: a reference that is quick to load and to run.
 *
 * A number is m · 2^e with m of at most `bits` bits; results are rounded to nearest, ties away
 * from 0. exp, log and what is made of them are right to all but the last few bits. Functions
 * that it has no algorithm for throw a `RangeError` (`knows` tells): decimals have those.
 */
import type { Arithmetic, Field } from "../field.ts";
import { arithmetic } from "./arithmetic.ts";
import {
  exponent,
  finite,
  nan,
  neg,
  number,
  special,
  toNumber,
  whole,
  zero,
  type Finite,
  type Wide,
} from "./binary.ts";
import { circular } from "./circular.ts";
import { errorFunction } from "./error-function.ts";
import { exponentials } from "./exponential.ts";
import { domain, single, side, two } from "./special.ts";

export type { Wide } from "./binary.ts";

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

const refuse = (): never => {
  throw new RangeError("a function that wide numbers do not know");
};

function make(bits: number): Field<Wide> {
  const one = whole(1);
  const rounded = arithmetic(bits);
  const { add, mul, div, compare, sqrt } = rounded;
  const { exp, expm1, log, log1p, ...others } = exponentials(rounded);
  const { pi, asin, acos, ...angles } = circular(rounded);
  const { erf, farErfc } = errorFunction(rounded, exp, pi);

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
    others.acosh,
    (x) => compare(x, one) >= 0,
    () => NaN,
  );
  const atanhDomain = domain(
    others.atanh,
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
  const expAny = single(exp, Math.exp, largestExponent);
  const quotientOfLogs = (x: Wide, base: number): Wide =>
    two(div, (a, b) => a / b)(logDomain(x, Math.log), log(whole(base)));
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
      neg:      single(neg, (x) => -x),
      pow:      (x, y) => two(pow, (a, b) => a ** b)(x, y!),
      max:      (x, y) => pick(x, y!, (order) => order >= 0),
      min:      (x, y) => pick(x, y!, (order) => order <= 0),
      abs:      single((x) => (x.m < 0n ? neg(x) : x), Math.abs),
      sign:     single((x) => (x.m < 0n ? whole(-1) : x.m > 0n ? one : zero), Math.sign),
      relu:     single((x) => (x.m < 0n ? zero : x), (x) => Math.max(0, x)),
      exp:      expAny,
      expm1:    single(expm1, Math.expm1, largestExponent),
      log:      (x) => logDomain(x, Math.log),
      log1p:    (x) => log1pDomain(x, Math.log1p),
      sqrt:     (x) => sqrtDomain(x, Math.sqrt),
      sinh:     single(others.sinh, Math.sinh, largestExponent),
      cosh:     single(others.cosh, Math.cosh, largestExponent),
      tanh:     single(others.tanh, Math.tanh),
      sigmoid:  single(others.sigmoid, (x) => 1 / (1 + Math.exp(-x)), largestExponent),
      softplus: single((x) => (exponent(x) > largestExponent ? (x.m > 0n ? x : zero) : others.softplus(x)), (x) => (x > 0 ? x : Math.exp(x))),
      erf:      single(erf, Math.sign, largestErf),
      erfc:     single((x) => (exponent(x) > largestErf ? farErfc(x) : sharpErfc(x, bits)), (x) => 1 - Math.sign(x), largestErfc),
      hypot:    (x, y) => two((a, b) => sqrt(add(mul(a, a), mul(b, b))), Math.hypot)(x, y!),
      stop:     (x) => x,
      expsum:   (x, ...more) => expAny(reduce(x, more)),
      exactsum: (x, ...more) => reduce(x, more),
      roundoff: () => zero,
      mulroundoff: () => zero,
      precise:  (x) => x,
      log2:     (x) => quotientOfLogs(x, 2),
      log10:    (x) => quotientOfLogs(x, 10),
      cbrt:     single(others.cbrt, Math.cbrt),
      atan:     single(angles.atan, Math.atan),
      asin:     (x) => insideOne(asin)(x, Math.asin),
      acos:     (x) => insideOne(acos)(x, Math.acos),
      sin:      single(angles.sin, Math.sin, largestAngle),
      cos:      single(angles.cos, Math.cos, largestAngle),
      tan:      single(angles.tan, Math.tan, largestAngle),
      asinh:    single(others.asinh, Math.asinh),
      acosh:    (x) => acoshDomain(x, Math.acosh),
      atanh:    (x) => atanhDomain(x, Math.atanh),
      atan2:    (y, x) => two(angles.atan2, Math.atan2)(y, x!),
      quotient: refuse,
    },
  };
}

/** Beyond all doubles and what is made of a few; the sine of more is NaN, as it is of ∞. */
const largestAngle = 2 ** 13;

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
