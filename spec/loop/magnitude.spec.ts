import { assert } from "chai";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { axisExtent } from "../../lib/expr/extent.ts";
import {
  apply,
  at,
  index,
  num,
  read,
  reduce,
  size,
  where,
  type Expr,
  type Index,
} from "../../lib/expr/node.ts";
import { generate } from "../../lib/generate.ts";
import { Magnitudes } from "../../lib/loop/magnitude.ts";
import type { Stage } from "../../lib/loop/stage.ts";
import { parse } from "../../lib/parse.ts";

const [rows, columns] = [axisExtent("size_s", 0), axisExtent("size_s", 1)];
const [i, j, k] = [index("i", rows), index("j", columns), index("k", columns)];
const s = (row: Index, column: Index): Expr => read("size_s", [at(row), at(column)]);
const row = (name: string, indices: readonly Index[], body: Expr): Stage => ({
  role: "row",
  axis: 0,
  name,
  indices,
  type: body.type,
  body,
  formula: undefined,
});
const top = read("top", [at(i)]);
const e = read("e", [at(i), at(j)]);
const magnitudes = new Magnitudes([
  row("top", [i], reduce("max", k, undefined, s(i, k))),
  row("most", [i], reduce("max", k, apply("ne", at(k), num(0)), s(i, k))),
  row("e", [i, j], apply("expsum", s(i, j), apply("neg", top))),
  row("total", [i], reduce("sum", j, undefined, e)),
  {
    role: "accumulate",
    op: "sum",
    guard: undefined,
    name: "all",
    indices: [],
    type: "real",
    body: read("total", [at(i)]),
    formula: undefined,
  },
]);

// prettier-ignore
const cases: readonly (readonly [title: string, value: Expr, log2: number])[] = [
  ["a number",                                             num(8),                                          3],
  ["a number below 1",                                     num(0),                                          0],
  ["an index",                                             at(i),                                           53],
  ["a size",                                               size(rows),                                      53],
  ["an input",                                             s(i, j),                                         Infinity],
  ["an indicator",                                         apply("iverson", apply("gt", s(i, j), num(0))),  0],
  ["a sum of two numbers",                                 apply("add", num(4), num(4)),                    3],
  ["a product",                                            apply("mul", num(4), num(-8)),                   5],
  ["0 times an input",                                     apply("mul", num(0), s(i, j)),                   Infinity],
  ["a quotient",                                           apply("div", num(1), s(i, j)),                   Infinity],
  ["a choice",                                             where(apply("gt", s(i, j), num(0)), num(2), num(4)), 2],
  ["a choice with an input",                               where(apply("gt", s(i, j), num(0)), num(2), s(i, j)), Infinity],
  ["an exponential",                                       apply("exp", s(i, j)),                           Infinity],
  ["an exponential of a value less the largest of all",    e,                                               0],
  ["the same in one step",                                 apply("exp", apply("sub", s(i, j), top)),        0],
  ["the same the other way about",                         apply("exp", apply("sub", top, s(i, j))),        Infinity],
  ["an exponential less the largest of some",              apply("exp", apply("sub", s(i, j), read("most", [at(i)]))), Infinity],
  ["an exponential less the largest of others",            apply("exp", apply("sub", apply("neg", s(i, j)), top)), Infinity],
  ["a sum of such exponentials",                           read("total", [at(i)]),                          53],
  ["the sum of these over all rows",                       read("all", []),                                 106],
  ["a largest value, of nothing perhaps",                  reduce("max", j, undefined, num(1)),             Infinity],
];

describe("how large a value can be", () => {
  for (const [title, value, log2] of cases)
    it(`is known of ${title}: ${log2 === Infinity ? "any size" : `2^${log2}`}`, () =>
      assert.equal(magnitudes.of(value), log2));
});

it("a quotient of a quotient is divided once where its divisors cannot overflow together", () => {
  const text = "loss = mean(i, logsumexp(j, s[i,j]) - s[i,y[i]])";
  const { code } = generate(differentiate(parse(text), { wrt: ["s"] }), { target: "js", style: "fused" });
  assert.include(code, "const product = total * N;");
  assert.match(code, /= e\[j\] \/ product;/u);
});
