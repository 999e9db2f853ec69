import { assert } from "chai";
import { existsSync } from "node:fs";
import { train } from "../../examples/trained.ts";
import { accuracy } from "../../lib/train/accuracy.ts";
import { readCifar } from "../../lib/train/cifar.ts";
import { part, type Dataset } from "../../lib/train/image-set.ts";
import type { Representation } from "../../lib/train/prepare.ts";

const real = new URL("../../../shared/data/cifar10", import.meta.url).pathname;

// The whole of it, beside NumPy: spec/bench/train.ts.
describe("a classifier of some real images", () => {
  before(function () {
    if (!existsSync(real)) this.skip();
  });

  const tested = (dataset: Dataset, name: string, representation: Representation, epochs: number): number => {
    const { model, weights, samples } = train(dataset, name, representation, { epochs });
    return accuracy(model, weights, samples.test);
  };

  it("does much better than chance on pixels, 5 points better on features, and better still with a second layer", function () {
    this.timeout(60_000);
    const whole = readCifar(real);
    const dataset = { ...whole, train: part(whole.train, 0, 1000), test: part(whole.test, 0, 500) };
    const pixels = tested(dataset, "softmax", "pixels", 6);
    const features = tested(dataset, "softmax", "features", 20);
    const network = tested(dataset, "network", "features", 8);
    assert.isAbove(pixels, 0.22);
    assert.isAbove(features, pixels + 0.05);
    assert.isAbove(network, features);
  });
});
