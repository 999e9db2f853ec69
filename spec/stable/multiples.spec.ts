import { assert } from "chai";
import { parse } from "../../lib/parse.ts";
import { inMultiples } from "../../lib/stable/multiples.ts";
import { print } from "../../lib/text/print.ts";

const written = (text: string): readonly string[] =>
  inMultiples(parse(text).definitions).map((d) => print(d.body));

describe("quotients of a sum over a definition that is a multiple of it", () => {
  it("are the number that they are, at any subscript", () => {
    const [, loss] = written("m[j] = (p[j] + q[j]) / 2\nloss = sum(k, t[k] * (p[k] + q[k]) / (3 * m[k]))");
    assert.equal(loss, "sum(k, t[k] * 2 / 3)");
  });

  it("stay where the sum is another one, or at another place", () => {
    const text = "m[j] = (p[j] + q[j]) / 2\nloss = sum(k, (p[k] + t[k]) / m[k] + (p[0] + q[0]) / m[k])";
    assert.equal(written(text)[1], print(parse(text).definitions[1]!.body));
  });
});
