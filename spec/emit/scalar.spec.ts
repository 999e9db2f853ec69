import { assert } from "chai";
import fc from "fast-check";
import type { Op } from "../../lib/expr/ops.ts";
import { ops } from "../../lib/expr/ops.ts";
import { double } from "../../lib/number/double.ts";
import { applied } from "../loop/applied.ts";
import { ulps } from "../../lib/number/ulp.ts";
import { wide } from "../../lib/number/wide/wide.ts";
import { functions, functionsIn } from "../../lib/emit/functions.ts";
import { emitScalar } from "../../lib/emit/scalar.ts";
import { Random } from "../../lib/check/random.ts";
import { call } from "../../lib/loop/integer.ts";
import { constant, named, select, type Scalar } from "../../lib/loop/nest.ts";

const values = { x: 0.75, y: -1.5, z: 3 };
const leaf = fc.oneof(
  fc.constantFrom(...Object.keys(values)).map((name) => named(name, "real")),
  fc.constantFrom(2, -2, 0.5, -0).map((value) => constant(value, "real")),
);

/** Trees of operators, whose printing needs parentheses. */
const { tree } = fc.letrec<{ tree: Scalar; condition: Scalar }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, depthIdentifier: "scalar" },
    leaf,
    fc.tuple(fc.constantFrom<Op>("sub", "div"), tie("tree"), tie("tree")).map(([op, a, b]) => call(op, a, b)),
    fc
      .tuple(fc.constantFrom<Op>("add", "mul"), fc.array(tie("tree"), { minLength: 2, maxLength: 3 }))
      .map(([op, args]) => call(op, ...args)),
    fc.tuple(fc.constantFrom<Op>("neg", "abs", "relu", "stop"), tie("tree")).map(([op, a]) => call(op, a)),
    fc.tuple(tie("condition"), tie("tree"), tie("tree")).map(([c, a, b]) => select(c, a, b)),
    tie("condition").map((c) => call("iverson", c)),
  ),
  condition: fc.oneof(
    { maxDepth: 5, depthIdentifier: "scalar" },
    fc
      .tuple(fc.constantFrom<Op>("lt", "le", "gt", "ge", "eq", "ne"), tie("tree"), tie("tree"))
      .map(([op, a, b]) => call(op, a, b)),
    fc
      .tuple(fc.constantFrom<Op>("and", "or"), fc.array(tie("condition"), { minLength: 2, maxLength: 3 }))
      .map(([op, args]) => call(op, ...args)),
    tie("condition").map((c) => call("not", c)),
  ),
}));

/** What a scalar means, by the double field. */
function meaning(s: Scalar): number {
  switch (s.kind) {
    case "const":
      return s.value;
    case "name":
      return values[s.name as keyof typeof values];
    case "select":
      return meaning(s.guard) !== 0 ? meaning(s.yes) : meaning(s.no);
    case "load":
      throw new Error("there are no loads here");
    case "apply":
      return applied(s.op, s.args.map(meaning));
  }
}

function run(code: string): number {
  const all = `${functionsIn(code, "js").join("\n")}\nreturn ${code};`;
  return Number(new Function(...Object.keys(values), all)(...Object.values(values)));
}

describe("a printed scalar", () => {
  it("means what it is, whatever parentheses are left out", () => {
    fc.assert(
      fc.property(tree, (s) => {
        assert.deepEqual(run(emitScalar(s, "js")) + 0, meaning(s) + 0);
        assert.deepEqual(run(emitScalar(s, "js", true)) + 0, meaning(s) + 0);
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  // prettier-ignore
  const spelled: readonly (readonly [Scalar, string])[] = [
    [call("mul", call("add", named("x", "real"), named("y", "real")), named("z", "real")),          "(x + y) * z"],
    [call("add", named("x", "real"), call("mul", named("y", "real"), named("z", "real"))),          "x + y * z"],
    [call("sub", named("x", "real"), call("sub", named("y", "real"), named("z", "real"))),          "x - (y - z)"],
    [call("add", named("x", "real"), call("neg", named("y", "real")), constant(-2)),                "x - y - 2"],
    [call("neg", call("neg", named("x", "real"))),                                                  "-(-x)"],
    [select(call("gt", named("x", "real"), constant(0)), named("x", "real"), constant(0)),          "x > 0 ? x : 0"],
    [call("mul", call("iverson", call("gt", named("x", "real"), constant(0))), named("y", "real")), "+(x > 0) * y"],
    [call("max", constant(0), call("sub", named("x", "real"), named("y", "real"))),                 "Math.max(0, x - y)"],
  ];
  for (const [scalar, expected] of spelled)
    it(`is ${expected}`, () => assert.equal(emitScalar(scalar, "js"), expected));

  it("has no branch for two comparisons that count together, where it is to be quick", () => {
    const [x, y, z] = [named("x", "real"), named("y", "real"), named("z", "real")];
    const both = call("iverson", call("and", call("lt", x, y), call("gt", y, z)));
    assert.equal(emitScalar(both, "js"), "+(x < y && y > z)");
    assert.equal(emitScalar(both, "js", true), "+(x < y) * +(y > z)");
    assert.equal(emitScalar(call("div", x, both), "js", true), "x / (+(x < y) * +(y > z))");
    const later = call("iverson", call("and", call("lt", x, y), call("gt", call("exp", y), z)));
    assert.equal(emitScalar(later, "js", true), "+(x < y && exp(y) > z)");
  });

  for (const op of Object.keys(ops) as Op[])
    if (op in double.functions)
      it(`of ${op} computes what the reference does`, () => {
        const arity = ops[op].arity[0];
        const args = arity === 1 ? [named("x", "real")] : [named("x", "real"), named("z", "real")];
        const [got, expected] = [run(emitScalar(call(op, ...args), "js")), meaning(call(op, ...args))];
        if (op === "acosh") assert.isNaN(got);
        else assert.closeTo(got, expected, 4e-16 * Math.abs(expected));
      });

  for (const x of [-Infinity, -800, -5, -0.3, 0, 1e-300, 0.46875, 2, 5, 30, 800, Infinity, NaN])
    for (const op of ["sigmoid", "softplus", "erf", "erfc"] as const)
      it(`of ${op} at ${x} is the reference's`, () => {
        const code = emitScalar(call(op, named("t", "real")), "js");
        const got = new Function("t", `${functionsIn(code, "js").join("\n")}\nreturn ${code};`)(x) as number;
        const expected = double.functions[op](x);
        if (Number.isFinite(expected)) assert.closeTo(got, expected, 4e-16 * Math.abs(expected));
        else assert.deepEqual(got, expected);
      });
});

/** An emitted function, by its name. */
const emitted = (name: string): ((...args: readonly number[]) => number) =>
  new Function(`${functionsIn(`${name}(x, y, z, w)`, "js").join("\n")}\nreturn ${name};`)() as (
    ...args: readonly number[]
  ) => number;

/** The functions that code needs. */
const text = (code: string): string => functionsIn(code, "js").join("\n");

describe("the emitted exponential", () => {
  const exp = emitted("exp");
  const many = wide();

  it("is within 0.55 ulp of the true one", () => {
    const random = new Random(5);
    const points = [0, -0, 1e-300, -1e-300, 0.0108, -0.0109, 0.346, 1, -1, 699.99, -699.99];
    for (let n = 0; n < 400; n++) points.push(random.normal() * [0.01, 1, 30, 200][n % 4]!);
    let worst = 0;
    for (const x of points.filter((x) => Math.abs(x) < 700)) {
      const low = (random.uniform() - 0.5) * 2 ** -53 * x;
      const exact = many.functions.exp(many.functions.add(many.fromNumber(x), many.fromNumber(low)));
      worst = Math.max(worst, ulps(exp(x, low), exact, many));
    }
    assert.isAtMost(worst, 0.55);
  });

  for (const x of [700, -700, 709.7, 710, -745, -746, Infinity, -Infinity, NaN])
    it(`is the platform's at ${x}`, () => assert.deepEqual(exp(x), Math.exp(x)));
});

describe("emitted functions", () => {
  for (const x of [
    NaN,
    -Infinity,
    -Number.MAX_VALUE,
    -1,
    -5e-324,
    -0,
    0,
    5e-324,
    1,
    Number.MAX_VALUE,
    Infinity,
  ])
    it(`relu is max(0, x) at ${x}`, () => assert.isTrue(Object.is(emitted("relu")(x), Math.max(0, x))));

  it("come in a short form where no call has more arguments", () => {
    assert.include(
      text("exactSum(a[f(i, j)], -b, (c + d))"),
      functions["exactSum"]!.short!.text.split("‹")[0]!.trim(),
    );
    assert.notInclude(text("exactSum(a, b, c)"), "d = 0");
    assert.include(text("exactSum(a, b, c) + exactSum(a, b, c, d)"), "d = 0");
    assert.equal(emitted("exactSum")(1e16, 1, -1e16, 0.5), 1.5);
  });

  it("are not asked for by what comments say", () => {
    assert.deepEqual(functionsIn("    // p = exp(relu(x))\n  Math.exp(x);", "js"), []);
  });
});
