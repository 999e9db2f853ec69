import { assert } from "chai";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { UserError } from "../../lib/errors.ts";
import { formatRun, parseRun } from "../../lib/train/archive.ts";
import { classifier } from "../../lib/train/classifier.ts";
import { models } from "../../lib/train/models.ts";
import { prepare, samplesIn } from "../../lib/train/prepare.ts";
import { begin, checkpointPath, session, stepsOf, type Plan } from "../../lib/train/session.ts";
import { few, temporary } from "./folder.ts";

const prepared = prepare(few, "features", 40);
const { training, validation } = samplesIn(prepared);

const plan = (path: string, learningRate = 0.1): Plan => ({
  classifier: classifier(models["softmax"]!, { width: training.width, classes: 10 }, { reg: 1e-3 }),
  training,
  validation,
  schedule: { epochs: 3, batch: 32, learningRate, decay: 0.9, deviation: 0.01, seed: 1 },
  settings: { learningRate },
  taken: prepared.taken,
  path,
  every: 4,
});

function run(of: Plan, resume: boolean, until = Infinity): void {
  for (const { state } of session(of, begin(of, resume))) if (state.step >= until) return;
}

describe("session(plan)", () => {
  const at = temporary();

  it("writes the same result whenever it is interrupted and resumed", () => {
    const whole = plan(at("whole.npz"));
    run(whole, false);
    const expected = readFileSync(whole.path);
    for (const step of [1, 4, 7, 8, 13, stepsOf(whole) - 1]) {
      const cut = plan(at(`cut-${step}.npz`));
      run(cut, false, step);
      assert.isFalse(existsSync(cut.path));
      run(cut, true);
      assert.isTrue(readFileSync(cut.path).equals(expected), `cut after ${step} steps`);
      assert.isFalse(existsSync(checkpointPath(cut.path)));
    }
  });

  it("goes on from the last whole checkpoint when the process is gone", () => {
    const whole = plan(at("whole-2.npz"));
    run(whole, false);
    const cut = plan(at("gone.npz"));
    run(cut, false, 6);
    // As if killed at step 6, with the checkpoint of step 4 and half of another file there.
    const earlier = plan(at("earlier.npz"));
    run(earlier, false, 4);
    writeFileSync(checkpointPath(cut.path), readFileSync(checkpointPath(earlier.path)));
    writeFileSync(`${checkpointPath(cut.path)}.1.part`, "half");
    run(cut, true);
    assert.isTrue(readFileSync(cut.path).equals(readFileSync(whole.path)));
  });

  it("begins anew where there is nothing to go on from, and has nothing to do when it is done", () => {
    const path = at("anew.npz");
    assert.equal(begin(plan(path), true).step, 0);
    run(plan(path), true);
    assert.equal(begin(plan(path), true).step, stepsOf(plan(path)));
  });

  it("refuses to go on with other settings", () => {
    const path = at("other.npz");
    run(plan(path), false, 5);
    assert.throws(
      () => begin(plan(path, 0.2), true),
      UserError,
      `${checkpointPath(path)} is of another run: learningRate was 0.1 and is 0.2\n  fix: give the same settings, or leave out --resume to begin anew`,
    );
  });

  it("says at which step the loss ran off, and writes no file", () => {
    const path = at("off.npz");
    assert.throws(
      () => run(plan(path, 1e300), false),
      UserError,
      /^the loss is (?:NaN|Infinity) at step \d+: the steps are too long/u,
    );
    assert.isFalse(existsSync(path));
  });

  it("refuses a file that no run has written", () => {
    const path = at("alien.npz");
    writeFileSync(checkpointPath(path), "not a zip");
    assert.throws(() => begin(plan(path), true), UserError, checkpointPath(path));
  });
});

describe("a run as arrays", () => {
  it("is read back as it was", () => {
    const state = {
      step: 7,
      weights: new Map([["W", { shape: [2, 1], data: Float64Array.of(1 / 3, -0) }]]),
      epochs: [{ loss: 2.5, training: 0.1, validation: 0.2 }],
      losses: [0.1, 0.7],
    };
    const taken = new Map([["pixels.mean", { shape: [1], data: Float64Array.of(9.5) }]]);
    const run = { settings: { definition: "Δ · x\nλ", reg: 1e-7 }, state, taken };
    const arrays = new Map(
      [...formatRun(run)].map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]),
    );
    assert.deepEqual(parseRun(arrays, "a file"), run);
  });
});
