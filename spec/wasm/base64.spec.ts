import { assert } from "chai";
import fc from "fast-check";
import { base64 } from "../../lib/wasm/base64.ts";

describe("base64", () => {
  it("is what Node writes, whatever is left over at the end", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        assert.equal(base64(bytes), Buffer.from(bytes).toString("base64"));
      }),
      { seed: 5 },
    );
  });
});
