import { assert } from "chai";
import { measure } from "../../lib/accuracy/measure.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";
import { leverageReason } from "../../lib/stable/leverage.ts";
import { stabilise } from "../../lib/stable/stabilise.ts";

const centred = ["m[i]   = mean(j, X[i,j])", "v[i]   = mean(j, (X[i,j] - m[i])^2)"].join("\n");

/** Normalizations along rows, of which one coordinate is ahead of the others. */
// prettier-ignore
const layers: readonly [name: string, text: string][] = [
  ["layer normalization",         `${centred}\nout[i,j] = (X[i,j] - m[i]) / sqrt(v[i] + eps) + b[j]`],
  ["the same by way of a stage",  `${centred}\nh[i,j] = (X[i,j] - m[i]) / sqrt(v[i] + eps)\nout[i,j] = g[i] * h[i,j] + b[j]`],
  ["without a constant",          `${centred}\nout[i,j] = (X[i,j] - m[i]) / sqrt(v[i])`],
  ["by a sample's variance",      "m[i] = mean(j, X[i,j])\nv[i] = sum(j, (X[i,j] - m[i])^2) / (extent(X, 1) - 1)\nout[i,j] = (X[i,j] - m[i]) / sqrt(v[i])"],
  ["by columns",                  "m[j] = mean(i, X[i,j])\nv[j] = mean(i, (X[i,j] - m[j])^2)\nout[i,j] = g[j] * (X[i,j] - m[j]) / sqrt(v[j] + eps) + b[j]"],
];

describe("residuals of far points", () => {
  for (const [name, text] of layers)
    it(`${name}: gradients are within 8 κ where one coordinate is far from the others`, async () => {
      const derivation = differentiate(parse(text), { wrt: ["X"] });
      const { rows } = await measure(derivation, {
        points: 6,
        seed: 5,
        regimes: [/by columns/u.test(name) ? "equal" : "dominant"],
      });
      for (const { quantity, regime, stable } of rows) {
        const where = `${quantity} in regime ${regime}: ${JSON.stringify(stable.at)}`;
        assert.equal(stable.lost, 0, where);
        assert.isAtMost(stable.conditioned, 8, where);
      }
    });

  it("are told over two axes as well", () => {
    const text = [
      "m[n] = mean(p, q, X[n,p,q])",
      "v[n] = mean(p, q, (X[n,p,q] - m[n])^2)",
      "out[n,p,q] = (X[n,p,q] - m[n]) / sqrt(v[n] + eps)",
    ].join("\n");
    const { rewrites } = stabilise(differentiate(parse(text), { wrt: ["X"] }));
    assert.include(
      rewrites.map((r) => r.row),
      leverageReason.name,
    );
  });
});
