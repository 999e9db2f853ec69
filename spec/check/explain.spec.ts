import { assert } from "chai";
import type { Given } from "../../lib/bind.ts";
import { inspect } from "../../lib/check/check.ts";
import type { Verdict } from "../../lib/check/judge.ts";
import { parse } from "../../lib/parse.ts";

const convention = "rules keep each choice as it is at the point, which is a convention and no slope";
const aside =
  "rules keep each choice as it is at the point, and what they give so is the slope of no side of it";
const kinks =
  "rules choose at each by itself, and together their choices are the slope of no side of the point, nor between such slopes";

interface Row {
  readonly text: string;
  readonly at: Given;
  readonly claimed: Given;
  readonly verdict: Verdict;
  readonly reason: string;
}

// prettier-ignore
const rows: readonly Row[] = [
  { text: "loss = x > 0 ? 1 + x : 2*x", at: { x: 0 }, claimed: { x: 2 }, verdict: "inconclusive",
    reason: `the value jumps here: where x = 0, a choice turns from 0 to 1; ${convention}` },
  { text: "loss = [x > y] * 3 + x", at: { x: 2, y: 2 }, claimed: { x: 1 }, verdict: "inconclusive",
    reason: `the value jumps here: where x - y = 0, a choice turns from 0 to 3; ${convention}` },
  { text: "loss = sign(x) + x", at: { x: 0 }, claimed: { x: 1 }, verdict: "inconclusive",
    reason: `the value jumps here: where x = 0, the sign turns from -1 to 1; ${convention}` },
  { text: "loss = C[argmax(j, x[j])] + x[0]", at: { x: [0, 1, 1], C: [2, 3, 4] }, claimed: { x: [1, 0, 0] }, verdict: "inconclusive",
    reason: `the value jumps here: where x[1] - x[2] = 0, the argmax turns from 1 to 2; ${convention}` },
  { text: "loss = sum(i, count(j, x[j] <= x[i]) * x[i])", at: { x: [1, 1] }, claimed: { x: [2, 2] }, verdict: "inconclusive",
    reason: `the value jumps here: where x[0] - x[1] = 0, a condition turns from 0 to 1 and where x[1] - x[0] = 0, a condition turns from 0 to 1; ${convention}` },
  { text: "loss = x * W[argmax(j, x * g[j])]", at: { x: 0, g: [0, 1, -1], W: [1, 2, 3] }, claimed: { x: 1 }, verdict: "artefact",
    reason: `where x * g[0] - x * g[1] = 0, the argmax turns from 0 to 1; ${aside}` },
  { text: "loss = relu(x) - relu(-x)", at: { x: 0 }, claimed: { x: 0 }, verdict: "artefact",
    reason: `kinks meet here (x = 0 and -x = 0): ${kinks}` },
  { text: "out[t] = max(k <= t, x[k]) - min(k >= t, x[k])\nloss = sum(t, w[t] * out[t])", at: { x: [1, 1, 1], w: [1, -2, 1.5] }, claimed: { x: [-0.5, 2, -1.5] }, verdict: "artefact",
    reason: `kinks meet here (x[0] - x[1] = 0 and x[1] - x[2] = 0): ${kinks}` },
];

describe("the reason of a verdict", () => {
  for (const { text, at, claimed, verdict, reason } of rows)
    it(`says which choice turns for ${text.replaceAll("\n", "; ")}`, () => {
      const report = inspect(parse(text), { at, gradients: claimed });
      assert.equal(report.verdict, verdict);
      assert.equal(report.reason, reason);
    });

  it("is not one of ties where windows overlap and the first of each tie was chosen", () => {
    const program = parse("out[p,q] = max(r < 3, s < 3, X[p + r,q + s])");
    const dout = [
      [1, -2, 3],
      [-1, 2, -3],
      [2, -1, 1],
    ];
    const X = Array.from({ length: 5 }, () => [1, 1, 1, 1, 1]);
    const first = X.map((row, p) => row.map((_, q) => dout[p]?.[q] ?? 0));
    assert.equal(inspect(program, { at: { X, dout }, gradients: { X: first } }).verdict, "correct-at-kink");
    const wrong = first.with(0, [9, -2, 3, 0, 0]);
    assert.equal(inspect(program, { at: { X, dout }, gradients: { X: wrong } }).verdict, "bug");
  });
});
