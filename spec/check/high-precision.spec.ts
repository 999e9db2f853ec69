import { assert } from "chai";
import { bind, type Given } from "../../lib/bind.ts";
import { differentiateNumerically, gradientNumerically } from "../../lib/check/high-precision.ts";
import { evaluateAt, inputTables } from "../../lib/eval.ts";
import { output } from "../../lib/expr/program.ts";
import { decimal } from "../../lib/number/decimal.ts";
import { parse } from "../../lib/parse.ts";

/** The derivatives of a program's output, and those that another program states, both at 64 digits. */
async function compare(text: string, input: string, stated: string, given: Given, upstream?: number[]) {
  const known = upstream === undefined ? given : { ...given, u: upstream };
  const program = parse(text);
  const slope = { output: output(program).name, input, upstream };
  const got = await gradientNumerically(program.definitions, bind(program, given), slope);
  const formula = parse(stated);
  const field = await decimal(130);
  const binding = bind(formula, known, { allowExtra: true });
  const { indices, body } = output(formula);
  const scope = { field, sizes: binding.sizes, tables: inputTables(binding, field) };
  return got.data.map((derivative, position) => {
    const at = new Map(indices.map((i, axis) => [i, coordinate(position, axis, got.shape)]));
    const want = evaluateAt(body, at, scope);
    return { derivative, want: field.toNumber(want), error: field.toNumber(want.minus(derivative).abs()) };
  });
}

function coordinate(position: number, axis: number, shape: readonly number[]): number {
  const below = shape.slice(axis + 1).reduce((n, size) => n * size, 1);
  return Math.floor(position / below) % shape[axis]!;
}

const s = [
  [0.5, -1.25, 2],
  [1e-3, 30, -0.75],
];
const y = [1, 0];

// prettier-ignore
const cases: [what: string, text: string, input: string, stated: string, given: Given, upstream?: number[]][] = [
  ["exp",             "f = exp(x)",          "x", "d = exp(x)",          { x: 0.3 }],
  ["a power at 0",    "f = (x + 2)^3",       "x", "d = 12",              { x: 0 }],
  ["a large x",       "f = log(x)",          "x", "d = 1 / x",           { x: 1e200 }],
  ["a tiny x",        "f = log(x)",          "x", "d = 1 / x",           { x: 1e-200 }],
  ["a tiny x beside", "f = exp(1 + x)",      "x", "d = exp(1 + x)",      { x: 1e-30 }],
  ["erf",             "f = erf(x)",          "x", "d = exp(-x^2) * 2 / sqrt(acos(-1))", { x: -0.7 }],
  ["softmax",         "f = mean(i, logsumexp(j, s[i,j]) - s[i,y[i]])", "s",
                      "d[i,k] = (exp(s[i,k]) / sum(j, exp(s[i,j])) - [k == y[i]]) / extent(s, 0)", { s, y }],
  ["hinge",           "f = sum(i, sum(j != y[i], max(0, s[i,j] - s[i,y[i]] + 1)))", "s",
                      "d[i,k] = k != y[i] ? [s[i,k] - s[i,y[i]] + 1 > 0] : -sum(j != y[i], [s[i,j] - s[i,y[i]] + 1 > 0])", { s, y }],
  ["a convolution against an upstream gradient", "f[p] = sum(r, x[2*p + r] * w[r])", "w",
                      "d[r] = sum(p < 2, u[p] * x[2*p + r])", { x: [1, 2, 3, 4, 5], w: [0.1, 0.2, 0.3] }, [2, -3]],
  ["what is stopped", "f = x * stop(x^2)",   "x", "d = x^2",             { x: 1.5 }],
  ["what is stopped in a stage", "q[i] = x[i]^2\nf = sum(i, x[i] * stop(q[i] + x[i]))", "x", "d[i] = x[i]^2 + x[i]", { x: [1.5, -2] }],
];

describe("differentiateNumerically", () => {
  for (const [what, text, input, stated, given, upstream] of cases)
    it(`has at least 38 digits of the derivative of ${what}`, async () => {
      const results = await compare(text, input, stated, given, upstream);
      assert.isNotEmpty(results);
      for (const { derivative, want, error } of results)
        assert.isAtMost(error, 1e-38 * Math.max(Math.abs(want), 1e-3), derivative.toString());
    });

  it("has an error of the fourth order in its step", async () => {
    const program = parse("f = exp(x)");
    const slope = { output: "f", input: "x", position: 0 };
    const field = await decimal();
    const want = field.functions.exp(field.fromNumber(1));
    for (const step of [1e-6, 1e-9]) {
      const got = await differentiateNumerically(program.definitions, bind(program, { x: 1 }), slope, {
        step,
      });
      const error = field.toNumber(got.minus(want).abs());
      assert.isBelow(error, step ** 4);
      assert.isAbove(error, step ** 4 / 1000);
    }
  });

  it("passes over definitions that the output does not need", async () => {
    const program = parse("other = log(0 - x)\nf = x^2");
    const binding = bind(program, { x: 3 });
    const slope = { output: "f", input: "x", position: 0 };
    assert.equal((await differentiateNumerically(program.definitions, binding, slope)).toNumber(), 6);
  });
});
