/**
 * Exact rationals: the field in which programs of + − × ÷, max, min, abs and comparisons have no rounding.
 *
 * Every finite double is a rational, so the sign of a guard is decided, not estimated.
 */
import { children, type Expr } from "../expr/node.ts";
import type { Definition } from "../expr/program.ts";
import type { Arithmetic, Field } from "../number/field.ts";

/** top / bottom in lowest terms, bottom > 0; ±1 / 0 is ±∞, which only comparisons understand; undefined stands for NaN. */
export type Rational = { readonly top: bigint; readonly bottom: bigint } | undefined;

const gcd = (a: bigint, b: bigint): bigint => {
  let [x, y] = [a < 0n ? -a : a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
};

function make(top: bigint, bottom: bigint): Rational {
  if (bottom === 0n) return undefined;
  const common = gcd(top, bottom < 0n ? -bottom : bottom);
  const sign = bottom < 0n ? -1n : 1n;
  return { top: (sign * top) / common, bottom: (sign * bottom) / common };
}

function fromNumber(x: number): Rational {
  if (Number.isNaN(x)) return undefined;
  if (!Number.isFinite(x)) return { top: x > 0 ? 1n : -1n, bottom: 0n };
  if (Number.isInteger(x)) return { top: BigInt(x), bottom: 1n };
  let [digits, power] = [x, 0];
  while (!Number.isInteger(digits)) [digits, power] = [digits * 2, power + 1];
  return { top: BigInt(digits), bottom: 1n << BigInt(power) };
}

/** The nearest double, but for a last digit. */
function toNumber(x: Rational): number {
  if (x === undefined) return NaN;
  if (x.bottom === 0n) return x.top > 0n ? Infinity : -Infinity;
  const excess = x.top.toString(2).length - x.bottom.toString(2).length;
  const shift = BigInt(Math.max(0, 64 - excess));
  const whole = Number((x.top << shift) / x.bottom);
  const [half, rest] = [Number(shift) >> 1, Number(shift) - (Number(shift) >> 1)];
  return whole * 2 ** -half * 2 ** -rest;
}

type Function = (x: Rational, ...more: Rational[]) => Rational;

const lift =
  (f: (x: NonNullable<Rational>, y: NonNullable<Rational>) => Rational): Function =>
  (x, y) =>
    x === undefined || y === undefined ? undefined : f(x, y);
const lift1 =
  (f: (x: NonNullable<Rational>) => Rational): Function =>
  (x) =>
    x === undefined ? undefined : f(x);
const order = (x: NonNullable<Rational>, y: NonNullable<Rational>): bigint =>
  x.bottom === 0n && y.bottom === 0n ? x.top - y.top : x.top * y.bottom - y.top * x.bottom;
const zero: Rational = { top: 0n, bottom: 1n };
const one: Rational = { top: 1n, bottom: 1n };

// prettier-ignore
const functions: { [P in Arithmetic]?: Function } = {
  add:  lift((x, y) => make(x.top * y.bottom + y.top * x.bottom, x.bottom * y.bottom)),
  sub:  lift((x, y) => make(x.top * y.bottom - y.top * x.bottom, x.bottom * y.bottom)),
  mul:  lift((x, y) => make(x.top * y.top, x.bottom * y.bottom)),
  div:  lift((x, y) => make(x.top * y.bottom, x.bottom * y.top)),
  stop: (x) => x,
  neg:  lift1((x) => ({ top: -x.top, bottom: x.bottom })),
  abs:  lift1((x) => (x.top < 0n ? { top: -x.top, bottom: x.bottom } : x)),
  relu: lift1((x) => (x.top > 0n ? x : zero)),
  sign: lift1((x) => (x.top > 0n ? one : x.top < 0n ? { top: -1n, bottom: 1n } : zero)),
  max:  lift((x, y) => (order(x, y) < 0n ? y : x)),
  min:  lift((x, y) => (order(x, y) > 0n ? y : x)),
  pow:  lift((x, y) => {
    const n = y.top < 0n ? -y.top : y.top;
    const [top, bottom] = [x.top ** n, x.bottom ** n];
    return y.top < 0n ? make(bottom, top) : { top, bottom };
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
export const isRational = (definitions: readonly Definition[]): boolean => {
  const seen = new Set<Expr>();
  const exact = (e: Expr): boolean => {
    if (seen.has(e)) return true;
    seen.add(e);
    if (e.kind === "num" && !Number.isFinite(e.value)) return false;
    if (e.kind === "reduce" && e.op === "logsumexp") return false;
    if (e.kind === "apply" && !isExact(e.op, e.args)) return false;
    return children(e).every(exact);
  };
  return definitions.every((d) => exact(d.body));
};

const logic: ReadonlySet<string> = new Set([
  "lt",
  "le",
  "gt",
  "ge",
  "eq",
  "ne",
  "and",
  "or",
  "not",
  "iverson",
]);

/** Powers only with small constant integer exponents. */
function isExact(op: string, args: readonly Expr[]): boolean {
  const power = args[1];
  if (op === "pow")
    return power?.kind === "num" && Number.isInteger(power.value) && Math.abs(power.value) <= 16;
  return logic.has(op) || Object.hasOwn(functions, op);
}
