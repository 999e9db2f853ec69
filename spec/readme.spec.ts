import { assert } from "chai";
import { differentiate } from "../lib/diff/differentiate.ts";
import { parse } from "../lib/parse.ts";
import { blocksOf, read, readme } from "./documents.ts";

describe("README.md", function () {
  this.timeout(120_000);

  it("shows what its commands print, and the example as it runs: if not, npm run pages", () => {
    assert.equal(read("README.md"), readme());
  });

  for (const text of blocksOf(read("README.md"), "dscore"))
    it(`shows definitions that can be derived: ${text.split("\n")[0]}`, () => {
      assert.isNotEmpty(differentiate(parse(text)).definitions);
    });
});
