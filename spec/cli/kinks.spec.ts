import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { file, folder } from "../check/foreign/files.ts";
import { called } from "./called.ts";

describe("dscore kinks", () => {
  it("explains the mismatch at a point, and draws it", async () => {
    const input = file("near.json", '{"x": -1e-6}');
    const plot = join(folder, "kinks.svg");
    const { code, out, err } = await called([
      "kinks",
      "-e",
      "f = max(0, x)",
      "--input",
      input,
      "--plot",
      plot,
    ]);
    assert.deepEqual([code, err], [0, ""]);
    assert.include(
      out,
      "  analytic slope       0\n  difference quotient  0.45  with h = 1e-5; relative error 1.0e+0\n",
    );
    assert.match(out, /^f along x {2}1 place where a branch is chosen\n/u);
    assert.include(
      out,
      "why: the step straddles a kink\n  x = -1e-6\n      0 after 1e-6 along x; slope 0 to the left, 1 to the right\n",
    );
    assert.include(out, "  no: short of the kink both agree");
    const svg = readFileSync(plot, "utf8");
    assert.match(svg, /^<svg [^>]*viewBox/u);
    assert.include(svg, "difference quotient, h = 1e−5: 0.45");
  });

  it("counts over margins and steps at a generated point", async () => {
    const { code, out } = await called(["kinks", "hinge", "--delta", "0,1", "--step", "1e-4,1e-2", "--json"]);
    assert.equal(code, 0);
    const { frequency, quotient } = JSON.parse(out) as {
      frequency: {
        margin: string;
        rows: { delta: number; cells: { step: number; expected: number; measured: number }[] }[];
      };
      quotient: { step: number; straddled: number };
    };
    assert.equal(frequency.margin, "Delta");
    assert.deepEqual(
      frequency.rows.map((r) => r.delta),
      [0, 1],
    );
    assert.deepEqual(
      frequency.rows[0]!.cells.map((c) => c.step),
      [1e-4, 1e-2],
    );
    assert.equal(quotient.step, 1e-4);
    assert.isAbove(quotient.straddled, 0);
  });

  it("refuses what it cannot do, in words", async () => {
    // prettier-ignore
    const rows: readonly (readonly [readonly string[], string])[] = [
      [["kinks", "squared-error"], "error: the program has no kink that x moves: nothing to straddle\n"],
      [["kinks", "hinge", "--step", "0"], 'error: --step is "0", not a step above 0\n'],
      [["kinks", "hinge", "--delta", "much"], 'error: --delta is "much", not a number\n'],
      [["kinks", "hinge", "--plot", "a.gif"], "error: --plot a.gif is neither .svg nor .png\n"],
      [["kinks", "hinge", "--wrt", "y"], "error: y is not a real input of the loss\n  fix: choose among X, W, Delta, reg\n"],
    ];
    for (const [argv, err] of rows) assert.deepEqual(await called(argv), { code: 2, out: "", err });
  });
});
