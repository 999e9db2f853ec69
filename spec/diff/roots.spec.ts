import { assert } from "chai";
import { bind, type Given } from "../../lib/bind.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { evaluate } from "../../lib/eval.ts";
import { double } from "../../lib/number/double.ts";
import { parse } from "../../lib/parse.ts";
import { closedForm } from "./closed-form.ts";

/** The gradient by x as the derivation gives it. */
function gradient(text: string, at: Given): readonly number[] {
  const program = parse(text);
  const { definitions, gradients } = differentiate(program, { wrt: ["x"] });
  return [...evaluate(definitions, bind(program, at), double).get(gradients.get("x")!)!.data];
}

// prettier-ignore
const least: readonly (readonly [string, readonly number[]])[] = [
  ["loss = sqrt(sum(i, x[i]^2))",                           [0, 0]],
  ["loss = sqrt(mean(i, (x[i] - 3)^2))",                    [3, 3]],
  ["mu = mean(i, x[i])\nloss = sqrt(mean(i, (x[i] - mu)^2))", [5]],
  ["loss = 2 - sqrt(sum(i, abs(x[i])^3))",                  [0, 0]],
  ["loss = sum(i, hypot(x[i], 2 * x[i]))",                  [0, 0]],
  ["loss = cbrt(sum(i, x[i]^4))",                           [0, 0]],
  ["loss = sum(i, sqrt(relu(x[i])))",                       [0, -1]],
  ["loss = sum(i, sqrt(abs(x[i])))",                        [0, 0]],
];

describe("a root at its least value", () => {
  for (const [text, x] of least)
    it(`has the derivative 0: ${text}`, () => {
      assert.deepEqual(
        gradient(text, { x }).map((v) => v + 0),
        x.map(() => 0),
      );
    });

  it("passes on what else depends on the same input", () => {
    assert.deepEqual(gradient("loss = sqrt(sum(i, x[i]^2)) + sum(i, 3 * x[i])", { x: [0, 0] }), [3, 3]);
  });

  it("lets a NaN through", () => {
    assert.deepEqual(gradient("loss = sqrt(sum(i, x[i]^2))", { x: [NaN, 1] }), [NaN, NaN]);
  });

  it("needs no case of its own under a condition that rules it out", () => {
    assert.deepEqual(closedForm("r = sqrt(sum(i, x[i]^2))\nloss = max(0, r - 1)"), [
      "r = sqrt(sum(i, x[i]^2))",
      "loss = max(0, r - 1)",
      "dx[i] = r > 1 ? x[i] / r : 0",
    ]);
  });
});

describe("a root that is nowhere 0, or whose argument may be negative", () => {
  for (const [text, form] of [
    ["loss = sqrt(sum(i, x[i]^2) + 1)", "dx[i] = x[i] / loss"],
    ["loss = sum(i, sqrt(exp(x[i])))", "dx[i] = exp(x[i] / 2) / 2"],
    ["loss = sum(i, sqrt(x[i]))", "dx[i] = 0.5 / sqrt(x[i])"],
    ["loss = sum(i, cbrt(x[i]))", "dx[i] = 1 / (3 * cbrt(x[i])^2)"],
  ] as const)
    it(`has no case: ${text}`, () => {
      assert.equal(closedForm(text).at(-1), form);
    });
});

describe("a power that varies", () => {
  const c = [7, 3, 5];

  it("has a slope at 0, that of its linear term", () => {
    assert.deepEqual(gradient("loss = sum(i, sum(k, c[k] * x[i]^k))", { x: [0, 2], c }), [3, 23]);
  });

  it("has one where a label is the exponent", () => {
    assert.deepEqual(
      gradient("loss = sum(i, c[n[i]] * x[i]^n[i])", { x: [0, 0, 0], c, n: [0, 1, 2] }),
      [0, 3, 0],
    );
  });

  it("has none at 0 where the exponent is 0, as in a focal loss that does not focus", () => {
    assert.deepEqual(gradient("loss = sum(i, abs(x[i])^gamma)", { x: [0, 2], gamma: 0 }), [0, 0]);
    assert.deepEqual(
      gradient("loss = sum(i, -(1 - x[i])^gamma * log(x[i]))", { x: [1, 0.5], gamma: 0 }),
      [-1, -2],
    );
  });

  it("has none by its exponent where the base is 0", () => {
    assert.deepEqual(gradient("loss = x[0] * sum(i, c[i]^x[i])", { x: [1, 2], c: [0, 1] }), [1, 0]);
  });
});
