import { assert } from "chai";
import { inspect } from "../../lib/check/check.ts";
import { parse } from "../../lib/parse.ts";

describe("judgeBySamples", () => {
  it("has no answer where a computed index leaves its array beside the point", () => {
    // Of three that are equal all have rank 0; moved apart, one has rank 2, and w has two elements.
    const program = parse("r[i] = count(j, x[j] > x[i])\nloss = sum(i, w[r[i]] * x[i])");
    const report = inspect(program, {
      at: { x: [1, 1, 1], w: [2, 3] },
      gradients: { x: { shape: [3], data: [2, 2, 2] } },
    });
    assert.equal(report.verdict, "inconclusive");
    assert.equal(report.reason, "an array is read outside of its range beside this point");
  });
});
