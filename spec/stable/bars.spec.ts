import { assert } from "chai";
import { measure } from "../../lib/accuracy/measure.ts";
import { entry } from "../../lib/catalogue.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";

/** The softmax, hinge and logistic families, and others of the catalogue that their inputs determine well. */
// prettier-ignore
const bars: readonly [name: string, worst: number, p99: number][] = [
  ["softmax", 4, 2], ["hinge", 4, 2], ["squared-hinge", 4, 2], ["crammer-singer", 4, 2],
  ["logistic", 4, 2], ["squared-error", 8, 2], ["absolute-error", 8, 2], ["huber", 8, 2], ["poisson", 8, 2],
];

describe("accuracy of generated code", () => {
  for (const [name, worst, p99] of bars)
    it(`${name}: within ${worst} ulp in every regime, ${p99} for 99 of 100 points, nothing lost`, async () => {
      const { text, wrt } = entry(name)!;
      const { rows } = await measure(differentiate(parse(text), { wrt }), { points: 12, seed: 5, wrt });
      assert.isAtLeast(rows.length, 9);
      for (const { regime, quantity, stable } of rows) {
        const where = `${quantity} of ${name}, regime ${regime}: ${JSON.stringify(stable.at)}`;
        assert.equal(stable.lost, 0, where);
        assert.isAtMost(stable.worst, worst, where);
        // A 99th percentile of a few points is their worst one.
        assert.isAtMost(stable.p99, p99 + 0.5, where);
      }
    });

  for (const name of ["focal", "kl-divergence", "cosine", "triplet"])
    it(`${name}: within 8 ulp, or 8 times the condition number, in every regime, nothing lost`, async () => {
      const { text, wrt } = entry(name)!;
      const { rows } = await measure(differentiate(parse(text), { wrt }), { points: 4, seed: 5, wrt });
      for (const { regime, quantity, stable } of rows) {
        const where = `${quantity} of ${name}, regime ${regime}: ${JSON.stringify(stable.at)}`;
        assert.equal(stable.lost, 0, where);
        assert.isAtMost(stable.conditioned, 8, where);
      }
    });

  it("measures layers by their first input, at several samples", async () => {
    const { text, wrt } = entry("affine")!;
    const { rows } = await measure(differentiate(parse(text), { wrt }), {
      points: 1,
      seed: 5,
      wrt,
      regimes: ["30"],
    });
    assert.sameMembers(
      rows.map((r) => r.quantity),
      ["out", "dX", "dW", "db"],
    );
    assert.include(JSON.stringify(rows[0]!.stable.at["X"]), '"shape":[4,5]');
    for (const { stable } of rows) assert.isAtMost(stable.conditioned, 8);
  });

  it("finds the form as typed in to fail where it does", async () => {
    const { text, wrt } = entry("softmax")!;
    const { rows } = await measure(differentiate(parse(text), { wrt }), {
      points: 20,
      seed: 5,
      regimes: ["1e3"],
    });
    assert.isTrue(rows.every(({ naive }) => naive.lost > 10));
  });
});
