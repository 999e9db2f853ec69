import { assert } from "chai";
import { inspect } from "../../lib/check/check.ts";
import type { Verdict } from "../../lib/check/judge.ts";
import { vanishingLength } from "../../lib/check/lengths.ts";
import { trace } from "../../lib/check/trace.ts";
import { bind, type Given } from "../../lib/bind.ts";
import { parse } from "../../lib/parse.ts";

const norm = "loss = sqrt(sum(i, x[i]^2))";
const third = Math.sqrt(1 / 3);
const spread = "mu = mean(i, x[i])\nloss = sqrt(mean(i, (x[i] - mu)^2))";
const two = "loss = sqrt(sum(i, x[i]^2)) - hypot(x[0], x[1])";
const withHinge = "loss = sqrt(sum(i, x[i]^2)) + max(0, x[0] + x[1])";
const nested = "loss = max(0, sqrt(sum(i, x[i]^2)) - m)";

/** Loss, point, claimed gradient by x. */
// prettier-ignore
const cases: readonly (readonly [string, Given, readonly number[], Verdict])[] = [
  [norm, { x: [0, 0, 0] }, [0, 0, 0], "correct-at-kink"],
  [norm, { x: [0, 0, 0] }, [0.6, 0.8, 0], "correct-at-kink"],
  [norm, { x: [0, 0, 0] }, [third, third, third], "correct-at-kink"],
  [norm, { x: [0, 0, 0] }, [0.6, 0.8, 1e-4], "bug"],
  [norm, { x: [0, 0, 0] }, [1, 1e-4, 0], "bug"],
  [norm, { x: [0, 0, 0] }, [NaN, 0, 0], "bug"],
  ["loss = 3 - 2 * sqrt(sum(i, x[i]^2))", { x: [0, 0] }, [1.2, 1.6], "correct-at-kink"],
  ["loss = 3 - 2 * sqrt(sum(i, x[i]^2))", { x: [0, 0] }, [1.3, 1.6], "bug"],
  ["loss = sum(i, x[i]^2)^0.5", { x: [0, 0] }, [0.6, 0.8], "correct-at-kink"],
  ["loss = sum(i, x[i] * x[i])^0.5", { x: [0, 0] }, [0.6, 0.81], "bug"],
  ["loss = hypot(x[0], 2 * x[1])", { x: [0, 0] }, [0.6, 1.6], "correct-at-kink"],
  ["loss = hypot(x[0], 2 * x[1])", { x: [0, 0] }, [0.6, 1.7], "bug"],
  ["loss = sqrt(mean(i, (x[i] - t[i])^2))", { x: [1, 3], t: [1, 3] }, [0.5, 0.5], "correct-at-kink"],
  ["loss = sqrt(mean(i, (x[i] - t[i])^2))", { x: [1, 3], t: [1, 3] }, [0.5, 0.6], "bug"],
  [spread, { x: [0.1, 0.1, 0.1] }, [0, 0, 0], "correct-at-kink"],
  [spread, { x: [0.1, 0.1, 0.1] }, [0.1, 0, 0], "bug"],
  [spread, { x: [0.1] }, [0], "correct"],
  [spread, { x: [0.1] }, [0.1], "bug"],
  ["loss = sqrt(sum(i, x[i]^2))^2", { x: [0, 0] }, [0, 0], "correct"],
  ["loss = sqrt(sum(i, x[i]^2))^2", { x: [0, 0] }, [0.1, 0], "bug"],
  ["loss = sqrt(sum(i, x[i]^4))", { x: [0, 0] }, [0, 0], "correct"],
  ["loss = sqrt(sum(i, w[i] * x[i]^2) / c)", { x: [0, 0], w: [4, 9], c: 4 }, [0.6, 1.2], "correct-at-kink"],
  ["loss = sqrt(sum(i, w[i] * x[i]^2) / c)", { x: [0, 0], w: [4, 9], c: 4 }, [0.6, 1.3], "bug"],
  [two, { x: [0, 0] }, [0, 0], "correct"],
  [two, { x: [0, 0] }, [0.5, 0], "artefact"],
  [two, { x: [0, 0] }, [2.5, 0], "bug"],
  [withHinge, { x: [0, 0] }, [1.6, 1.8], "correct-at-kink"],
  [withHinge, { x: [0, 0] }, [1.8, 1.8], "bug"],
  [nested, { x: [0, 0], m: 0 }, [0.3, 0.4], "correct-at-kink"],
  [nested, { x: [0, 0], m: 0 }, [0.8, 0.8], "bug"],
  ["loss = sqrt(sum(i, relu(x[i])^2))", { x: [0, 0] }, [0.6, 0.8], "correct-at-kink"],
  ["loss = sqrt(sum(i, relu(x[i])^2))", { x: [0, 0] }, [-0.5, 0], "bug"],
];

function vector(text: string, at: Given): readonly number[] | undefined {
  const program = parse(text);
  const { tape, root } = trace(program, bind(program, at), ["x"], undefined);
  return vanishingLength(tape, root)?.map(({ factor }) => factor);
}

describe("a length that is 0", () => {
  for (const [text, at, x, verdict] of cases)
    it(`finds [${x.join()}] ${verdict} for ${text} at ${JSON.stringify(at)}`, () => {
      const claims = new Map([["x", { shape: [x.length], data: x }]]);
      assert.equal(inspect(parse(text), { at, gradients: claims, numeric: false }).verdict, verdict);
    });

  it("is that of a vector, with the roots of its weights", () => {
    assert.deepEqual(vector("loss = sqrt(4 * x[0]^2 + sum(i, x[i]^2))", { x: [0, 0] }), [2, 1, 1]);
  });

  it("is not made of what may be negative", () => {
    assert.isUndefined(vector("loss = sqrt(x[0]^2 - x[1]^2)", { x: [0, 0] }));
    assert.isUndefined(vector("loss = sqrt(abs(x[0]))", { x: [0, 0] }));
    assert.isUndefined(vector("loss = sqrt(x[0]^2)", { x: [1, 0] }));
  });
});
