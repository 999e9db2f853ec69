import { assert } from "chai";
import { check } from "../../lib/check/check.ts";
import type { Verdict } from "../../lib/check/judge.ts";
import { parse } from "../../lib/parse.ts";

const lse = "loss = log(sum(j, exp(x[j])))";
const quotient = "loss = exp(x[0]) / sum(j, exp(x[j]))";
const far = [800, 700];
const lengths = "loss = x[0] / sqrt((1 + x[1]^2) * (1 + x[2]^2))";
const long = [1, 1e80, 1e80];
const [near, both] = [Math.exp(-100), 1 / (1 + Math.exp(-1))];

/** Loss, point, claimed gradient: definitions that overflow in doubles. */
// prettier-ignore
const cases: readonly (readonly [string, readonly number[], readonly number[], Verdict])[] = [
  [lse,                                         far,        [1, near],                  "correct"],
  [lse,                                         far,        [1, 0],                     "bug"],
  [lse,                                         far,        [1 - 1e-9, near],           "bug"],
  [lse,                                         far,        [1, -near],                 "bug"],
  [lse,                                         [801, 800], [both, 1 - both],           "correct"],
  [lse,                                         [801, 800], [both, 1.000001 - both],    "bug"],
  [quotient,                                    far,        [near, -near],              "correct"],
  [quotient,                                    far,        [near, near],               "bug"],
  [quotient,                                    far,        [Math.fround(near), -near], "bug"],
  [quotient,                                    far,        [NaN, NaN],                 "bug"],
  [lengths,                                     long,       [1e-160, -1e-240, -1e-240], "correct"],
  [lengths,                                     long,       [1e-160, -2e-240, -1e-240], "bug"],
  [lengths,                                     long,       [0, 0, 0],                  "bug"],
  [lengths,                                     [1, 1e160, 0.5],   [Math.sqrt(0.8) * 1e-160, 0, -0.4 * Math.sqrt(0.8) * 1e-160], "correct"],
  [lengths,                                     [1, 1e160, 0.5],   [0, 0, 0],           "bug"],
  ["loss = exp(x[0]) / exp(x[0]) * abs(x[1])",  [800, 0],   [0, 0],                     "inconclusive"],
  ["loss = exp(exp(x[0])) + x[1]",              [800, 0],   [1, 1],                     "inconclusive"],
  ["loss = log(x[0]) + x[1]",                   [-1, 0],    [-1, 1],                    "inconclusive"],
];

describe("where the definition overflows in doubles, many digits decide", () => {
  for (const [text, at, x, verdict] of cases)
    it(`finds [${x.join()}] ${verdict} for ${text} at [${at.join()}]`, async () => {
      const gradients = new Map([["x", { shape: [x.length], data: x }]]);
      const report = await check(parse(text), { at: { x: at }, gradients });
      assert.equal(report.verdict, verdict);
      if (verdict === "inconclusive") assert.isString(report.reason);
    });

  it("leaves a program alone that is too large for them", async () => {
    const x = Array.from({ length: 500 }, (_, n) => 800 + n);
    const gradients = new Map([["x", { shape: [x.length], data: x.map(() => 0) }]]);
    const { verdict } = await check(parse(lse), { at: { x }, gradients });
    assert.equal(verdict, "inconclusive");
  });
});
