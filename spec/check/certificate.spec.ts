import { assert } from "chai";
import { certify, recheck, type Certificate } from "../../lib/check/certificate.ts";
import { ulp } from "../../lib/check/ulps.ts";
import { entry } from "../../lib/catalogue.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { generate } from "../../lib/generate.ts";
import { parse } from "../../lib/parse.ts";

async function certified(text: string, wrt: readonly string[] | undefined) {
  const derivation = differentiate(parse(text), { wrt });
  const { code } = generate(derivation, { target: "ts", style: "fused" });
  const options = {
    name: "loss",
    catalogue: false,
    file: "loss.ts",
    code,
    target: "ts",
    style: "fused",
    version: "1",
  };
  return { derivation, code, certificate: await certify(derivation, options) };
}

describe("check/certificate", () => {
  for (const name of ["hinge", "logistic", "affine", "max-pool"])
    it(`of ${name} says what was checked, and holds when checked again`, async () => {
      const { wrt, text } = entry(name)!;
      const { derivation, code, certificate } = await certified(text, wrt);
      const { checks } = certificate;
      assert.include(["correct", "correct-at-kink"], checks.verdict);
      assert.isAbove(checks.precision.coordinates, 3);
      assert.isBelow(checks.precision.worstUlpsOfLargest, 50);
      const read = JSON.parse(JSON.stringify(certificate)) as Certificate;
      const again = await recheck({ certificate: read, code, derivation, generated: code });
      assert.deepEqual(again.reasons, []);
      assert.deepEqual(again.checks, checks);
    });

  it("tells a change of the definition from a change of the code", async () => {
    const { derivation, code, certificate } = await certified("loss = sum(i, (x[i] - t[i])^2)", ["x"]);
    const other = differentiate(parse("loss = sum(i, (x[i] + t[i])^2)"), { wrt: ["x"] });
    const reasons = async (changes: Partial<Parameters<typeof recheck>[0]>) =>
      (await recheck({ certificate, code, derivation, generated: code, ...changes })).reasons;
    assert.deepEqual(await reasons({ derivation: other }), ["the definition of loss has changed"]);
    assert.deepEqual(await reasons({ code: `${code} ` }), ["the code loss.ts has changed"]);
    assert.deepEqual(await reasons({ code: undefined }), ["the code loss.ts is not there"]);
    assert.deepEqual(await reasons({ generated: "" }), [
      "dscore 1 made this code and today's makes other code: generate it again",
    ]);
    const edited = { ...certificate, definition: { ...certificate.definition, text: "loss = 1" } };
    assert.deepEqual(await reasons({ certificate: edited }), [
      "the certificate's own text of the definition is not what was certified",
    ]);
  });

  it("measures in units of the last place", () => {
    // prettier-ignore
    const rows: readonly (readonly [number, number])[] = [[1, 2 ** -52], [1 - 2 ** -53, 2 ** -53], [-3, 2 ** -51], [0, 2 ** -1074], [2 ** -1030, 2 ** -1074], [Number.MAX_VALUE, 2 ** 971]];
    for (const [x, expected] of rows) assert.equal(ulp(x), expected, String(x));
  });
});
