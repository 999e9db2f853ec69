import { assert } from "chai";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { generate } from "../../lib/generate.ts";
import { lowerDerivation } from "../../lib/loop/lower.ts";
import { printStatements } from "../../lib/loop/print.ts";
import { verify } from "../../lib/loop/verify.ts";
import { parse } from "../../lib/parse.ts";
import { unroll } from "../../lib/schedule/unroll.ts";

const bodyOf = (text: string): string => {
  const nest = unroll(lowerDerivation(differentiate(parse(text)), { style: "fused" }));
  verify(nest);
  return printStatements(nest.body).join("\n");
};

/** Sums, and whether their loop is written out. */
// prettier-ignore
const cases: readonly { readonly text: string; readonly out: boolean }[] = [
  { text: "out[p] = sum(r < 2, x[2*p + r])",          out: true },
  { text: "out[p] = sum(r < 4, x[4*p + r]^2)",        out: true },
  { text: "out[p] = sum(r < 3, tanh(x[3*p + r]))",          out: true },
  { text: "out[p] = sum(r < 5, x[5*p + r])",          out: false },
  { text: "out[p] = argmax(r < 3, x[3*p + r]) * v[p]", out: false },
  { text: "out[i] = sum(r, x[i,r])",                  out: false },
];

describe("loops of a few steps", () => {
  for (const { text, out } of cases)
    it(`${text} ${out ? "is written out" : "stays a loop"}`, () => {
      assert.equal(/for r from/u.test(bodyOf(text)), !out);
    });

  it("have names of their own for what each step defines", () => {
    const { code } = generate(differentiate(parse("out[p] = sum(r < 3, x[3*p + r]^2)")), {
      target: "js",
      style: "fused",
    });
    assert.include(code, "x[3 * p + 2]");
    assert.doesNotThrow(() => new Function(code.replaceAll(/^export /gmu, "")));
  });
});
