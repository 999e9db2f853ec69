import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { campaign, derivedGradients, tally, type Tally } from "../../lib/check/campaign.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";
import { falseAlarms, Log, table } from "./campaign-log.ts";

const program = parse("loss = sum(i, relu(x[i]))");
const gradients = derivedGradients(differentiate(program));
const counted = (points: number, seed: number): Tally => tally(campaign(program, gradients, points, seed));
const part = (seed: number) => ({ name: "relu", wrt: undefined, points: 5, seed });

describe("the log of a campaign", () => {
  const folder = mkdtempSync(join(tmpdir(), "campaign-"));
  const path = join(folder, "log");
  after(() => rmSync(folder, { recursive: true }));

  it("gives back the blocks it has, and not one that was cut off while it was written", () => {
    const log = new Log(path);
    const [first, second] = [counted(5, 1), counted(5, 6)];
    log.add(part(1), first);
    appendFileSync(path, '{"name":"relu","points":5,"seed":6,"tal');
    const again = new Log(path);
    assert.deepEqual(again.tallyOf(part(1)), first);
    assert.isUndefined(again.tallyOf(part(6)));
    again.add(part(6), second);
    assert.deepEqual(new Log(path).tallyOf(part(6)), second);
  });

  it("tells blocks of other seeds, sizes, losses and inputs apart", () => {
    const log = new Log(undefined);
    log.add(part(1), counted(5, 1));
    for (const other of [{ seed: 2 }, { points: 6 }, { name: "hinge" }, { wrt: ["x"] }])
      assert.isUndefined(log.tallyOf({ ...part(1), ...other }));
  });
});

describe("the table of a campaign", () => {
  const right = counted(20, 1);
  const wrong: Tally = { ...right, verdicts: { ...right.verdicts, bug: 2, artefact: 1 }, notFinite: 3 };

  it("has a line for each loss and one for all", () => {
    const lines = table(
      new Map([
        ["a", right],
        ["b", wrong],
      ]),
    ).split("\n");
    assert.match(lines[2]!, /^\| a \| 20 \|/u);
    assert.match(lines[4]!, /^\| all \| 40 \|/u);
    assert.include(lines[3]!, "| 6 |");
  });

  it("counts as false alarms whatever was called wrong", () => {
    assert.equal(falseAlarms(right), 0);
    assert.equal(falseAlarms(wrong), 6);
  });
});
