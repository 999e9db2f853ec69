/** Doubles: the field in which the kernels compute, with functions good to a few ulp. */
import { exactSum, expSum, mulRoundoff, roundoff } from "./compensated.ts";
import { erf, erfc } from "./erf.ts";
import type { Field } from "./field.ts";

// prettier-ignore
export const double: Field<number> = {
  fromNumber: (x) => x,
  toNumber:   (x) => x,
  compare:    (x, y) => (x < y ? -1 : x > y ? 1 : x === y ? 0 : NaN),
  isNaN:      Number.isNaN,
  functions: {
    add:      (x, y) => x + y!,
    sub:      (x, y) => x - y!,
    mul:      (x, y) => x * y!,
    div:      (x, y) => x / y!,
    neg:      (x) => -x,
    pow:      (x, y) => x ** y!,
    max:      (x, y) => Math.max(x, y!),      // NaN if either is
    min:      (x, y) => Math.min(x, y!),
    abs:      (x) => Math.abs(x),
    sign:     (x) => Math.sign(x),
    relu:     (x) => Math.max(0, x),
    exp:      (x) => Math.exp(x),
    expm1:    (x) => Math.expm1(x),
    log:      (x) => Math.log(x),
    log1p:    (x) => Math.log1p(x),
    log2:     (x) => Math.log2(x),
    log10:    (x) => Math.log10(x),
    sqrt:     (x) => Math.sqrt(x),
    cbrt:     (x) => Math.cbrt(x),
    sin:      (x) => Math.sin(x),
    cos:      (x) => Math.cos(x),
    tan:      (x) => Math.tan(x),
    asin:     (x) => Math.asin(x),
    acos:     (x) => Math.acos(x),
    atan:     (x) => Math.atan(x),
    sinh:     (x) => Math.sinh(x),
    cosh:     (x) => Math.cosh(x),
    tanh:     (x) => Math.tanh(x),
    asinh:    (x) => Math.asinh(x),
    acosh:    (x) => Math.acosh(x),
    atanh:    (x) => Math.atanh(x),
    sigmoid,
    softplus,
    erf:      (x) => erf(x),
    erfc:     (x) => erfc(x),
    atan2:    (y, x) => Math.atan2(y, x!),
    hypot:    (x, y) => Math.hypot(x, y!),
    stop:     (x) => x,
    expsum:   (x, y, z) => expSum(x, y!, z),
    exactsum: (x, y, z, w) => exactSum(x, y!, z, w),
    roundoff: (x, y) => roundoff(x, y!),
    mulroundoff: (x, y) => mulRoundoff(x, y!),
    precise:  (x) => x,
    quotient: (x, y) => Math.floor(x / y!),
  },
};

/** 1 / (1 + exp(−x)); exp is only taken where it cannot overflow. */
function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/** log(1 + exp(x)) without overflow: x + log(1 + exp(−x)) for positive x. */
function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}
