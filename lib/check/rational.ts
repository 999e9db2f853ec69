/**
 * Exact rationals: the field in which programs of + − × ÷, max, min, abs and comparisons have no rounding.
 *
 * Every finite double is a rational, so the sign of a guard is decided, not estimated.
 */
import { type Expr } from "../expr/node.ts";
import { anywhere } from "../expr/parts.ts";
import type { Definition } from "../expr/program.ts";
import type { Arithmetic, Field } from "../number/field.ts";
import { comparisons } from "../expr/syntax.ts";

/**
 * top / (odd · 2^power), with `odd` an odd number above 0, or 0 for ±∞, which only comparisons understand;
 * undefined stands for NaN. Doubles, their sums and products have `odd` 1 and need no greatest common divisor.
 */
export type Rational = { readonly top: bigint; readonly odd: bigint; readonly power: number } | undefined;

type Finite = NonNullable<Rational>;

const gcd = (a: bigint, b: bigint): bigint => {
  let [x, y] = [a < 0n ? -a : a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
};

/** In lowest terms as far as `odd` goes; twos may be left over. */
function make(top: bigint, odd: bigint, power: number): Rational {
  if (odd === 1n) return { top, odd, power };
  if (odd === 0n) return undefined;
  const common = gcd(top, odd);
  return common === 1n ? { top, odd, power } : { top: top / common, odd: odd / common, power };
}

/** How often 2 divides a number other than 0. */
function twos(x: bigint): number {
  let power = 0;
  for (let bits = 1024; bits >= 1; bits /= 2)
    while (BigInt.asUintN(bits, x >> BigInt(power)) === 0n) power += bits;
  return power;
}

const shifted = (x: bigint, power: number): bigint => (power > 0 ? x << BigInt(power) : x);

/** x and y over one bottom. */
function together(x: Finite, y: Finite): { a: bigint; b: bigint; odd: bigint; power: number } {
  const power = Math.max(x.power, y.power);
  const [a, b] = [shifted(x.top, power - x.power), shifted(y.top, power - y.power)];
  return x.odd === y.odd
    ? { a, b, odd: x.odd, power }
    : { a: a * y.odd, b: b * x.odd, odd: x.odd * y.odd, power };
}

function divide(x: Finite, y: Finite): Rational {
  if (y.top === 0n) return undefined;
  const power = twos(y.top);
  const under = y.top >> BigInt(power);
  const sign = under < 0n ? -1n : 1n;
  return make(sign * x.top * y.odd, sign * under * x.odd, x.power + power - y.power);
}

function raise(x: Finite, n: bigint): Finite {
  return { top: x.top ** n, odd: x.odd ** n, power: x.power * Number(n) };
}

function fromNumber(x: number): Rational {
  if (Number.isNaN(x)) return undefined;
  if (!Number.isFinite(x)) return { top: x > 0 ? 1n : -1n, odd: 0n, power: 0 };
  let [digits, power] = [x, 0];
  while (!Number.isInteger(digits)) [digits, power] = [digits * 2, power + 1];
  return { top: BigInt(digits), odd: 1n, power };
}

/** The nearest double, but for a last digit. */
function toNumber(x: Rational): number {
  if (x === undefined) return NaN;
  if (x.odd === 0n) return x.top > 0n ? Infinity : -Infinity;
  const bottom = shifted(x.odd, x.power);
  const top = shifted(x.top, -x.power);
  const excess = top.toString(2).length - bottom.toString(2).length;
  const shift = BigInt(Math.max(0, 64 - excess));
  const whole = Number((top << shift) / bottom);
  const [half, rest] = [Number(shift) >> 1, Number(shift) - (Number(shift) >> 1)];
  return whole * 2 ** -half * 2 ** -rest;
}

type Function = (x: Rational, ...more: Rational[]) => Rational;

const lift =
  (f: (x: Finite, y: Finite) => Rational): Function =>
  (x, y) =>
    x === undefined || y === undefined ? undefined : f(x, y);
const lift1 =
  (f: (x: Finite) => Rational): Function =>
  (x) =>
    x === undefined ? undefined : f(x);

/** Of the sign of x − y. */
function order(x: Finite, y: Finite): bigint {
  if (x.odd === 0n || y.odd === 0n) return (x.odd === 0n ? x.top : 0n) - (y.odd === 0n ? y.top : 0n);
  const { a, b } = together(x, y);
  return a - b;
}

const zero: Rational = { top: 0n, odd: 1n, power: 0 };
const one: Rational = { top: 1n, odd: 1n, power: 0 };
const minus = (x: Finite): Finite => ({ ...x, top: -x.top });

// prettier-ignore
const functions: { [P in Arithmetic]?: Function } = {
  add:  lift((x, y) => {
    const { a, b, odd, power } = together(x, y);
    return make(a + b, odd, power);
  }),
  sub:  lift((x, y) => {
    const { a, b, odd, power } = together(x, y);
    return make(a - b, odd, power);
  }),
  mul:  lift((x, y) => make(x.top * y.top, x.odd * y.odd, x.power + y.power)),
  div:  lift(divide),
  stop: (x) => x,
  neg:  lift1(minus),
  abs:  lift1((x) => (x.top < 0n ? minus(x) : x)),
  relu: lift1((x) => (x.top > 0n ? x : zero)),
  sign: lift1((x) => (x.top > 0n ? one : x.top < 0n ? minus(one) : zero)),
  max:  lift((x, y) => (order(x, y) < 0n ? y : x)),
  min:  lift((x, y) => (order(x, y) > 0n ? y : x)),
  pow:  lift((x, y) => {
    const n = shifted(y.top, -y.power) / shifted(y.odd, y.power);
    return n < 0n ? divide(one, raise(x, -n)) : raise(x, n);
  }),
};

const none: Function = () => {
  throw new Error(
    "a function without rational values was reached: isRational() should have refused the program",
  );
};

export const rational: Field<Rational> = {
  fromNumber,
  toNumber,
  compare: (x, y) =>
    x === undefined || y === undefined ? NaN : Number(order(x, y) > 0n) - Number(order(x, y) < 0n),
  isNaN: (x) => x === undefined,
  functions: new Proxy(functions, {
    get: (table, op) => Reflect.get(table, op) ?? none,
  }) as Field<Rational>["functions"],
};

/** Whether a program has exact rational values at rational points. */
export const isRational = (definitions: readonly Definition[]): boolean =>
  definitions.every((d) => !anywhere(d.body, (part) => !isExactPart(part)));

function isExactPart(e: Expr): boolean {
  if (e.kind === "num") return Number.isFinite(e.value);
  if (e.kind === "reduce") return e.op !== "logsumexp";
  return e.kind !== "apply" || isExact(e.op, e.args);
}

const logic: ReadonlySet<string> = new Set([...comparisons, "and", "or", "not", "iverson"]);

/** Powers only with small constant integer exponents. */
function isExact(op: string, args: readonly Expr[]): boolean {
  const power = args[1];
  if (op === "pow")
    return power?.kind === "num" && Number.isInteger(power.value) && Math.abs(power.value) <= 16;
  return logic.has(op) || Object.hasOwn(functions, op);
}
