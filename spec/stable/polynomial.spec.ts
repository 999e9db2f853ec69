import { assert } from "chai";
import { parse } from "../../lib/parse.ts";
import { cancelled, expanded } from "../../lib/stable/polynomial.ts";
import { sumOf } from "../../lib/stable/terms.ts";
import { print } from "../../lib/text/print.ts";

// prettier-ignore
const cases: readonly [text: string, left: string][] = [
  ["1 - t - (t * (w - 1) + 1)",             "-t * w"],
  ["1 - 2 * t + t",                         "1 - t"],
  ["0.1 * a + 0.2 * a",                     "0.1 * a + 0.2 * a"],
  ["(a + b) * (a - b)",                     "a^2 - b^2"],
  ["(1 - 2 * t)^2 - (2 * t - 1)^2",        "0"],
  ["(a / 100 - 1) * 100 + 100",             "a"],
  ["(a + b) * c - c * a - b * c",           "0"],
  ["a * (b - (c - 1)) - (b + 1) * a",       "-a * c"],
];

describe("products of sums", () => {
  for (const [text, left] of cases)
    it(`multiplied out, ${text} leaves ${left}`, () => {
      const e = parse(`f = ${text}`).definitions[0]!.body;
      assert.equal(print(sumOf(cancelled(expanded(e) ?? []))), left);
    });

  it("are left alone where that makes too many terms", () => {
    const e = parse("f = (a + b + c) * (x + y + z) * (u + v + w)").definitions[0]!.body;
    assert.isUndefined(expanded(e));
  });
});
