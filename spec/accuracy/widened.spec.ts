import { assert } from "chai";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { measure } from "../../lib/accuracy/measure.ts";
import { widened } from "../../lib/accuracy/widened.ts";
import { parse } from "../../lib/parse.ts";

// prettier-ignore
const rows: readonly [text: string, sizes: Readonly<Record<string, number>>][] = [
  ["out[i] = max(u < 2, x[2*i + u]) * g[i]",   { "x.0": 10, "g.0": 5 }],
  ["out[i] = x[i + 3] * g[i]",                 { "x.0": 8,  "g.0": 5 }],
  ["out[i] = x[i + 3]",                        { "x.0": 5 }],
  ["sum(i, w[7] * x[i])",                      { "w.0": 8,  "x.0": 5 }],
  ["sum(i, i > 0, x[2*i] * g[i]) + g[0]",      { "x.0": 9,  "g.0": 5 }],
  ["sum(i, W[y[i]] * x[i])",                   { "W.0": 5,  "x.0": 5 }],
];

describe("widened", () => {
  for (const [text, sizes] of rows)
    it(`makes arrays as long as they are read in ${text}`, () => {
      const axis = widened(parse(text).bounds, () => 5);
      for (const [key, size] of Object.entries(sizes)) {
        const [array, n] = key.split(".");
        assert.equal(axis(array!, Number(n)), size, key);
      }
    });

  it("lets windows with a stride beside another array be measured", async () => {
    const derivation = differentiate(parse("out[i] = max(u < 2, x[2*i + u]) * g[i]"));
    const { rows } = await measure(derivation, { points: 3, seed: 1, regimes: ["1"] });
    assert.isTrue(rows.every((r) => r.stable.worst < 4));
    assert.deepEqual(
      rows.map((r) => r.quantity),
      ["out", "dx", "dg"],
    );
  });
});
