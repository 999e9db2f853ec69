import { assert } from "chai";
import { parse } from "../../lib/parse.ts";
import { value } from "../../lib/value.ts";

const at = { x: [1, 2, 4], q: [3, 5, 6] };
const length = ["extent(x, 0)", "n"] as const;

// prettier-ignore
const rows: readonly (readonly [what: string, text: (n: string) => string])[] = [
  ["a guard of neighbours in a ring",   (n) => `loss = sum(i, x[i]*(i + 1 < ${n} ? q[i+1] : q[0]) - q[i]*(i + 1 < ${n} ? x[i+1] : x[0]))`],
  ["a bound of a sum",                  (n) => `loss = sum(i < ${n} - 1, x[i+1] * q[i])`],
  ["a bound on the left",               (n) => `z[i < ${n}] = i\nloss = sum(i, z[i] * x[i] * q[i])`],
  ["a subscript",                       (n) => `loss = sum(i, x[i] * q[${n} - 1 - i])`],
];

describe("a name for a size", () => {
  for (const [what, text] of rows)
    it(`means in ${what} what the size means`, () => {
      const [plain, named] = length.map((n) => value(parse(`n = extent(x, 0)\n${text(n)}`), at).data[0]);
      assert.equal(named, plain);
    });

  it("may be made of other names", () => {
    assert.equal(
      value(parse("n = extent(x, 0)\nm = n - 1\nloss = sum(i < m, x[i] * x[m-i])"), { x: at.x }).data[0],
      8,
    );
  });
});
