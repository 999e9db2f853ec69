import { assert } from "chai";
import { Random } from "../../lib/check/random.ts";
import { functions, functionsIn } from "../../lib/emit/functions.ts";
import type { Arithmetic } from "../../lib/number/field.ts";
import { ulps } from "../../lib/number/ulp.ts";
import { wide } from "../../lib/number/wide/wide.ts";

const exact = wide(320);

/** An emitted function of one number, by its name. */
const emitted = (name: string): ((x: number) => number) => {
  const text = functionsIn(`${name}(x)`, "js").join("\n");
  return new Function(`${text}\nreturn ${name};`)() as (x: number) => number; // it is one: its text is ours
};

const around = (random: Random, size: number): number => size * (2 * random.uniform() - 1);

/** What a function stands for, where it is tried, and how far it may be off, in ulp. */
// prettier-ignore
const rows: readonly (readonly [name: string, of: Arithmetic, draw: (random: Random) => number, ulp: number])[] = [
  ["exp",           "exp",      (r) => around(r, 740),                  0.85],
  ["sharpSigmoid",  "sigmoid",  (r) => around(r, 40),                   0.55],
  ["sharpSigmoid",  "sigmoid",  (r) => around(r, 2),                    0.55],
  ["sharpSigmoid",  "sigmoid",  (r) => around(r, 740),                  0.85],
  ["sharpSoftplus", "softplus", (r) => around(r, 40),                   0.6],
  ["sharpSoftplus", "softplus", (r) => around(r, 2),                    0.6],
  ["sharpSoftplus", "softplus", (r) => around(r, 740),                  0.85],
  ["sharpSoftplus", "softplus", (r) => 10 ** (-20 * r.uniform()),       0.6],
  ["erf",           "erf",      (r) => around(r, 4),                    1.5],
  ["erf",           "erf",      (r) => 10 ** (-300 * r.uniform()),      0.8],
  ["erfc",          "erfc",     (r) => around(r, 4),                    2],
  ["erfc",          "erfc",     (r) => 26 * r.uniform(),                2],
  ["erfc",          "erfc",     (r) => 0.2 + 0.5 * r.uniform(),         2],
];

/** Pairs that are alike in size, and sizes of every kind. */
const pairs = (random: Random): readonly [number, number] => {
  const size = 10 ** around(random, 300);
  return [size * around(random, 1), size * around(random, 1)];
};

describe("functions of emitted code", () => {
  it("hypot is within 1.25 ulp at all sizes", () => {
    const hypot = new Function(
      `${functionsIn("hypot(x, y)", "js").join("\n")}\nreturn hypot;`,
    )() as typeof Math.hypot; // its text is ours
    const random = new Random(6);
    for (let n = 0; n < 3000; n++) {
      const [x, y] = pairs(random);
      const truth = exact.functions.hypot(exact.fromNumber(x), exact.fromNumber(y));
      assert.isAtMost(ulps(hypot(x, y), truth, exact), 1.25, `hypot(${x}, ${y})`);
    }
    assert.deepEqual([hypot(0, -0), hypot(-Infinity, NaN), hypot(NaN, 1)], [0, Infinity, NaN]);
    assert.deepEqual([hypot(3e-320, 4e-320), hypot(1e308, 1.7e308)], [5e-320, Infinity]);
  });

  for (const [name, of, draw, ulp] of rows)
    it(`${name} is within ${ulp} ulp: ${draw.toString()}`, () => {
      assert.property(functions, name);
      const [f, random] = [emitted(name), new Random(5)];
      for (let n = 0; n < (name.startsWith("erf") ? 300 : 1500); n++) {
        const x = draw(random);
        const error = ulps(f(x), exact.functions[of](exact.fromNumber(x)), exact);
        assert.isAtMost(error, ulp, `${name}(${x})`);
      }
    });

  for (const [name, x, value] of [
    ["erf", Infinity, 1],
    ["erf", -Infinity, -1],
    ["erf", NaN, NaN],
    ["erf", 0, 0],
    ["erfc", Infinity, 0],
    ["erfc", -Infinity, 2],
    ["erfc", NaN, NaN],
    ["erfc", 0, 1],
    ["erfc", 30, 0],
    ["sharpSigmoid", Infinity, 1],
    ["sharpSigmoid", -Infinity, 0],
    ["sharpSigmoid", NaN, NaN],
    ["sharpSigmoid", 0, 0.5],
    ["sharpSoftplus", Infinity, Infinity],
    ["sharpSoftplus", -Infinity, 0],
    ["sharpSoftplus", NaN, NaN],
    ["sharpSoftplus", 0, Math.LN2],
    ["sharpSoftplus", 1e300, 1e300],
  ] as const)
    it(`${name}(${x}) is ${value}`, () => assert.deepEqual(emitted(name)(x), value));
});
