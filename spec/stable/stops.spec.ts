import { assert } from "chai";
import { compile } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";
import { stabilise } from "../../lib/stable/stabilise.ts";
import { print } from "../../lib/text/print.ts";

const ratio = "loss = mean(i, exp(l[i] - stop(l[i])) * A[i] - b * (exp(o[i] - l[i]) - (o[i] - l[i]) - 1))";
const derivation = (text: string, wrt: string) => differentiate(parse(text), { wrt: [wrt] });

describe("stops", () => {
  it("are values once all is derived: a ratio of what it was taken from is 1", () => {
    const { definitions } = stabilise(derivation(ratio, "l"));
    assert.isFalse(definitions.some((d) => print(d.body).includes("stop")));
    const kernel = compile(derivation(ratio, "l"), { stable: true });
    const { value, gradients } = kernel({ l: [1e-12], o: [0], A: [3], b: 2 });
    assert.equal(value, 3);
    assert.equal((gradients["l"] as { data: Float64Array }).data[0], 3 - 2e-12);
  });

  it("that weigh an exponential go into it, where both would overflow", () => {
    const kernel = compile(derivation("out[i] = exp(-v[i]) * stop(exp(v[i]))^0.5", "v"), { stable: true });
    const { data } = kernel({ v: [-800, 1400], dout: [1, 1] }).value as { data: Float64Array };
    assert.closeTo(data[0]! / Math.exp(400), 1, 1e-15);
    assert.closeTo(data[1]! / Math.exp(-700), 1, 1e-15);
  });
});
