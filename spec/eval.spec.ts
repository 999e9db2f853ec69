import { assert } from "chai";
import fc from "fast-check";
import { bind, type Given } from "../lib/bind.ts";
import { evaluate, evaluateAt, inputTables } from "../lib/eval.ts";
import { axisExtent, fixedExtent } from "../lib/expr/extent.ts";
import { apply, at, index, num, read, reduce, where, type Expr } from "../lib/expr/node.ts";
import type { Op } from "../lib/expr/ops.ts";
import { parse } from "../lib/parse.ts";
import { decimal, type Decimal } from "../lib/number/decimal.ts";
import { double } from "../lib/number/double.ts";
import type { Field } from "../lib/number/field.ts";
import { value } from "../lib/value.ts";

const nothing = bind({ inputs: [], bounds: [], definitions: [] }, {});

/** The value of an expression without inputs. */
function constant<T>(e: Expr, field: Field<T>): T {
  const { sizes } = nothing;
  return evaluateAt(e, new Map(), { field, sizes, tables: inputTables(nothing, field) });
}

const half = num(0.5);
const yes = apply("lt", num(0), num(1));
const no = apply("lt", num(1), num(0));

const sixteenths = fc.integer({ min: -64, max: 64 }).map((n) => n / 16);

const matrix = (rows: number, columns: number): fc.Arbitrary<number[][]> =>
  listOf(rows, listOf(columns, sixteenths));

const listOf = <T>(length: number, of: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.array(of, { minLength: length, maxLength: length });

describe("evaluate", () => {
  let exact: Field<Decimal>;
  before(async () => (exact = await decimal()));

  // prettier-ignore
  const operations: Record<Op, [e: Expr, value: number]> = {
    quotient: [apply("quotient", num(-7), num(2)), -4],
    add:      [apply("add", half, num(2), num(4)), 6.5],
    sub:      [apply("sub", half, num(2)), -1.5],
    mul:      [apply("mul", half, num(3), num(4)), 6],
    div:      [apply("div", num(1), num(8)), 0.125],
    neg:      [apply("neg", half), -0.5],
    pow:      [apply("pow", num(2), num(-3)), 0.125],
    max:      [apply("max", half, num(2), num(-4)), 2],
    min:      [apply("min", half, num(2), num(-4)), -4],
    abs:      [apply("abs", num(-0.5)), 0.5],
    sign:     [apply("sign", num(-0.5)), -1],
    relu:     [apply("relu", num(-0.5)), 0],
    exp:      [apply("exp", half), 1.6487212707001282],
    expm1:    [apply("expm1", half), 0.6487212707001282],
    log:      [apply("log", num(0.25)), -1.3862943611198906],
    log1p:    [apply("log1p", half), 0.4054651081081644],
    log2:     [apply("log2", num(8)), 3],
    log10:    [apply("log10", num(1000)), 3],
    sqrt:     [apply("sqrt", num(6.25)), 2.5],
    cbrt:     [apply("cbrt", num(-27)), -3],
    sin:      [apply("sin", half), 0.479425538604203],
    cos:      [apply("cos", half), 0.8775825618903728],
    tan:      [apply("tan", half), 0.5463024898437905],
    asin:     [apply("asin", half), 0.5235987755982989],
    acos:     [apply("acos", half), 1.0471975511965979],
    atan:     [apply("atan", half), 0.4636476090008061],
    sinh:     [apply("sinh", half), 0.5210953054937474],
    cosh:     [apply("cosh", half), 1.1276259652063807],
    tanh:     [apply("tanh", half), 0.4621171572600097],
    asinh:    [apply("asinh", half), 0.48121182505960347],
    acosh:    [apply("acosh", num(2)), 1.3169578969248166],
    atanh:    [apply("atanh", half), 0.5493061443340549],
    sigmoid:  [apply("sigmoid", half), 0.6224593312018546],
    softplus: [apply("softplus", half), 0.9740769841801067],
    erf:      [apply("erf", half), 0.5204998778130465],
    erfc:     [apply("erfc", half), 0.4795001221869535],
    atan2:    [apply("atan2", num(1), num(-1)), 2.356194490192345],
    hypot:    [apply("hypot", num(3), num(4)), 5],
    stop:     [apply("stop", half), 0.5],
    expsum:   [apply("expsum", half, num(1), num(-1)), 1.6487212707001282],
    exactsum: [apply("exactsum", half, num(2), num(4)), 6.5],
    roundoff: [apply("roundoff", half, num(2)), 0],
    mulroundoff: [apply("mulroundoff", half, num(2)), 0],
    precise:  [apply("precise", half), 0.5],
    lt:       [apply("lt", num(1), half), 0],
    le:       [apply("le", half, half), 1],
    gt:       [apply("gt", num(1), half), 1],
    ge:       [apply("ge", half, num(1)), 0],
    eq:       [apply("eq", half, num(1)), 0],
    ne:       [apply("ne", half, num(1)), 1],
    and:      [apply("and", yes, yes, no), 0],
    or:       [apply("or", no, no, yes), 1],
    not:      [apply("not", no), 1],
    iverson:  [apply("iverson", yes), 1],
  };
  for (const [op, [e, want]] of Object.entries(operations))
    it(`gives ${op} its meaning, in doubles and in decimals`, () => {
      assert.closeTo(constant(e, double), want, 4 * Number.EPSILON * Math.abs(want));
      assert.closeTo(exact.toNumber(constant(e, exact)), want, 2 * Number.EPSILON * Math.abs(want));
    });

  // prettier-ignore
  const withNaN: [op: Op, e: Expr, value: number][] = [
    ["max",  apply("max", num(0), num(NaN)),  NaN],
    ["min",  apply("min", num(NaN), num(0)),  NaN],
    ["relu", apply("relu", num(NaN)),         NaN],
    ["sign", apply("sign", num(NaN)),         NaN],
    ["abs",  apply("abs", num(NaN)),          NaN],
    ["lt",   apply("lt", num(NaN), num(0)),   0],
    ["ge",   apply("ge", num(NaN), num(0)),   0],
    ["eq",   apply("eq", num(NaN), num(NaN)), 0],
    ["ne",   apply("ne", num(NaN), num(NaN)), 1],
    ["sign", apply("sign", num(0)),           0],
  ];
  for (const [op, e, want] of withNaN)
    it(`gives ${op} ${want} where an operand is NaN or 0`, () => {
      assert.deepEqual(constant(e, double), want);
      assert.deepEqual(exact.toNumber(constant(e, exact)), want);
    });

  // prettier-ignore
  const reductions: [text: string, x: number[], value: number][] = [
    ["sum(i, x[i])",       [],                     0],
    ["prod(i, x[i])",      [],                     1],
    ["max(i, x[i])",       [],                     -Infinity],
    ["min(i, x[i])",       [],                     Infinity],
    ["logsumexp(i, x[i])", [],                     -Infinity],
    ["mean(i, x[i])",      [],                     NaN],
    ["argmax(i, x[i])",    [],                     -1],
    ["argmin(i, x[i])",    [],                     -1],
    ["sum(i, x[i])",       [1, 2, 4],              7],
    ["prod(i, x[i])",      [3, 2, 4],              24],
    ["max(i, x[i])",       [1, 4, 2],              4],
    ["min(i, x[i])",       [4, 1, 2],              1],
    ["mean(i, x[i])",      [1, 2, 6],              3],
    ["argmax(i, x[i])",    [1, 4, 4],              1],
    ["argmin(i, x[i])",    [2, 1, 1],              1],
    ["logsumexp(i, x[i])", [0, 0],                 Math.LN2],
    ["logsumexp(i, x[i])", [1000, 1000],           1000 + Math.LN2],
    ["logsumexp(i, x[i])", [-1000, -1000],         -1000 + Math.LN2],
    ["logsumexp(i, x[i])", [0, -40],               4.248354255291589e-18],       // the greatest term stands apart
    ["logsumexp(i, x[i])", [-Infinity, 3],         3],
    ["logsumexp(i, x[i])", [-Infinity, -Infinity], -Infinity],
    ["logsumexp(i, x[i])", [Infinity, 3],          Infinity],
    ["logsumexp(i, x[i])", [NaN, Infinity],        NaN],
    ["max(i, x[i])",       [1, NaN, 2],            NaN],
    ["min(i, x[i])",       [1, NaN, 2],            NaN],
    ["argmax(i, x[i])",    [1, NaN, NaN],          1],
    ["argmin(i, x[i])",    [1, NaN, 0],            1],
    ["argmax(i, x[i])",    [-Infinity],            0],
    ["sum(i, x[i])",       [Infinity, -Infinity],  NaN],
    ["sum(i, x[i] > 0, x[i])", [1, -2, 4],         5],
    ["mean(i, x[i] > 0, x[i])", [1, -2, 4],        2.5],
    ["mean(i, x[i] > 9, x[i])", [1, -2, 4],        NaN],
    ["argmax(i, x[i] < 4, x[i])", [1, 4, 2],       2],
    ["max(i, x[i] < 0, x[i])", [1, 4, 2],          -Infinity],
    ["count(i, x[i] > 0)", [1, -2, 4],             2],
  ];
  for (const [text, x, want] of reductions)
    it(`gives ${text} of [${x}] the value ${want}, in doubles and in decimals`, () => {
      const program = parse(`loss = ${text}`);
      const binding = bind(program, { x });
      const inDoubles = evaluate(program.definitions, binding, double).get("loss")!.data[0]!;
      const inDecimals = exact.toNumber(evaluate(program.definitions, binding, exact).get("loss")!.data[0]!);
      if (Number.isNaN(want) || !Number.isFinite(want)) assert.deepEqual(inDoubles, want);
      else assert.closeTo(inDoubles, want, 2 * Number.EPSILON * Math.abs(want));
      assert.deepEqual(inDecimals, want);
    });

  // prettier-ignore
  const programs: [what: string, text: string, given: Given, shape: number[], data: number[]][] = [
    ["a gather by labels",        "out[i] = s[i,y[i]]", { s: [[1, 2], [3, 4]], y: [1, 0] }, [2], [2, 3]],
    ["a diagonal",                "out[i] = s[i,i]", { s: [[1, 2], [3, 4]] }, [2], [1, 4]],
    ["a transpose",               "out[j,i] = s[i,j]", { s: [[1, 2, 3], [4, 5, 6]] }, [3, 2], [1, 4, 2, 5, 3, 6]],
    ["a window",                  "out[p] = sum(r, x[p + r] * w[r])", { x: [1, 2, 3, 4], w: [1, 10] }, [3], [21, 32, 43]],
    ["a window with a stride",    "out[p] = max(r < 2, x[2*p + r])", { x: [1, 5, 2, 4, 9] }, [2], [5, 4]],
    ["a window without room",     "out[p] = sum(r, x[p + r] * w[r])", { x: [1], w: [1, 10] }, [0], []],
    ["a difference",              "out = sum(i, abs(x[i + 1] - x[i]))", { x: [1, 4, 2] }, [], [5]],
    ["indices as numbers",        "out = sum(i, i * x[i])", { x: [1, 2, 3] }, [], [8]],
    ["a size",                    "out = extent(x, 0) * x[0]", { x: [2, 2, 3] }, [], [6]],
    ["an argmax as a subscript",  "k[i] = argmax(j, s[i,j])\nout[i] = s[i,k[i]]", { s: [[1, 2], [4, 3]] }, [2], [2, 4]],
    ["a condition with a name",   "hit[i] = x[i] > 0\nout = sum(i, hit[i], x[i])", { x: [1, -2, 3] }, [], [4]],
    ["a chain of comparisons",    "out = sum(i, [0 <= x[i] < 2])", { x: [0, 1, 2, -1] }, [], [2]],
    ["a sum in a sum's guard",    "out = sum(i, x[i] > mean(k, x[k]), x[i])", { x: [1, 2, 9] }, [], [9]],
    ["a triangle",                "out = sum(i, sum(j < i, x[i] * x[j]))", { x: [1, 2, 3] }, [], [11]],
    ["a product of ints",         "out = prod(i, y[i]) / 2", { y: [3, 5] }, [], [7.5]],
    ["several indices and a guard", "out = mean(i, p, q, t[i,p] > t[i,q], t[i,p] - t[i,q])", { t: [[1, 3], [2, 2]] }, [], [2]],
  ];
  for (const [what, text, given, shape, data] of programs)
    it(`evaluates ${what}`, () => assert.deepEqual(value(parse(text), given), { shape, data }));

  describe("is lazy", () => {
    const i = index("i", fixedExtent(4));
    const inside = apply("lt", at(i), num(2));
    const x = read("x", [at(i)]);
    const binding = bind(parse("out = sum(k, x[k])"), { x: [1, 2] });
    const total = (body: Expr, guard?: Expr): number | undefined =>
      evaluate([{ name: "out", indices: [], body: reduce("sum", i, guard, body) }], binding, double).get(
        "out",
      )!.data[0];
    const positive = apply("gt", x, num(0));

    // prettier-ignore
    const lazy: [what: string, total: () => number | undefined, value: number][] = [
      ["in the guard of a sum",          () => total(x, inside), 3],
      ["in where",                       () => total(where(inside, x, num(0))), 3],
      ["in the other branch of where",   () => total(where(apply("not", inside), num(0), x)), 3],
      ["in and",                         () => total(num(1), apply("and", inside, positive)), 2],
      ["in or",                          () => total(num(1), apply("or", apply("not", inside), positive)), 4],
    ];
    for (const [what, total, want] of lazy) it(what, () => assert.equal(total(), want));

    it("and names a read that leaves its array", () =>
      assert.throws(() => total(x), "x is read at 2 along axis 0, whose size is 2"));
  });

  it("lets an inner binder of the same index shadow the outer one", () => {
    // a name of its own: were the inner sum known already, it would have the index that it had there
    const i = index("i", axisExtent("shadowed", 0));
    const x = read("shadowed", [at(i)]);
    const total = reduce("sum", i, undefined, x);
    const body = reduce("sum", i, undefined, apply("add", apply("mul", x, total), x));
    const binding = bind(parse("out = sum(i, shadowed[i])"), { shadowed: [1, 2, 4] });
    const table = evaluate([{ name: "out", indices: [], body }], binding, double).get("out")!;
    assert.equal(table.data[0], 7 * 7 + 7);
  });

  it("evaluates shared expressions once, not once a path", () => {
    let e: Expr = apply("add", num(1), num(1e-9));
    for (let n = 0; n < 60; n++) e = apply("mul", e, e, num(0.5));
    assert.isNumber(constant(e, double));
  });

  it("keeps shared expressions apart where their indices differ", () => {
    const text = "out = sum(i, sum(j, exp(x[i]) * exp(x[j]) * exp(x[i])))";
    const [a, b] = [Math.exp(0.5), Math.exp(-1)];
    const want = a * a * a + a * b * a + b * a * b + b * b * b;
    assert.closeTo(value(parse(text), { x: [0.5, -1] }).data[0]!, want, 1e-14);
  });

  it("computes integers exactly in decimals where doubles round", () => {
    const program = parse("out = prod(i, y[i])");
    const { data } = evaluate(
      program.definitions,
      bind(program, { y: [2 ** 30, 2 ** 30 - 1, 3] }),
      exact,
    ).get("out")!;
    assert.equal(data[0]!.toFixed(), String(2n ** 30n * (2n ** 30n - 1n) * 3n));
  });

  it("reads a table given instead of a definition or an input", () => {
    const program = parse("s[i] = 2 * x[i]\nout = sum(i, s[i])");
    const binding = bind(program, { x: [1, 2] });
    const at = (name: string, data: number[]): number | undefined =>
      evaluate(program.definitions, binding, double, {
        instead: new Map([[name, { shape: [2], data }]]),
      }).get("out")!.data[0];
    assert.equal(at("x", [3, 4]), 14);
    assert.equal(at("s", [3, 4]), 7);
  });

  it("evaluates what is stopped in the scope given for it", () => {
    const program = parse("out = x * stop(x)");
    const stopped = new Map([["x", { shape: [], data: [10] }]]);
    const values = evaluate(program.definitions, bind(program, { x: 3 }), double, { stopped });
    assert.equal(values.get("out")!.data[0], 30);
  });

  it("agrees with loops written out, for hinge and softmax of any shape", () => {
    const problem = fc
      .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
      .chain(([n, c]) => fc.tuple(matrix(n, c), listOf(n, fc.nat(c - 1))));
    const hinge = parse("out = mean(i, sum(j != y[i], max(0, s[i,j] - s[i,y[i]] + 1)))");
    const softmax = parse("out = mean(i, logsumexp(j, s[i,j]) - s[i,y[i]])");
    fc.assert(
      fc.property(problem, ([s, y]) => {
        let [byHinge, bySoftmax] = [0, 0];
        s.forEach((row, i) => {
          const right = row[y[i]!]!;
          byHinge += row.filter((_, j) => j !== y[i]).reduce((sum, x) => sum + Math.max(0, x - right + 1), 0);
          bySoftmax += Math.log(row.reduce((sum, x) => sum + Math.exp(x - right), 0));
        });
        assert.closeTo(value(hinge, { s, y }).data[0]!, byHinge / s.length, 1e-13);
        assert.closeTo(value(softmax, { s, y }).data[0]!, bySoftmax / s.length, 1e-12);
      }),
      { seed: 1, numRuns: 100 },
    );
  });
});
