import { assert } from "chai";
import { parse } from "../../lib/parse.ts";
import { pair } from "../../lib/stable/pattern.ts";
import { print } from "../../lib/text/print.ts";

/** The pairs of terms that are asked for, none of which is taken. */
function asked(text: string): string[] {
  const pairs: string[] = [];
  pair(parse(`f = ${text}`).definitions[0]!.body, (a, b) => {
    pairs.push(`${print(a)} ${print(b)}`);
    return undefined;
  });
  return pairs;
}

describe("pairs of terms", () => {
  it("are those of opposite signs, each both ways", () => {
    assert.deepEqual(asked("a - b + c"), ["a b", "b a", "b c", "c b"]);
  });

  it("are none in a sum of terms of one sign, however many there are", () => {
    assert.isEmpty(asked("a + b + c + d"));
  });
});
