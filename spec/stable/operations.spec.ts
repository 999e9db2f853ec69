import { assert } from "chai";
import { parse } from "../../lib/parse.ts";
import { operationsIn } from "../../lib/stable/operations.ts";

const operations = (text: string): string[] =>
  [...operationsIn(parse(`f = ${text}`).definitions[0]!.body)].toSorted();

describe("operations in sums and products", () => {
  it("are those of terms and factors, above and below the line, under roots and powers", () => {
    assert.includeMembers(operations("a - b * exp(x) / sqrt(2 * tanh(y))^3"), ["exp", "tanh", "sqrt", "pow"]);
  });

  it("are those of both sides of a choice, not of its condition", () => {
    assert.sameMembers(operations("abs(x) > 1 ? exp(x) : sin(x)"), ["exp", "sin"]);
  });

  it("are not those in the arguments of other functions, nor in sums over an index", () => {
    assert.sameMembers(operations("log(exp(x))"), ["log"]);
    assert.sameMembers(operations("sum(i, exp(v[i]))"), []);
  });
});
