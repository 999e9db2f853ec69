import { assert } from "chai";
import { models } from "../../lib/train/models.ts";
import { prepare } from "../../lib/train/prepare.ts";
import { best, search, type Job, type Task } from "../../lib/train/search.ts";
import { few } from "./folder.ts";

const { training, validation } = prepare(few, "features", 40);
const task: Task = { text: models["softmax"]!, classes: 10, hidden: undefined, training, validation };
const jobs = [1e-3, 0.1, 1e300].map((learningRate): Job => ({
  schedule: { epochs: 2, batch: 50, decay: 1, deviation: 1e-2, seed: 4, learningRate },
  settings: { reg: 1e-3 },
}));

describe("search(task, jobs, threads)", () => {
  it("gives the same outcomes in one thread and in two", async () => {
    let told = 0;
    const alone = await search(task, jobs, 1);
    const together = await search(task, jobs, 2, (done) => (told = done));
    assert.deepEqual(together, alone);
    assert.equal(told, 3);
  });

  it("chooses the best on the validation images, never one whose loss ran off", async () => {
    const outcomes = await search(task, jobs, 1);
    assert.isNaN(outcomes[2]!.validation);
    assert.equal(best(outcomes), outcomes[1]);
    assert.isAbove(outcomes[1]!.validation, outcomes[0]!.validation);
    assert.isUndefined(best(outcomes.slice(2)));
  });
});
