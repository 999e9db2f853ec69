import { assert } from "chai";
import { compile } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";
import { randomGiven } from "../diff/points.ts";
import { assertClose, reference } from "../reference.ts";

/** Conditions of which the second takes a constant, and whether that is computed whatever the first says. */
// prettier-ignore
const cases: readonly { readonly text: string; readonly always: boolean }[] = [
  { text: "loss = sum(i, j, y[i] > y[j], max(0, 1 + s[j] - s[i]))",                        always: true },
  { text: "loss = sum(i, j, [y[i] > y[j] and tanh(s[j]*s[i])^2 > 1/2] * s[j]^2)", always: false },
];

describe("later sides of a condition", () => {
  for (const { text, always } of cases) {
    const derivation = differentiate(parse(text), { wrt: ["s"] });
    const kernel = compile(derivation, { style: "fused" });
    it(`${text} ${always ? "has no branch for a few sums" : "keeps its branch for a function"}`, () => {
      assert.equal(/\bif \(holds/u.test(kernel.code), !always, kernel.code);
    });
    it(`${text} is what the reference says`, () => {
      const given = randomGiven(derivation, 1, { sizes: { "s.0": 9 } });
      const { value, gradients } = kernel(given);
      const expected = reference(derivation, given);
      assertClose(value, expected.get("value")!, "value");
      assertClose(gradients["s"]!, expected.get("s")!, "s");
    });
  }
});
