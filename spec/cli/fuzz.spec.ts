import { assert } from "chai";
import fc from "fast-check";
import { printProgramSyntax } from "../../lib/text/print.ts";
import { anyProgram } from "../text/grammar.ts";
import { meaningfulProgram } from "../text/meaningful.ts";
import { called } from "./called.ts";

/** Longest time that one command may take, in milliseconds: generous, for a machine that does other things. */
const patience = 10_000;

/** Whatever the text, an answer or one error that can be read; never a fault, a stack or a hang. */
async function answers(text: string): Promise<boolean> {
  const begin = performance.now();
  const { code, out, err } = await called(["derive", `--expression=${text}`, "--json"]);
  assert.isBelow(performance.now() - begin, patience);
  if (code === 0) {
    assert.equal(err, "");
    assert.isObject(JSON.parse(out));
    return true;
  }
  assert.equal(code, 2, `${JSON.stringify(text)}: ${err}`);
  assert.equal(out, "");
  assert.match(err, /^error: /u);
  assert.notMatch(err, /^ +at |undefined|\[object|internal:/mu);
  return false;
}

describe("dscore derive -e on arbitrary text", function () {
  this.timeout(120_000);

  it("answers raw text with exit code 0 or 2", () =>
    fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", maxLength: 60 }), async (text) => {
        await answers(text);
      }),
      { seed: 11, numRuns: 300 },
    ));

  it("answers programs that need not make sense with exit code 0 or 2", () =>
    fc.assert(
      fc.asyncProperty(anyProgram, async (program) => {
        await answers(printProgramSyntax(program));
      }),
      { seed: 12, numRuns: 300 },
    ));

  it("derives most programs that make sense, and refuses the others with exit code 2", async () => {
    let derived = 0;
    await fc.assert(
      fc.asyncProperty(meaningfulProgram, async (program) => {
        if (await answers(printProgramSyntax(program))) derived++;
      }),
      { seed: 13, numRuns: 60 },
    );
    assert.isAbove(derived, 30);
  });
});
