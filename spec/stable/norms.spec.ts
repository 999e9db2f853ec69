import { assert } from "chai";
import { compile } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";
import { stabilise } from "../../lib/stable/stabilise.ts";

const names = (text: string): readonly string[] =>
  stabilise(differentiate(parse(text), { wrt: ["x"] })).definitions.map((d) => d.name);

describe("sums of squares of which only the root is asked", () => {
  const penalty = "loss = mean(i, (sqrt(sum(d, x[i,d]^2)) - 1)^2)";

  it("a gradient by a norm is right where the square of the norm is 0, and 0 where the norm is", () => {
    const kernel = compile(differentiate(parse(penalty), { wrt: ["x"] }), { stable: true });
    const { gradients } = kernel({
      x: [
        [3e-300, 4e-300],
        [0, 0],
      ],
    });
    const got = gradients["x"]!;
    const data = typeof got === "number" ? [got] : got.data;
    for (const [n, want] of [-0.6, -0.8, 0, 0].entries()) assert.closeTo(data[n]!, want, 2 ** -51);
  });

  it("a sum that is read for its own value stays", () => {
    assert.include(names(penalty), "norm");
    const other = "s[i] = sum(d, x[i,d]^2)\nloss = mean(i, (sqrt(s[i]) - 1)^2 + 0.1 * s[i])";
    assert.notInclude(names(other), "norm");
  });
});
