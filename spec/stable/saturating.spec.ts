import { assert } from "chai";
import { compile } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";

/** Losses in which a probability is a definition of its own, and what is left of value and gradient at z = 40, t = 1. */
const q = Math.exp(-40);
// prettier-ignore
const losses: readonly (readonly [name: string, body: string, value: number, dz: number])[] = [
  ["cross entropy",       "-(t[i] * log(p[i]) + (1 - t[i]) * log(1 - p[i]))",                 q,             -q],
  ["squared error",       "(p[i] - t[i])^2",                                                  q * q,         -2 * q * q],
  ["focal",               "-(1 - p[i])^2 * t[i] * log(p[i]) - (1 - t[i]) * log(1 - p[i])",    q * q * q,     -3 * q * q * q],
  ["log by a choice",     "-log(t[i] > 0 ? p[i] : 1 - p[i])",                                 q,             -q],
  ["focal by its loss",   "(1 - exp(t[i] * z[i] - softplus(z[i])))^2 * (softplus(z[i]) - t[i] * z[i])", q * q * q, -3 * q * q * q],
  ["share of the right",  "-log(t[i] * p[i] + (1 - t[i]) * (1 - p[i]))",                      q,             -q],
  ["power of the right",  "(1 - (t[i] * p[i] + (1 - t[i]) * (1 - p[i]))^0.7) / 0.7",          q,             -q],
  ["log of p and more",   "-t[i] * log(p[i] + 1e-30)", q - 1e-30,             -q],
];

describe("sigmoids that are definitions of their own", () => {
  for (const [name, body, value, dz] of losses)
    it(`keep what is left of the ${name} where they are nearly 1`, () => {
      const program = parse(`p[i] = sigmoid(z[i])\nloss = sum(i, ${body})`);
      const kernel = compile(differentiate(program, { wrt: ["z"] }), { stable: true });
      const { value: loss, gradients } = kernel({ z: [40], t: [1] });
      assert.closeTo((loss as number) / value, 1, 1e-14);
      const { data } = gradients["z"] as { data: Float64Array };
      assert.closeTo(data[0]! / dz, 1, 1e-14);
    });

  it("are told from 0 also where they underflow and the gradient divides by them", () => {
    const text =
      "p[i] = sigmoid(z[i])\npt[i] = t[i] > 0 ? p[i] : 1 - p[i]\nloss = mean(i, -(1 - pt[i])^2 * log(pt[i]))";
    const kernel = compile(differentiate(parse(text), { wrt: ["z"] }), { stable: true });
    const { value, gradients } = kernel({ z: [1000, -1000, 1000], t: [0, 1, 1] });
    assert.equal(value, 2000 / 3);
    assert.deepEqual(
      [...(gradients["z"] as { data: Float64Array }).data].map((x) => x + 0),
      [1 / 3, -1 / 3, 0],
    );
  });

  it("have the log of the one that is weighted where it underflows", () => {
    const text = "p[i] = sigmoid(z[i])\nloss = sum(i, -log(t[i] * p[i] + (1 - t[i]) * (1 - p[i])))";
    const kernel = compile(differentiate(parse(text), { wrt: ["z"] }), { stable: true });
    const { data } = kernel({ z: [-1000, 1000, 1000], t: [1, 0, 1] }).gradients["z"] as {
      data: Float64Array;
    };
    assert.deepEqual(
      [...data].map((x) => x + 0),
      [-1, 1, 0],
    );
    assert.equal(kernel({ z: [-1000], t: [1] }).value, 1000);
    assert.equal(kernel({ z: [1000], t: [0] }).value, 1000);
    assert.equal(kernel({ z: [1000], t: [1] }).value, 0);
  });
});
