import { assert } from "chai";
import { measure } from "../../lib/accuracy/measure.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";
import { deviationsReason } from "../../lib/stable/deviations.ts";
import { stabilise } from "../../lib/stable/stabilise.ts";

/** Differences of moments as textbooks write them. */
// prettier-ignore
const moments: readonly [name: string, wrt: string, text: string][] = [
  ["variance",          "x", "loss = mean(i, x[i]^2) - mean(i, x[i])^2"],
  ["variance, by sums", "x", "loss = sum(i, x[i]^2) - sum(i, x[i])^2 / extent(x, 0)"],
  ["weighted squares",  "x", "loss = mean(i, w^2 * x[i]^2) - mean(i, w * x[i])^2"],
  ["covariance",        "x", "loss = mean(i, x[i] * t[i]) - mean(i, x[i]) * mean(i, t[i])"],
  ["slope",             "t", "n = extent(x, 0)\nb = (n * sum(i, x[i] * t[i]) - sum(i, x[i]) * sum(i, t[i])) / (n * sum(i, x[i]^2) - sum(i, x[i])^2)\nloss = b^2"],
  ["over two axes",     "X", "loss = mean(p, q, X[p,q]^2) - mean(p, q, X[p,q])^2"],
  ["standardization",   "X", "m[j] = mean(i, X[i,j])\nv[j] = mean(i, X[i,j]^2) - m[j]^2\nout[i,j] = (X[i,j] - m[j]) / sqrt(v[j] + eps)"],
];

describe("differences of moments", () => {
  for (const [name, wrt, text] of moments)
    it(`${name}: is within 8 κ, and nothing is lost, by way of deviations`, async () => {
      const derivation = differentiate(parse(text), { wrt: [wrt] });
      assert.include(
        stabilise(derivation).rewrites.map((r) => r.row),
        deviationsReason.name,
      );
      const { rows } = await measure(derivation, {
        points: 4,
        seed: 2,
        wrt: [wrt],
        regimes: ["1e-8", "1", "1e3"],
      });
      for (const { quantity, regime, stable } of rows) {
        const where = `${quantity} in regime ${regime}: ${JSON.stringify(stable.at)}`;
        assert.equal(stable.lost, 0, where);
        assert.isAtMost(stable.conditioned, 8, where);
      }
    });

  it("are left alone where the sums are of different terms", () => {
    const text = "loss = mean(i, x[i]^2) - mean(i, x[i] * t[i])^2";
    const { rewrites } = stabilise(differentiate(parse(text), { wrt: ["x"] }));
    assert.notInclude(
      rewrites.map((r) => r.row),
      deviationsReason.name,
    );
  });
});
