import { assert } from "chai";
import { compile } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";
import { stabilise } from "../../lib/stable/stabilise.ts";

const clipped =
  "r[i] = exp(lp[i] - old[i])\nloss = -mean(i, min(r[i] * A[i], max(1 - e, min(1 + e, r[i])) * A[i]))";

const rowsOf = (text: string, wrt: string): readonly string[] =>
  stabilise(differentiate(parse(text), { wrt: [wrt] })).rewrites.map((r) => r.row);

describe("zeros beside exponentials", () => {
  it("a weight of 0 and a condition that does not hold make 0 of an exponential that overflows", () => {
    const kernel = compile(differentiate(parse(clipped), { wrt: ["lp"] }), { stable: true });
    const { value, gradients } = kernel({ lp: [1098, 739, 0.25], old: [0, 1, 0], A: [0, 1, -2], e: 0.5 });
    const r = Math.exp(0.25);
    assert.closeTo(value as number, -(1.5 - 2 * r) / 3, 1e-15);
    const { data } = gradients["lp"] as { data: Float64Array };
    for (const x of data.slice(0, 2)) assert.equal(Math.abs(x), 0);
    assert.closeTo(data[2]!, (2 * r) / 3, 1e-15);
  });

  it("a weight that is not a number is not taken for 0", () => {
    const kernel = compile(differentiate(parse(clipped), { wrt: ["lp"] }), { stable: true });
    const { gradients } = kernel({ lp: [0, 0], old: [0, 0], A: [NaN, 1], e: 0.5 });
    assert.isNaN((gradients["lp"] as { data: Float64Array }).data[0]);
  });

  it("a power of a probability, which does not overflow, is not asked for", () => {
    const focal = "loss = mean(i, w[i] * v[i] * exp(-g * softplus(z[i])) * softplus(-z[i]))";
    assert.notInclude(rowsOf(focal, "z"), "zero beside an exponential");
    assert.include(
      rowsOf(focal.replace("-g * softplus(z[i])", "g * z[i]"), "z"),
      "zero beside an exponential",
    );
  });
});
