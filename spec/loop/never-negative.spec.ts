import { assert } from "chai";
import { axisExtent } from "../../lib/expr/extent.ts";
import { apply, at, index, num, read, reduce, size, where, type Expr } from "../../lib/expr/node.ts";
import { neverNegative } from "../../lib/loop/never-negative.ts";

const rows = axisExtent("known_x", 0);
const i = index("i", rows);
const x = read("known_x", [at(i)]);
const e = read("known_e", [at(i)]);
const known = new Set(["known_e"]);

// prettier-ignore
const cases: readonly (readonly [title: string, value: Expr, never: boolean])[] = [
  ["a number",                            num(0),                                                true],
  ["a negative number",                   num(-1),                                               false],
  ["an index",                            at(i),                                                 true],
  ["a size",                              size(rows),                                            true],
  ["an input",                            x,                                                     false],
  ["an array that is known to be so",     e,                                                     true],
  ["a positive part",                     apply("relu", x),                                      true],
  ["an exponential",                      apply("expsum", x, e),                                 true],
  ["an even power",                       apply("pow", x, num(2)),                               true],
  ["an odd power",                        apply("pow", x, num(3)),                               false],
  ["an odd power of what is so",          apply("pow", e, num(3)),                               true],
  ["a value times itself",                apply("mul", x, x),                                    true],
  ["a product of values that may not be", apply("mul", x, apply("neg", x)),                      false],
  ["a product of values that are",        apply("mul", e, apply("abs", x)),                      true],
  ["a sum of values that are",            apply("add", e, apply("abs", x)),                      true],
  ["a sum of which one may not be",       apply("add", e, x),                                    false],
  ["a difference",                        apply("sub", e, e),                                    false],
  ["the larger of 0 and anything",        apply("max", num(0), x),                               true],
  ["the larger of any two",               apply("max", x, apply("neg", x)),                      false],
  ["the smaller of 0 and anything",       apply("min", num(0), x),                               false],
  ["a term of a compensated sum",         apply("precise", e),                                   true],
  ["a choice of values that are",         where(apply("gt", x, num(0)), e, num(0)),              true],
  ["a choice with one that may not be",   where(apply("gt", x, num(0)), e, x),                   false],
  ["a sum over values that are",          reduce("sum", i, undefined, e),                        true],
  ["a largest value, of nothing perhaps", reduce("max", i, undefined, e),                        false],
  ["a log-sum-exp",                       reduce("logsumexp", i, undefined, e),                  false],
];

describe("values that are never negative", () => {
  for (const [title, value, never] of cases)
    it(`${never ? "include" : "are not taken to include"} ${title}`, () =>
      assert.equal(neverNegative(value, known), never));
});
