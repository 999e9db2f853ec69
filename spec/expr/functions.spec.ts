import { assert } from "chai";
import { callable, writtenOut } from "../../lib/expr/functions.ts";
import { parse } from "../../lib/parse.ts";

describe("what other libraries call", () => {
  for (const [name, written] of Object.entries(writtenOut))
    it(`is written out: ${name}`, () => {
      assert.notInclude(callable, name);
      const bound = new Set([...written.matchAll(/\b[a-z]+\(([a-z])(?=,| <)/gu)].map(([, index]) => index));
      const free = ["i", "j"].filter(
        (index) => !bound.has(index) && new RegExp(`\\b${index}\\b`, "u").test(written),
      );
      const left = free.length === 0 ? "v" : `v[${free.join(",")}]`;
      const fixed = free.length === 0 ? "" : ` + 0 * Z_[${free.join(",")}]`;
      assert.doesNotThrow(() => parse(`${left} = (${written})${fixed}`));
    });
});
