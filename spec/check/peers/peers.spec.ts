import { assert } from "chai";
import { peers } from "../../../lib/check/peers/peers.ts";
import { along, centralDifferences, type Problem } from "../../../lib/check/peers/problem.ts";
import { Random } from "../../../lib/check/random.ts";

/** Σ x³/3, with the gradient x². */
const cubic: Problem = {
  x: Float64Array.of(0.5, -1, 2),
  value: (x) => x.reduce((sum, v) => sum + v ** 3 / 3, 0),
};

describe("check/peers", () => {
  it("take differences along coordinates and directions", () => {
    const slopes = centralDifferences(cubic, 1e-5);
    for (const [n, expected] of [0.25, 1, 4].entries()) assert.closeTo(slopes[n]!, expected, 1e-9);
    assert.closeTo(
      along(cubic, 1e-5, () => 1),
      5.25,
      1e-9,
    );
  });

  for (const { name, passes } of peers) {
    it(`${name}: passes the right gradient, rejects the doubled one`, () => {
      assert.isTrue(passes(cubic, Float64Array.of(0.25, 1, 4), new Random(1)));
      assert.isFalse(passes(cubic, Float64Array.of(0.5, 2, 8), new Random(1)));
    });

    it(`${name}: rejects a right gradient beside a kink`, () => {
      const relu: Problem = { x: Float64Array.of(-1e-7), value: ([x]) => Math.max(0, x!) };
      assert.isFalse(passes(relu, Float64Array.of(0), new Random(1)));
    });
  }

  it("as PyTorch: a wrong sign of size 1e-6 passes, and (1/2, 1/2, 1/2) where three tie", () => {
    const torch = peers.find((p) => p.name === "as PyTorch, slow")!;
    const small: Problem = { x: Float64Array.of(1), value: ([x]) => 1e-6 * x! };
    assert.isTrue(torch.passes(small, Float64Array.of(-1e-6), new Random(1)));
    const most: Problem = { x: Float64Array.of(1, 1, 1), value: (x) => Math.max(...x) };
    assert.isTrue(torch.passes(most, Float64Array.of(0.5, 0.5, 0.5), new Random(1)));
    assert.isFalse(torch.passes(most, Float64Array.of(1 / 3, 1 / 3, 1 / 3), new Random(1)));
  });
});
