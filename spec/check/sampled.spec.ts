import { assert } from "chai";
import { inspect } from "../../lib/check/check.ts";
import { compile } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
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

  // prettier-ignore
  const ranked: readonly (readonly [rank: string, x: number[], verdict: string])[] = [
    ["count(j, x[j] > x[i])",             [2, 1, 0], "correct"],
    ["sum(j, x[j] > x[i], 1)",            [2, 1, 0], "correct"],
    ["max(j, (x[j] > x[i] ? 1 : 0))",     [2, 1, 0], "correct"],
    ["count(j, x[j] > x[i])",             [1, 1, 0], "inconclusive"],
    ["sum(j, x[j] > x[i], 1)",            [1, 1, 0], "inconclusive"],
    ["max(j, (x[j] > x[i] ? 1 : 0))",     [1, 1, 0], "inconclusive"],
    ["x[i] > x[0] ? 1 : 2",               [1, 1, 0], "inconclusive"],
  ];
  for (const [rank, x, verdict] of ranked)
    it(`finds w[r[i]] * x[i] ${verdict} where r[i] = ${rank} and x = ${x.join(", ")}`, () => {
      const program = parse(`r[i] = ${rank}\nloss = sum(i, w[r[i]] * x[i])`);
      const w = [1, 2, 3];
      const { x: dx } = compile(differentiate(program, { wrt: ["x"] }))({ x, w }).gradients;
      if (typeof dx !== "object") throw new Error("the gradient by x is an array");
      assert.equal(inspect(program, { at: { x, w }, gradients: { x: dx } }).verdict, verdict);
    });

  it("judges sums of separate terms term by term: four rows of four equal scores have 12⁴ limiting gradients", () => {
    const program = parse("a[i] = argmax(j, s[i,j])\nloss = sum(i, max(j, s[i,j]) - max(j != a[i], s[i,j]))");
    const at = { s: Array.from({ length: 4 }, () => [0, 0, 0, 0]) };
    const verdictOn = (data: number[]): string =>
      inspect(program, { at, gradients: { s: { shape: [4, 4], data } } }).verdict;
    const right = [1, -1, 0, 0, 0, 0, 1, -1, -1, 0, 1, 0, 0, 0.5, -1, 0.5];
    assert.equal(verdictOn(right), "correct-at-kink");
    for (const c of [0, 6, 15]) assert.equal(verdictOn(right.map((g, k) => (k === c ? g + 0.01 : g))), "bug");
  });
});
