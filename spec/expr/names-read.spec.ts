import { assert } from "chai";
import { namesRead, readsAll } from "../../lib/expr/names-read.ts";
import { output } from "../../lib/expr/program.ts";
import { parse } from "../../lib/parse.ts";

const body = (text: string) => output(parse(`loss = ${text}`)).body;

// prettier-ignore
const rows: readonly (readonly [text: string, names: string])[] = [
  ["2 * extent(x, 0) + sum(i, x[i])",                    "x"],
  ["a * b + a",                                          "a b"],
  ["sum(i, s[i,y[i]])",                                  "s y"],
  ["sum(i, s[i,y[p[i]]] * s[i,z[i]])",                   "s y p z"],
  ["sum(i, j != y[i], max(0, s[i,j] - t))",              "y s t"],
  ["sum(i, x[i] > c ? a * x[i] : b)",                    "x c a b"],
  ["1 + 2",                                              ""],
];

describe("the names that an expression reads", () => {
  for (const [text, names] of rows)
    it(`are ${names || "none"} in ${text}`, () => {
      assert.deepEqual([...namesRead(body(text))], names.split(" ").filter(Boolean));
    });

  it("are all there or not", () => {
    const e = body("sum(i, s[i,y[i]])");
    assert.isTrue(readsAll(e, ["y", "s"]));
    assert.isTrue(readsAll(e, []));
    assert.isFalse(readsAll(e, ["y", "t"]));
  });
});
