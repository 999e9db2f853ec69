import { assert } from "chai";
import { decimal, type Decimal } from "../../lib/number/decimal.ts";
import type { Arithmetic, Field } from "../../lib/number/field.ts";
import { pointsFor } from "./points.ts";

describe("decimals", () => {
  let f64: Field<Decimal>;
  let f130: Field<Decimal>;
  before(async () => {
    f64 = await decimal();
    f130 = await decimal(130);
  });
  const ops = [
    "erf",
    "erfc",
    "exp",
    "log1p",
    "sin",
    "tanh",
    "pow",
    "log",
    "asinh",
    "atan2",
  ] satisfies Arithmetic[];

  // prettier-ignore
  const constants: [op: Arithmetic, x: number, digits: string][] = [
    ["exp",     1,  "2.718281828459045235360287471352662497757247093699959574966968"],   // e
    ["log",     2,  "0.6931471805599453094172321214581765680755001343602552541206800"],  // ln 2
    ["sqrt",    2,  "1.414213562373095048801688724209698078569671875376948073176680"],
    ["atan",    1,  "0.7853981633974483096156608458198757210492923498437764552437361"],  // π/4
    ["erf",     1,  "0.84270079294971486934122063508260925929606699796630290845993790"],
    ["sin",     1e22, "-0.85220084976718880177270589375302936826176215041004"],          // the classic test of argument reduction
    ["softplus", 0, "0.6931471805599453094172321214581765680755001343602552541206800"],
    ["sigmoid", 0,  "0.5"],
  ];
  for (const [op, x, digits] of constants)
    it(`${op}(${x}) has the digits of the tables`, () => {
      const got = f64.functions[op](f64.fromNumber(x));
      assert.isTrue(got.minus(digits).abs().lt("1e-48"), got.toString());
    });

  it("takes doubles for what they are, not for how they are printed", () => {
    assert.equal(f64.fromNumber(0.1).toString(), "0.1000000000000000055511151231257827021181583404541015625");
    for (const x of [0, -0, 1 / 3, -5e-324, 2 ** -1074 * 3, Number.MAX_VALUE, 1e23, Infinity, -Infinity, NaN])
      assert.deepEqual(f64.toNumber(f64.fromNumber(x)), x);
  });

  it("compares without tolerance", () => {
    const [x, y] = [f64.fromNumber(1), f64.functions.add(f64.fromNumber(1), f64.fromNumber(1e-60))];
    assert.equal(f64.compare(x, y), -1);
  });

  it("puts 1e-60 beside 1 without losing it in log1p and expm1", () => {
    const x = f64.fromNumber(2 ** -200);
    for (const op of ["log1p", "expm1", "tanh", "sinh", "asinh", "atanh"] as const) {
      const difference = f64.functions[op](x).minus(x).abs();
      assert.isTrue(difference.lte(x.times(x)), `${op}(x) is x but for x²`);
    }
  });

  for (const op of ops)
    it(`${op} has the same 62 digits when it is computed with 130`, () => {
      for (const point of pointsFor(op).filter((_, n) => n % 3 === 0)) {
        const at = (field: Field<Decimal>) => {
          const [x, ...more] = point.map((x) => field.fromNumber(x)) as [Decimal, ...Decimal[]];
          return field.functions[op](x, ...more);
        };
        const [few, many] = [at(f64), at(f130)];
        if (!many.isFinite() || many.isZero()) assert.equal(few.toString(), many.toString());
        else
          assert.isTrue(
            many.minus(few).abs().lt(many.abs().times("1e-62")),
            `${op}(${point.join(", ")}) = ${few}`,
          );
      }
    });

  it("gives up angles of too many digits rather than to turn them wrongly", () => {
    const huge = f64.functions.exp(f64.fromNumber(5000));
    assert.isTrue(f64.isNaN(f64.functions.sin(huge)));
  });
});
