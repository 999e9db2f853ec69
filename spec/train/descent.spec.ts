import { assert } from "chai";
import fc from "fast-check";
import { accuracy, guesses, scoresOf } from "../../lib/train/accuracy.ts";
import { classifier } from "../../lib/train/classifier.ts";
import { descend, start, stepsPerEpoch, type Schedule, type State } from "../../lib/train/descent.ts";
import { models } from "../../lib/train/models.ts";
import { epochOrder } from "../../lib/train/order.ts";
import { prepare, samplesIn } from "../../lib/train/prepare.ts";
import { samplesOf } from "../../lib/train/samples.ts";
import { few } from "./folder.ts";

const schedule: Schedule = { epochs: 8, batch: 32, learningRate: 0.1, decay: 0.95, deviation: 0.05, seed: 1 };
const { training, validation } = samplesIn(prepare(few, "features", 40));

const model = (name: string) =>
  classifier(models[name]!, { width: training.width, classes: 10, hidden: 12 }, { Delta: 1, reg: 1e-3 });

function finish(name: string, of: Schedule): State {
  const trained = model(name);
  let state = start(trained, of);
  for (const progress of descend(trained, training, validation, of, state)) state = progress.state;
  return state;
}

describe("descend(…)", () => {
  for (const name of Object.keys(models))
    it(`makes the loss of ${name} fall, and the accuracy rise well above chance`, () => {
      const rate = { svm: 0.01, softmax: 0.1 }[name] ?? 0.4;
      const { epochs } = finish(name, { ...schedule, learningRate: rate });
      assert.isBelow(epochs.at(-1)!.loss, 0.8 * epochs[0]!.loss);
      assert.isAbove(epochs.at(-1)!.training, 0.4);
    });

  it("gives the same bits for the same seed, and others for another", () => {
    const [first, second, other] = [1, 1, 2].map(
      (seed) => finish("softmax", { ...schedule, epochs: 2, seed }).weights,
    );
    assert.deepEqual(first, second);
    assert.notDeepEqual(first, other);
  });

  it("takes the step that the definition of gradient descent says", () => {
    const trained = model("softmax");
    const once = { ...schedule, batch: 1000, epochs: 1 };
    const initial = start(trained, once).weights;
    const order = epochOrder(training.count, 1, 0);
    const X = new Float64Array(training.count * training.width);
    for (const [k, n] of order.entries()) training.write(n, X, k * training.width);
    const { gradients } = trained.kernel({
      X: { shape: [training.count, training.width], data: X },
      y: [...order].map((n) => training.labels[n]!),
      reg: 1e-3,
      ...Object.fromEntries(initial),
    });
    const dW = gradients["W"] as { data: Float64Array };
    const { weights } = finish("softmax", once);
    assert.deepEqual(
      weights.get("W")!.data,
      initial.get("W")!.data.map((w, n) => w - 0.1 * dW.data[n]!),
    );
  });

  it("stops where the loss runs off", () => {
    const { step, epochs } = finish("svm", { ...schedule, learningRate: 1e200 });
    assert.isBelow(step, 8 * stepsPerEpoch(training, schedule));
    assert.isBelow(epochs.length, 8);
  });
});

describe("the order of an epoch", () => {
  it("is a permutation, the same for the same seed and epoch", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), fc.nat(), fc.nat(1000), (count, seed, epoch) => {
        const order = epochOrder(count, seed, epoch);
        assert.deepEqual(
          [...order].toSorted((a, b) => a - b),
          Array.from({ length: count }, (_, n) => n),
        );
        assert.deepEqual(epochOrder(count, seed, epoch), order);
      }),
      { seed: 11, numRuns: 50 },
    );
  });

  it("differs from epoch to epoch, and from seed to seed", () => {
    assert.notDeepEqual(epochOrder(100, 1, 0), epochOrder(100, 1, 1));
    assert.notDeepEqual(epochOrder(100, 1, 0), epochOrder(100, 2, 0));
  });
});

describe("accuracy(…)", () => {
  it("counts the samples whose own class has the greatest score, also over several reads of rows", () => {
    const trained = model("softmax");
    const { weights } = start(trained, schedule);
    const count = 620;
    const rows = new Float64Array(count * training.width);
    for (let n = 0; n < count; n++) training.write(n % training.count, rows, n * training.width);
    const labels = Uint8Array.from({ length: count }, (_, n) => training.labels[n % training.count]!);
    const many = samplesOf({ kind: "table", rows, width: training.width, labels });
    const scores = scoresOf(trained, weights, many);
    const expected = Array.from({ length: count }, (_, n) => {
      const own = [...scores.subarray(n * 10, n * 10 + 10)];
      return own.indexOf(Math.max(...own));
    });
    assert.deepEqual([...guesses(trained, weights, many)], expected);
    const right = expected.filter((guess, n) => guess === labels[n]).length;
    assert.equal(accuracy(trained, weights, many), right / count);
    assert.isAbove(right, 0);
  });
});
