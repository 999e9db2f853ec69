import { assert } from "chai";
import { cut } from "../../lib/accuracy/cut.ts";
import { measure } from "../../lib/accuracy/measure.ts";
import { picture } from "../../lib/accuracy/picture.ts";
import { compile } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { print } from "../../lib/text/print.ts";
import { output } from "../../lib/expr/program.ts";
import { parse } from "../../lib/parse.ts";

const softmax =
  "score[i,j] = sum(d, X[i,d] * W[d,j])\nloss = mean(i, logsumexp(j, score[i,j]) - score[i,y[i]]) + reg * sum(d, j, W[d,j]^2)";

describe("measure", () => {
  it("takes a program from its scores on, without the penalty on the weights", () => {
    const { program, stages } = cut(differentiate(parse(softmax)));
    assert.deepEqual(stages, ["score"]);
    const text = print(output(program).body);
    assert.match(text, /^mean\(i, logsumexp\((\w), score\[i,\1\]\) - score\[i,y\[i\]\]\)$/u);
  });

  it("gives the same errors for the same seed, and worst points that can be replayed", async () => {
    const derivation = differentiate(parse(softmax));
    const options = { points: 8, seed: 3, regimes: ["1e3"] };
    const [first, second] = [await measure(derivation, options), await measure(derivation, options)];
    assert.deepEqual(first.rows, second.rows);
    const kernel = compile(differentiate(first.program), { stable: true });
    assert.isFinite(kernel(first.rows[0]!.stable.at).value as number);
    assert.isAbove(first.rows.find((r) => r.quantity === "loss")!.naive.worst, 1e6);
  });

  it("draws a line for each quantity and regime", async () => {
    const accuracy = await measure(differentiate(parse("loss = mean(i, (x[i] - t[i])^2)"), { wrt: ["x"] }), {
      points: 3,
      seed: 1,
      wrt: ["x"],
    });
    const svg = picture("a < b", accuracy);
    assert.equal(svg.match(/<rect x=".*height="6"/gu)!.length, 2 * accuracy.rows.length);
    assert.include(svg, "a &lt; b");
  });
});
