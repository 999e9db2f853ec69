import { assert } from "chai";
import { passes } from "../../lib/check/judge.ts";
import { check } from "../../lib/check/check.ts";
import type { Given } from "../../lib/bind.ts";
import { Random } from "../../lib/check/random.ts";
import { UserError } from "../../lib/errors.ts";
import { classifier, initialWeights, kernelInputs } from "../../lib/train/classifier.ts";
import { models } from "../../lib/train/models.ts";

const dimensions = { width: 5, classes: 3, hidden: 4 };

describe("classifier(text)", () => {
  for (const [name, text] of Object.entries(models))
    it(`has gradients of ${name} that the checker finds right`, async () => {
      const model = classifier(text, dimensions, { Delta: 1, reg: 0.1 });
      const random = new Random(5);
      const weights = initialWeights(model, 0.7, 2);
      const X = { shape: [6, 5], data: Float64Array.from({ length: 30 }, () => random.normal()) };
      const y = { shape: [6], data: Int32Array.from([0, 1, 2, 2, 1, 0]) };
      const inputs = kernelInputs(model, X, y, weights);
      const { value, gradients } = model.kernel.run(inputs);
      assert.isAbove(Number(value), 0);
      const claimed = Object.fromEntries(
        Object.entries(gradients).map(([of, output]) => {
          if (typeof output === "number") throw new Error("a weight is a number");
          return [of, output];
        }),
      );
      const report = await check(model.program, { at: inputs as Given, gradients: claimed });
      assert.isTrue(passes(report.verdict), report.verdict);
      assert.sameMembers([...report.gradients.keys()], [...model.shapes.keys()]);
    });

  it("takes the sizes of weights from the samples, the classes and the hidden units", () => {
    const { shapes } = classifier(models["network"]!, dimensions, { reg: 0 });
    assert.deepEqual(Object.fromEntries(shapes), { V: [5, 4], a: [4], W: [4, 3], b: [3] });
  });

  it("begins with normal weights of the wanted deviation, and biases 0", () => {
    const model = classifier(models["softmax"]!, { width: 400, classes: 10 }, { reg: 0 });
    const weights = initialWeights(model, 0.5, 3);
    const W = weights.get("W")!.data;
    const deviation = Math.sqrt(W.reduce((sum, w) => sum + w * w, 0) / W.length);
    assert.approximately(deviation, 0.5, 0.03);
    assert.isTrue(weights.get("b")!.data.every((x) => x === 0));
    assert.deepEqual(initialWeights(model, 0.5, 3), weights);
    assert.notDeepEqual(initialWeights(model, 0.5, 4), weights);
  });

  // prettier-ignore
  const refused: readonly (readonly [text: string, message: string])[] = [
    ["loss = mean(i, (t[i] - sum(d, X[i,d] * w[d]))^2)",          "the loss does not read labels y[i]"],
    ["loss = mean(i, logsumexp(j, s[i,j]) - s[i,y[i]])",          "the loss does not read samples X[i,d]"],
    ["z[i,j] = sum(d, X[i,d] * W[d,j])\nloss = mean(i, -z[i,y[i]])", "the loss defines no score[i,j]"],
    ["score[i,j] = sum(d, X[i,d] * W[d,j]) + b[i]\nloss = mean(i, -score[i,y[i]])", "b has an entry for each sample"],
    ["score[i,j] = X[i,j]\nloss = mean(i, -score[i,y[i]])",       "the loss has no weights to train"],
    [models["svm"]!,                                              "no value is given for Delta"],
  ];
  for (const [text, message] of refused)
    it(`refuses with "${message}"`, () => {
      assert.throws(() => classifier(text, dimensions, { reg: 0 }), UserError, message);
    });

  it("wants the number of hidden units where nothing else tells a size", () => {
    assert.throws(
      () => classifier(models["network"]!, { width: 5, classes: 3 }, { reg: 0 }),
      UserError,
      "nothing tells the size of an axis of V",
    );
  });
});
