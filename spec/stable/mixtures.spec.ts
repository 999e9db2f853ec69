import { assert } from "chai";
import { compile } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import type { InputValue } from "../../lib/bind/array.ts";
import { parse } from "../../lib/parse.ts";

const far = "loss = mean(i, -log(sum(k, w[k] * exp(-(x[i] - m[i,k])^2 / 2))))";
const masked = "loss = mean(i, log(sum(j, mask[i,j] * exp(s[i,j]))) - s[i,y[i]])";

describe("weighted sums of exponentials", () => {
  it("have a log, and a gradient, where every exponential underflows", () => {
    const { loss, gradient } = at(far, "m", { w: [0.25, 0.75], x: [100], m: [[0, 10]] });
    assert.closeTo(loss, 4050 - Math.log(0.75), 1e-12);
    assert.deepEqual(gradient, [(0.25 / 0.75) * -100 * Math.exp(-950), -90]);
  });

  it("take no part of a term whose weight is 0, however large its exponential is", () => {
    const { loss, gradient } = at(far, "m", { w: [0, 1], x: [0], m: [[0, 60]] });
    assert.equal(loss, 1800);
    assert.deepEqual(gradient, [0, 60]);
  });

  it("keep what is left when one term under the mask has nearly all", () => {
    const { loss, gradient } = at(masked, "s", { mask: [[1, 1, 0]], s: [[50, 0, 90]], y: [0] });
    const q = Math.exp(-50);
    assert.closeTo(loss / q, 1, 1e-14);
    assert.closeTo(gradient[0]! / -q, 1, 1e-14);
    assert.closeTo(gradient[1]! / q, 1, 1e-14);
    assert.equal(gradient[2], 0);
  });

  it("may have a log-sum-exp in their exponents", () => {
    const p = "p[i,j] = exp(s[i,j] - logsumexp(k, s[i,k]))";
    const text = `${p}\nloss = mean(i, -log(sum(j, q[i,j] * sqrt(p[i,j]))))`;
    const { loss, gradient } = at(text, "s", { q: [[1, 0]], s: [[800, 0]] });
    assert.equal(loss, 0);
    assert.deepEqual(gradient, [0, 0]);
  });

  it("stay as they are where the sum itself is wanted", () => {
    const text = "total[i] = sum(j, w[j] * exp(s[i,j]))\nloss = mean(i, log(total[i]) + total[i])";
    const { loss } = at(text, "s", { w: [0.5, 0.5], s: [[0, 0]] });
    assert.equal(loss, 1);
  });
});

function at(text: string, wrt: string, inputs: Readonly<Record<string, InputValue>>) {
  const { value, gradients } = compile(differentiate(parse(text), { wrt: [wrt] }), { stable: true })(inputs);
  const { data } = gradients[wrt] as { data: Float64Array };
  return { loss: value as number, gradient: [...data] };
}
