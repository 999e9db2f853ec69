import { assert } from "chai";
import { entry } from "../../lib/catalogue.ts";
import { alarmTrials, isRight, judge, mutantTrials, ours, rate, scales } from "../../lib/check/detection.ts";
import { parse } from "../../lib/parse.ts";

const losses = new Map(["hinge", "softmax-logsumexp"].map((name) => [name, parse(entry(name)!.text)]));
const sizes = { N: 6, D: 3, C: 4 };

describe("check/detection", () => {
  it("detects every mistake at every scale, and lets every right gradient pass", () => {
    const trials = mutantTrials(losses, 1, sizes);
    const wrong = trials.filter(
      (trial) =>
        judge(trial).get(ours) !== isRight(trial.kind) && (trial.kind === "logic" || isRight(trial.kind)),
    );
    assert.deepEqual(
      wrong.map((t) => `${t.loss}, ${t.scale}: ${t.mutant}`),
      [],
    );
    for (const scale of Object.keys(scales))
      assert.isAbove(trials.filter((t) => t.scale === scale && t.kind === "logic").length, 40, scale);
  });

  it("raises no false alarm where fixed steps do, every margin on its kink included", () => {
    const trials = alarmTrials("hinge", losses.get("hinge")!, [0, 1], [1e-2, 1e-6], 1, { N: 30, D: 5, C: 6 });
    const judgements = trials.map(judge);
    const { failed } = rate(judgements);
    assert.equal(failed[ours], 0);
    assert.isAbove(failed["fixed step, all points"]!, 0);
  });
});
