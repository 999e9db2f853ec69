import { assert } from "chai";
import fc from "fast-check";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { lowerDerivation } from "../../lib/loop/lower.ts";
import { printStatements } from "../../lib/loop/print.ts";
import { parse } from "../../lib/parse.ts";
import { agrees } from "./agrees.ts";

const inputs = fc
  .array(fc.integer({ min: -8, max: 8 }), { minLength: 2 * 4 * 6, maxLength: 2 * 4 * 6 })
  .map((all) => ({ X: { shape: [2, 4, 6], data: all.map((x) => x / 4) } }));

describe("terms that say which element they belong to", () => {
  const derivation = differentiate(
    parse("out[n,p,q] = max(r < 2, max(s < 2, X[n,2*p + r,2*q + s] * (1 + 0.5*r)))"),
  );
  const nest = lowerDerivation(derivation, { style: "fused" });

  it("are added row by row, where the row is not what they say", () => {
    const [pass, ...others] = nest.body.filter((s) => s.kind !== "comment");
    assert.isEmpty(others);
    assert.strictEqual(pass?.kind, "for");
    assert.notMatch(printStatements(nest.body).join("\n"), /^fill dX/mu);
  });

  it("are looked at in the order of the array's axes, each place found before what depends on it", () => {
    const lines = printStatements(nest.body);
    const adding = lines.findIndex((line) => /dX\[.*\] \+=/u.test(line));
    const loops = lines.slice(0, adding).filter((line) => /^ +for [ipq]/u.test(line));
    assert.deepEqual(
      loops.slice(-2).map((line) => line.trim()[4]),
      ["p", "q"],
    );
  });

  it("give what the definition says", () => {
    agrees(nest, derivation, inputs, { seed: 3, numRuns: 40 });
  });
});
