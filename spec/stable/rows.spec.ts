import { assert } from "chai";
import { parse } from "../../lib/parse.ts";
import type { Given } from "../../lib/bind.ts";
import { Random } from "../../lib/check/random.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import type { Program } from "../../lib/expr/program.ts";
import { compile } from "../../lib/compile.ts";
import { decimal, type Decimal } from "../../lib/number/decimal.ts";
import type { Field } from "../../lib/number/field.ts";
import { ulps } from "../../lib/number/ulp.ts";
import { rows } from "../../lib/stable/rows.ts";
import { reasons } from "../../lib/stable/softmax/reasons.ts";
import { firstOutReasons } from "../../lib/stable/first-out.ts";
import { mixtureReasons } from "../../lib/stable/mixtures/reasons.ts";
import { besideOneReasons } from "../../lib/stable/beside-one.ts";
import { deviationsReason } from "../../lib/stable/deviations.ts";
import { sumsMeetReason } from "../../lib/stable/sums-meet.ts";
import { oppositeExponentialsReason } from "../../lib/stable/opposite-exponentials.ts";
import { productsReason } from "../../lib/stable/products.ts";
import { complementOfMeanReason } from "../../lib/stable/complement-of-mean.ts";
import { zerosReason } from "../../lib/stable/zeros.ts";
import { vectorReasons } from "../../lib/stable/vectors.ts";
import { sharesReasons } from "../../lib/stable/shares.ts";
import { rewriteParts, stabilise } from "../../lib/stable/stabilise.ts";
import { errorOf, valueIn } from "./errors.ts";

describe("rows for floating point", () => {
  let exact: Field<Decimal>;
  before(async () => (exact = await decimal(400)));

  for (const row of rows) {
    const { text, at } = row.counterexample;
    const program = parse(`f = ${text}`);

    it(`${row.name}: ${text} is far off at its counterexample, and within 4 ulp once rewritten`, () => {
      const { definitions, fired } = rewritten(program, row);
      assert.include(fired, row.name);
      const [before, after] = [
        errorOf(program, program.definitions, at, exact),
        errorOf(program, definitions, at, exact),
      ];
      assert.isAbove(before, 50);
      assert.isAtMost(after, 4);
    });

    it(`${row.name}: both sides are equal with ${row.digits ?? 64} digits and more, around the counterexample and elsewhere`, () => {
      const { definitions } = rewritten(program, row);
      const random = new Random(11);
      for (let n = 0; n < 24; n++) {
        const near = moved(at, random, n % 2 === 0);
        const [a, b] = [
          valueIn(exact, program, program.definitions, near),
          valueIn(exact, program, definitions, near),
        ];
        if (!a.isFinite() && !b.isFinite()) continue;
        const size = a.abs().gt(1e-300) ? a.abs() : exact.fromNumber(1e-300);
        assert.isTrue(
          a
            .minus(b)
            .abs()
            .div(size)
            .lte(10 ** -(row.digits ?? 60)),
          `${text} at ${JSON.stringify(near)}: ${a.toString()} and ${b.toString()}`,
        );
      }
    });
  }

  for (const { name, counterexample } of [
    ...reasons,
    ...besideOneReasons,
    ...firstOutReasons,
    ...mixtureReasons,
    ...vectorReasons,
    ...sharesReasons,
    deviationsReason,
    zerosReason,
    sumsMeetReason,
    oppositeExponentialsReason,
    productsReason,
    complementOfMeanReason,
  ]) {
    const { text, at } = counterexample;
    const program = parse(`f = ${text}`);

    it(`${name}: ${text} is far off at its counterexample, and within 4 ulp in the code`, () => {
      const derivation = differentiate(program, { wrt: [] });
      assert.include(
        stabilise(derivation).rewrites.map((r) => r.row),
        name,
      );
      assert.isAbove(errorOf(program, program.definitions, at, exact), 50);
      const got = compile(derivation, { stable: true })(at).value as number;
      assert.isAtMost(ulps(got, valueIn(exact, program, program.definitions, at), exact), 4);
    });
  }
});

/** The definitions of a program, rewritten by one row alone, and the names of the rows that fired. */
const rewritten = (program: Program, row: (typeof rows)[number]) => {
  const fired: string[] = [];
  const definitions = program.definitions.map((d) => ({
    ...d,
    body: rewriteParts(d.body, [{ ...row, always: "this is its spec" }], (name) => fired.push(name)),
  }));
  return { definitions, fired };
};

/** Every real number moved a little, or to somewhere else of its size. */
function moved(at: Given, random: Random, little: boolean): Given {
  const move = (x: number): number => {
    if (Math.abs(x) > 1e290 || x === 0) return x;
    return little ? x * (1 + 1e-3 * random.normal()) : Math.min(1e3, Math.abs(x)) * random.normal();
  };
  const each = ([name, value]: [string, Given[string]]) =>
    [
      name,
      typeof value === "number"
        ? name === "y" && Number.isInteger(value) && Object.keys(at).includes("s")
          ? value
          : move(value)
        : (value as number[]).map(move),
    ] as const;
  return Object.fromEntries(Object.entries(at).map(each));
}
