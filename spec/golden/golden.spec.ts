import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { kept } from "./golden.ts";

describe("the golden file of hinge", () => {
  it("holds every stage as it is today; npm run golden writes it anew", () => {
    // A process of its own: indices are shown by the names that a process saw first.
    const program = fileURLToPath(new URL("golden.ts", import.meta.url));
    const today = execFileSync(process.execPath, ["--import", "tsx", program], { encoding: "utf8" });
    assert.equal(kept(), today);
  });

  it("shows an indicator, and minus the count of violated margins at the label", () => {
    assert.include(kept(), "(k == y[i] ? -sum(j != y[i], [score[i,j] - score[i,y[i]] + Delta > 0]) : [score[i,k] - score[i,y[i]] + Delta > 0])");
  });
});
