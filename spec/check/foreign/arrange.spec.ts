import { assert } from "chai";
import { entry } from "../../../lib/catalogue.ts";
import { arrange } from "../../../lib/check/foreign/arrange.ts";
import { parse } from "../../../lib/parse.ts";

const hinge = parse(entry("hinge")!.text);

const passed = (...parameters: readonly string[]): readonly string[] =>
  arrange(hinge, {
    name: "f",
    parameters: parameters.map((p) => ({ name: p.replace("?", ""), optional: p.endsWith("?") })),
  }).passed;

describe("check/foreign/arrange", () => {
  it("takes CS231n's order whatever the names are", () => {
    assert.deepEqual(passed("weights", "samples", "classes", "strength"), ["W", "X", "y", "reg"]);
  });

  it("goes by the names where they are the program's, in any case", () => {
    assert.deepEqual(passed("x", "Y", "w", "delta", "lam"), ["X", "y", "W", "Delta", "reg"]);
  });

  it("passes optional parameters that are inputs, and leaves others alone", () => {
    assert.deepEqual(passed("W", "X", "y", "reg", "Delta?", "verbose?"), ["W", "X", "y", "reg", "Delta"]);
  });

  it("refuses functions that lack an array", () => {
    assert.throws(() => passed("W", "reg"), /does not take the inputs of the loss/u);
  });
});
