/**
 * Decimals of many digits: the field of reference values.
 *
 * The numbers are those of decimal.js as it comes inside mathjs, with its own
 * exact comparisons; mathjs's comparisons use a tolerance, and so take the wrong
 * branch beside a kink. Importing mathjs takes about half a second, so it
 * is imported only when a decimal field is asked for.
 *
 * Functions are computed with guard digits and rounded once.
 */
import { functionsOf, type Decimal, type Decimals } from "./decimal-functions.ts";
import type { Field } from "./field.ts";

export type { Decimal } from "./decimal-functions.ts";

/** Digits carried beyond those asked for, so that a few roundings and a digit-wise cancellation do not show. */
const guardDigits = 15;

const fields = new Map<number, Promise<Field<Decimal>>>();

/** The field of decimals with this many significant digits; its exponents go up to 9e15. */
export function decimal(digits = 64): Promise<Field<Decimal>> {
  let field = fields.get(digits);
  if (field === undefined) fields.set(digits, (field = load(digits)));
  return field;
}

async function load(digits: number): Promise<Field<Decimal>> {
  const { create, BigNumberDependencies } = await import("mathjs");
  // mathjs's types do not know that an instance carries the class of its numbers
  const { BigNumber } = create(BigNumberDependencies!) as unknown as { BigNumber: Decimals };
  return decimalField(BigNumber, digits);
}

function decimalField(base: Decimals, digits: number): Field<Decimal> {
  const D = base.clone({ precision: digits });
  const W = base.clone({ precision: digits + guardDigits }); // the working precision of functions
  const round = (x: Decimal): Decimal => new D(x.toSignificantDigits(digits));
  const wide =
    (f: (x: Decimal) => Decimal) =>
    (x: Decimal): Decimal =>
      round(f(new W(x)));
  const f = functionsOf(base, W);

  // prettier-ignore
  return {
    fromNumber: (x) => new D(exactDigits(x)),
    toNumber:   (x) => x.toNumber(),
    compare:    (x, y) => x.cmp(y),
    isNaN:      (x) => x.isNaN(),
    functions: {
      add:      (x, y) => x.plus(y!),
      sub:      (x, y) => x.minus(y!),
      mul:      (x, y) => x.times(y!),
      div:      (x, y) => x.div(y!),
      neg:      (x) => x.neg(),
      pow:      (x, y) => round(new W(x).pow(new W(y!))),
      max:      (x, y) => (x.isNaN() || x.gt(y!) || (x.eq(y!) && y!.isNeg()) ? x : y!),
      min:      (x, y) => (x.isNaN() || x.lt(y!) || (x.eq(y!) && x.isNeg()) ? x : y!),
      abs:      (x) => x.abs(),
      sign:     (x) => (x.isNaN() || x.isZero() ? x : new D(x.isNeg() ? -1 : 1)),
      relu:     (x) => (x.lte(0) ? new D(0) : x),
      exp:      wide((x) => x.exp()),
      expm1:    wide(f.expm1),
      log:      wide((x) => x.ln()),
      log1p:    wide(f.log1p),
      log2:     wide((x) => x.log(2)),
      log10:    wide((x) => x.log(10)),
      sqrt:     (x) => x.sqrt(),
      cbrt:     (x) => x.cbrt(),
      sin:      wide((x) => f.turned(x, (x) => x.sin())),
      cos:      wide((x) => f.turned(x, (x) => x.cos())),
      tan:      wide((x) => f.turned(x, (x) => x.tan())),
      asin:     wide((x) => x.asin()),
      acos:     wide((x) => x.acos()),
      atan:     wide((x) => x.atan()),
      sinh:     wide(f.sinh),
      cosh:     wide((x) => x.exp().plus(x.neg().exp()).div(2)),
      tanh:     wide(f.tanh),
      asinh:    wide(f.asinh),
      acosh:    wide(f.acosh),
      atanh:    wide(f.atanh),
      sigmoid:  wide((x) => new W(1).div(x.neg().exp().plus(1))),
      softplus: wide((x) => (x.isNeg() ? f.log1p(x.exp()) : x.plus(f.log1p(x.neg().exp())))),
      erf:      wide(f.erf),
      erfc:     wide(f.erfc),
      atan2:    (y, x) => round(W.atan2(new W(y), new W(x!))),
      hypot:    (x, y) => round(f.hypot(new W(x), new W(y!))),
      stop:     (x) => x,
      expsum:   (x, ...more) => round(more.reduce((a, b) => a.plus(b), new W(x)).exp()),
      exactsum: (x, ...more) => more.reduce((a, b) => a.plus(b), x),
      roundoff: () => new D(0),
      mulroundoff: () => new D(0),
      precise:  (x) => x,
      quotient: (x, y) => new D(x).div(y!).floor(),
    },
  };
}

/** All digits of a double. decimal.js would take the shortest that read back as the same double: another number. */
function exactDigits(x: number): string {
  if (!Number.isFinite(x) || Number.isInteger(x)) return wholeDigits(x);
  let [whole, places] = [x, 0];
  while (!Number.isInteger(whole)) [whole, places] = [whole * 2, places + 1]; // exact: no bit is lost
  // whole / 2^places = whole · 5^places / 10^places
  return `${BigInt(whole) * 5n ** BigInt(places)}e-${places}`;
}

function wholeDigits(x: number): string {
  if (!Number.isFinite(x)) return String(x);
  return Object.is(x, -0) ? "-0" : String(BigInt(x));
}
