import { assert } from "chai";
import { inspect } from "../../lib/check/check.ts";
import { mergeCoverage, unvisited } from "../../lib/check/coverage.ts";
import type { GuardCoverage } from "../../lib/check/report.ts";
import { parse } from "../../lib/parse.ts";

const program = parse("loss = sum(i, max(0, x[i] - 1)) + max(i, x[i])");
const at = (x: number[]): readonly GuardCoverage[] =>
  inspect(program, { at: { x }, gradients: { x: { shape: [x.length], data: x } }, numeric: false }).guards;

describe("coverage", () => {
  it("counts the sides of every guard that a point visits", () => {
    assert.deepEqual(at([0, 1, 3]), [
      {
        guard: "x[i] - 1",
        sides: [
          { side: "< 0", visits: 1 },
          { side: "> 0", visits: 1 },
        ],
        ties: 1,
      },
      {
        guard: "max(i, x[i])",
        sides: [
          { side: "the first wins", visits: 0 },
          { side: "another wins", visits: 1 },
        ],
        ties: 0,
      },
    ]);
  });

  it("adds up over points, and names what none has visited", () => {
    const all = mergeCoverage([at([0, 0.5]), at([-1, -2])]);
    assert.deepEqual(unvisited(all), [{ guard: "x[i] - 1", side: "> 0" }]);
    assert.deepEqual(unvisited(mergeCoverage([all, at([2, 3])])), []);
  });
});
