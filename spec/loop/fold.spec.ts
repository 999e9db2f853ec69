import { assert } from "chai";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { generate } from "../../lib/generate.ts";
import { foldConstants } from "../../lib/loop/fold.ts";
import { call } from "../../lib/loop/integer.ts";
import { constant, load, named, select, type Scalar, type Statement } from "../../lib/loop/nest.ts";
import { printStatements } from "../../lib/loop/print.ts";
import { parse } from "../../lib/parse.ts";

const [i, j, x] = [named("i", "int"), named("j", "int"), named("x", "real")];
const one: Statement = { kind: "let", name: "i", type: "int", value: constant(1), mutable: false };
const store = (value: Scalar, offset: Scalar = j): Statement => ({
  kind: "store",
  buffer: "b",
  offset,
  by: "set",
  value,
});
const loop = (body: readonly Statement[]): Statement => ({
  kind: "for",
  index: "j",
  from: constant(0),
  to: constant(9),
  body,
});
const is = (value: number): Scalar => call("eq", i, constant(value));

/** What a statement becomes where i is 1. */
// prettier-ignore
const cases: readonly (readonly [Statement, readonly string[]])[] = [
  [store(load("a", call("add", call("mul", i, named("N", "int")), j), "real")),         ["b[j] = a[add(N, j)]"]],
  [store(select(is(1), x, constant(0, "real"))),                                        ["b[j] = x"]],
  [store(select(is(2), x, constant(3, "real"))),                                        ["b[j] = 3"]],
  [store(call("add", x, call("iverson", is(0)))),                                       ["b[j] = x"]],
  [store(call("sub", x, call("iverson", is(0)))),                                       ["b[j] = x"]],
  [store(call("iverson", call("and", is(1), call("lt", j, constant(5))))),              ["b[j] = iverson(lt(j, 5))"]],
  [store(call("iverson", call("or", is(1), call("lt", j, constant(5))))),               ["b[j] = 1"]],
  [store(call("iverson", call("not", call("ge", i, constant(1))))),                     ["b[j] = 0"]],
  [{ kind: "if", guard: is(1), yes: [store(x)], no: [] },                               ["b[j] = x"]],
  [{ kind: "if", guard: is(0), yes: [store(x)], no: [] },                               []],
  [store(call("add", x, constant(0, "real"))),                                          ["b[j] = add(x, 0)"]],
];

describe("foldConstants", () => {
  for (const [statement, expected] of cases)
    it(`leaves ${expected.join("; ") || "nothing"} of ${printStatements([statement]).join(" ")}`, () => {
      assert.deepEqual(printStatements(foldConstants([one, statement])), expected);
    });

  it("leaves out what is read for an answer that is never asked for", () => {
    const read: Statement = {
      kind: "let",
      name: "x",
      type: "real",
      value: load("a", j, "real"),
      mutable: false,
    };
    const [folded] = foldConstants([one, loop([read, store(select(is(2), x, constant(3, "real")))])]);
    assert.deepEqual(printStatements([folded!]), printStatements([loop([store(constant(3, "real"))])]));
  });

  it("leaves variables alone, and constants that are no integers", () => {
    const statements: readonly Statement[] = [
      { ...one, mutable: true },
      { kind: "let", name: "x", type: "real", value: constant(1, "real"), mutable: false },
      store(call("mul", x, x), i),
    ];
    assert.deepEqual(foldConstants(statements), statements);
  });

  it("leaves no comparison of constants in what is emitted for rows that are read one by one", () => {
    const text =
      "loss = logsumexp(j, s[0,j]) + sum(j, s[0,j] * s[1,j]) - s[0,y[0]] - s[1,y[1]] + s[2,y[2]]^2";
    for (const style of ["loops", "fused"] as const) {
      const { code } = generate(differentiate(parse(text), { wrt: ["s"] }), { target: "ts", style });
      assert.notMatch(code, /const i\d* = \d+;|\b\d+ [!=]== \d+|if \(true\)/u);
    }
  });
});
