import { assert } from "chai";
import { decimal, type Decimal } from "../../lib/number/decimal.ts";
import { double } from "../../lib/number/double.ts";
import type { Arithmetic, Field } from "../../lib/number/field.ts";
import { pointsFor } from "./points.ts";

/** How far from the exact value a function may be, in ulp; 1 where nothing is said. */
const allowed: Partial<Record<Arithmetic, number>> = {
  add: 0.5,
  sub: 0.5,
  mul: 0.5,
  div: 0.5,
  sqrt: 0.5,
  sinh: 2,
  cosh: 2,
  hypot: 2,
  tanh: 2,
  asinh: 2,
  atanh: 2,
  sigmoid: 3,
  softplus: 2,
  erf: 4,
  erfc: 8,
};

describe("doubles", () => {
  let exact: Field<Decimal>;
  before(async () => (exact = await decimal(64)));

  // What rounding loses is 0 in decimals.
  for (const op of (Object.keys(double.functions) as Arithmetic[]).filter((op) => !op.endsWith("roundoff")))
    it(`${op} is within ${allowed[op] ?? 1} ulp of its value at 64 digits, and has its infinities and NaN`, () => {
      for (const point of pointsFor(op)) {
        const [x, ...more] = point as [number, ...number[]];
        const got = double.functions[op](x, ...more);
        const [a, ...rest] = point.map((x) => exact.fromNumber(x)) as [Decimal, ...Decimal[]];
        const want = exact.functions[op](a, ...rest);
        const error = ulps(got, want, exact);
        assert.isAtMost(
          error,
          allowed[op] ?? 1,
          `${op}(${point.join(", ")}) = ${got}, exactly ${want.toString()}`,
        );
      }
    });

  for (const x of [28.5, 2e307, Number.MAX_VALUE])
    it(`erf and erfc are at their limits at ${x} and ${-x}`, () => {
      const { erf, erfc } = double.functions;
      assert.deepEqual([erf(x), erf(-x), erfc(x), erfc(-x)], [1, -1, 0, 2]);
    });

  const comparisons: [number, number, number][] = [
    [1, 2, -1],
    [2, 1, 1],
    [1, 1, 0],
    [0, -0, 0],
    [1, 1 + Number.EPSILON, -1],
    [NaN, 1, NaN],
    [1, NaN, NaN],
    [NaN, NaN, NaN],
    [Infinity, Infinity, 0],
    [-Infinity, -1e308, -1],
  ];
  for (const [x, y, order] of comparisons)
    it(`compares ${x} with ${y} as ${order}, in decimals too`, () => {
      assert.deepEqual(double.compare(x, y), order);
      assert.deepEqual(exact.compare(exact.fromNumber(x), exact.fromNumber(y)), order);
    });
});

/** The distance of a double from a value, in units of the last place of the double nearest to it. */
function ulps(got: number, want: Decimal, { toNumber, fromNumber }: Field<Decimal>): number {
  const nearest = toNumber(want);
  if (!Number.isFinite(nearest) || !Number.isFinite(got)) return Object.is(got, nearest) ? 0 : Infinity;
  return want
    .minus(fromNumber(got))
    .abs()
    .div(fromNumber(unit(nearest)))
    .toNumber();
}

function unit(x: number): number {
  const bits = new BigInt64Array(1);
  const float = new Float64Array(bits.buffer);
  float[0] = Math.abs(x);
  bits[0]! += 1n;
  return Number.isFinite(float[0]) ? float[0] - Math.abs(x) : 2 ** 971;
}
