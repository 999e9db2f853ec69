import { assert } from "chai";
import { decimal, type Decimal } from "../../lib/number/decimal.ts";
import type { Arithmetic, Field } from "../../lib/number/field.ts";
import { knows, wide } from "../../lib/number/wide/wide.ts";
import { pointsFor } from "./points.ts";

describe("wide numbers", () => {
  let exact: Field<Decimal>;
  before(async () => (exact = await decimal(120)));
  const field = wide(320);

  for (const op of (Object.keys(field.functions) as Arithmetic[]).filter(knows))
    it(`${op} rounds to the double that decimals round to`, () => {
      for (const [x, ...more] of pointsFor(op) as [number, ...number[]][]) {
        const got = field.toNumber(field.functions[op](field.fromNumber(x), ...more.map(field.fromNumber)));
        const want = exact.toNumber(exact.functions[op](exact.fromNumber(x), ...more.map(exact.fromNumber)));
        assert.isTrue(
          got === want || (Number.isNaN(got) && Number.isNaN(want)),
          `${op}(${[x, ...more].join(", ")}) = ${got}, not ${want}`,
        );
      }
    });

  for (const op of ["exp", "log", "log1p", "expm1", "sigmoid", "softplus", "tanh", "sqrt"] as const)
    it(`${op} has 80 right digits at a precision of 320 bits`, () => {
      for (const x of [1e-9, 0.3, 0.7, 1.5, 20.25, 300]) {
        const double = exact.toNumber(exact.functions[op](exact.fromNumber(x)));
        const rest = field.toNumber(
          field.functions.sub(field.functions[op](field.fromNumber(x)), field.fromNumber(double)),
        );
        const want = exact.functions[op](exact.fromNumber(x)).minus(exact.fromNumber(double)).toNumber();
        assert.closeTo(rest, want, 1e-15 * Math.abs(want));
      }
    });

  for (const y of [0.5, 1.5, -2.5])
    it(`a power of ${y} has 80 right digits at a precision of 320 bits`, () => {
      for (const x of [1e-9, 0.3, 2, 20.25]) {
        const power = exact.functions.pow(exact.fromNumber(x), exact.fromNumber(y));
        const double = exact.toNumber(power);
        const rest = field.functions.sub(
          field.functions.pow(field.fromNumber(x), field.fromNumber(y)),
          field.fromNumber(double),
        );
        const want = power.minus(exact.fromNumber(double)).toNumber();
        assert.closeTo(field.toNumber(rest), want, 1e-15 * Math.abs(want));
      }
    });

  it("rounds right beside powers of two, of more bits than a double has, too", () => {
    const { functions, fromNumber, toNumber } = wide(64);
    for (const n of [60, 500, 1000]) {
      const [power, tiny] = [fromNumber(2 ** n), fromNumber(2 ** (n - 60))];
      const below = functions.sub(power, tiny);
      assert.equal(toNumber(functions.sub(power, below)), 2 ** (n - 60));
      // (2ⁿ - 2ⁿ⁻⁶⁰)², of 120 bits, is 2²ⁿ - 2²ⁿ⁻⁵⁹ in 64 of them.
      const square = functions.div(functions.mul(below, below), power);
      assert.equal(toNumber(functions.sub(power, square)), 2 ** (n - 59));
    }
  });

  it("softplus of what exp takes for infinite is 0, or the number itself", () => {
    const { functions, fromNumber, toNumber } = wide(1280);
    const [below, above] = [-1e300, 1e300].map((x) => functions.softplus(fromNumber(x)));
    assert.equal(toNumber(functions.log(below!)), -Infinity);
    assert.equal(toNumber(above!), 1e300);
  });

  it("keeps 1 apart from 1 - 1e-300 with enough bits", () => {
    const { functions, fromNumber, toNumber } = wide(1280);
    const p = functions.sub(fromNumber(1), fromNumber(1e-300));
    assert.equal(toNumber(functions.sub(p, fromNumber(1))), -1e-300);
  });

  it("has every double, subnormal ones too, as it is", () => {
    for (const x of [5e-324, -1e-310, 2.2250738585072014e-308, 0.1, 1.7976931348623157e308])
      assert.equal(field.toNumber(field.fromNumber(x)), x);
  });
});
