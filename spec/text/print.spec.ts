import { assert } from "chai";
import fc from "fast-check";
import { axisExtent, fixedExtent, scalarExtent, windowExtent } from "../../lib/expr/extent.ts";
import { apply, at, index, num, read, reduce, size, where, type Expr } from "../../lib/expr/node.ts";
import { latex } from "../../lib/text/latex.ts";
import { parse } from "../../lib/parse.ts";
import {
  print,
  printDefinition,
  printProgram,
  printProgramSyntax,
  printSyntax,
} from "../../lib/text/print.ts";
import { parseExpressionSyntax, parseSyntax } from "../../lib/text/parse-syntax.ts";
import { anyProgram, anySyntax } from "./grammar.ts";
import { meaningfulProgram } from "./meaningful.ts";
import { outline, outlineProgram } from "./outline.ts";

// prettier-ignore
const printed: readonly [string, string][] = [
  ["((a + b)) + (c)",                 "a + b + c"],
  ["a + (b + c)",                     "a + (b + c)"],
  ["a - (b - c)",                     "a - (b - c)"],
  ["(a * b) / c",                     "a * b / c"],
  ["a * (b / c)",                     "a * (b / c)"],
  ["(a ^ b) ^ c",                     "(a^b)^c"],
  ["a ^ (b ^ c)",                     "a^b^c"],
  ["(-a)^2",                          "(-a)^2"],
  ["-(a^2)",                          "-a^2"],
  ["-(a * b)",                        "-a * b"],
  ["(-a) * b",                        "(-a) * b"],
  ["-(2 * b)",                        "-(2 * b)"],
  ["(-2) * b",                        "-2 * b"],
  ["(-2)^b",                          "(-2)^b"],
  ["a - (-b)",                        "a - -b"],
  ["a * (-(b * c))",                  "a * -(b * c)"],
  ["x^(-1)",                          "x^-1"],
  ["x^(y - 1)",                       "x^(y - 1)"],
  ["1.0 + 2 + .5 + 1e21 + 1e-9",      "1.0 + 2 + 0.5 + 1e21 + 1e-9"],
  ["s[i , 2 * p + r - 1]",            "s[i,2*p + r - 1]"],
  ["x[i / 2 * (p + 1)]",              "x[i/2*(p + 1)]"],
  ["x[max(a * b, 2)]",                "x[max(a * b, 2)]"],
  ["!(a > b) && c || d",              "not a > b and c or d"],
  ["a && (b || c)",                   "a and (b or c)"],
  ["(a > b) ? (c ? d : e) : (f ? g : h)", "a > b ? c ? d : e : f ? g : h"],
  ["(a ? b : c) + 1",                 "(a ? b : c) + 1"],
  ["where(a < b, c, d)",              "a < b ? c : d"],
  ["[(a ≥ b)]·c",                     "[a >= b] * c"],
];

describe("printSyntax", () => {
  for (const [text, expected] of printed)
    it(`prints ${text} as ${expected}`, () =>
      assert.equal(printSyntax(parseExpressionSyntax(text)), expected));

  it("prints any expression so that it reads back as it was", () =>
    fc.assert(
      fc.property(anySyntax, (e) => {
        const text = printSyntax(e);
        assert.equal(outline(parseExpressionSyntax(text)), outline(e), text);
      }),
      { seed: 20_251, numRuns: 3000 },
    ));

  it("prints any program so that it reads back as it was", () =>
    fc.assert(
      fc.property(anyProgram, (program) => {
        const text = printProgramSyntax(program);
        assert.equal(outlineProgram(parseSyntax(text)), outlineProgram(program), text);
      }),
      { seed: 20_252, numRuns: 500 },
    ));

  it("aligns the equals signs of a program", () =>
    assert.equal(
      printProgramSyntax(parseSyntax("score[i,j]=sum(d,X[i,d]*W[d,j]); loss = 1")),
      "score[i,j] = sum(d, X[i,d] * W[d,j])\nloss       = 1",
    ));
});

// Printed as they stand here, and the same nodes when read again. The arrays are this spec's own:
// equal expressions of other specs might have come first with other names for their bound indices.
const programs: readonly string[] = [
  "loss = mean(i, sum(j != y_[i], max(0, s_[i,j] - s_[i,y_[i]] + Delta))) + reg * sum(d, j, W_[d,j]^2)",
  "loss = mean(i, logsumexp(j, s_[i,j]) - s_[i,y_[i]])",
  "loss = -mean(i, log(exp(s_[i,y_[i]]) / sum(j, exp(s_[i,j]))))",
  "loss = mean(i, max(j != y_[i], s_[i,j]) - s_[i,y_[i]])",
  "loss = mean(i, y_[i] >= 0, x_[i]) + mean(i, d, X_[i,d]) + mean(i, sum(d, X_[i,d] * X_[i,d]))",
  "loss = mean(i, p, q, t_[i,p] > t_[i,q], max(0, s_[i,q] - s_[i,p] + 1))",
  "loss = sum(i, p, q, t_[i,p] > t_[i,q], s_[i,p])",
  "loss = sum(i, x_[i]) / extent(X_, 0) * X_[0,1]",
  "pool[p,q] = max(r < 2, s < 2, X_[2*p + r,2*q + s])",
  "conv[p] = sum(r, 0 <= p + r - 1 < extent(X_, 0) and m_[r] > 0, X_[p + r - 1] * K_[r])",
  "loss = sum(i, abs(x_[i + 1] - x_[i]))",
  "loss = sum(i, sum(j < i, x_[i] * x_[j]))",
  "loss = prod(i, 1 - x_[i]) + min(i, x_[i]) + argmax(i, x_[i]) * x_[argmin(i, x_[i])]",
  "loss = sum(i, x_[i] > 0 ? x_[i] : -x_[i]) - -2 * c",
  "loss = sum(i, x_[i] > 0 and y_[i] == 1 or not x_[i] < -1 ? 1.5 : 2.0)",
  "loss = sum(i, [0 <= x_[i] < 1] * (x_[i] < 0 ? 1 : 2)^2)",
  "loss = sum(i, stop(x_[i]) * (1 - x_[i])^-2)",
  "loss = sum(i, S_[i,i])",
  "hit[i] = s_[i] > 0\nloss   = sum(i, hit[i], s_[i])",
];

/** A program's definitions, to be compared by identity. */
const bodies = (text: string): readonly Expr[] => parse(text).definitions.map((d) => d.body);

function assertReadsBack(text: string): void {
  const program = parse(text);
  const { definitions } = program;
  const again = printProgram(definitions, program);
  try {
    parse(again);
  } catch (e) {
    console.log(text + "\n--\n" + again);
    throw e;
  }
  for (const [n, body] of bodies(again).entries())
    assert.ok(body === definitions[n]!.body, `${text}\nis printed as\n${again}\nwhich is another expression`);
}

describe("printProgram", () => {
  for (const text of programs)
    it(`prints ${text} as it is, and reads it back to the same nodes`, () => {
      assert.equal(printProgram(parse(text).definitions), text);
      assertReadsBack(text);
    });

  it("reads whatever makes sense back to the same nodes", () =>
    fc.assert(
      fc.property(meaningfulProgram, (program) => assertReadsBack(printProgramSyntax(program))),
      { seed: 20_253, numRuns: 1500 },
    ));
});

describe("print", () => {
  const n = axisExtent("v_", 0);
  const [i, j] = [index("i", n), index("j", n)];
  const [v, y] = [(k: Expr): Expr => read("v_", [k]), read("y", [])];

  it("writes minus signs, not negative terms", () => {
    assert.equal(print(apply("add", y, apply("neg", v(at(i))), num(-2))), "y - v_[i] - 2");
    assert.equal(print(apply("add", y, apply("mul", num(-2), v(at(i)), y))), "y - 2 * v_[i] * y");
    assert.equal(print(apply("add", num(-2), y)), "-2 + y");
  });

  it("renames a bound index that shadows another", () => {
    const inner = reduce("sum", i, undefined, v(at(i)));
    const e = reduce("sum", i, apply("gt", v(at(i)), inner), apply("mul", v(at(i)), inner));
    assert.equal(print(e), "sum(i, v_[i] > sum(j, v_[j]), v_[i] * sum(j, v_[j]))");
    assert.equal(print(apply("mul", v(at(i)), inner)), "v_[i] * sum(j, v_[j])");
    assert.equal(printDefinition({ name: "a", indices: [i], body: inner }), "a[i] = sum(j, v_[j])");
  });

  it("gives the name of an index that an inner binder hides to none inside", () => {
    const [j, made] = [index("j", n), index("j′2", n)];
    const inner = reduce("sum", j, undefined, reduce("sum", made, undefined, read("Y", [at(j), at(made)])));
    const e = reduce("sum", j, undefined, apply("mul", v(at(j)), inner));
    assert.equal(print(e), "sum(j, v_[j] * sum(k, m, Y[k,m]))");
  });

  it("gives made-up indices and those that are called alike names of their own", () => {
    const alike = index("i", fixedExtent(3));
    const made = index("i′2", n);
    const e = apply("add", v(at(i)), v(at(alike)), v(at(made)));
    assert.equal(print(e), "v_[i] + v_[j] + v_[k]");
    assert.equal(printDefinition({ name: "a", indices: [made], body: v(at(made)) }), "a[i] = v_[i]");
  });

  it("renames a bound index that has the name of an input or a definition", () => {
    const k = index("y", n);
    assert.equal(print(reduce("sum", k, undefined, apply("mul", v(at(k)), y))), "sum(y2, v_[y2] * y)");
    const total = { name: "j", indices: [], body: reduce("sum", j, undefined, read("z_", [at(j)])) };
    assert.equal(printProgram([total]), "j = sum(k, z_[k])");
    assert.equal(print(total.body, { taken: ["j", "k"] }), "sum(m, z_[m])");
  });

  it("writes sizes by the array that has them, or by the name that it is given", () => {
    const k = axisExtent("w_", 0);
    const others = [{ step: 1, extent: k }];
    const fit = { step: 1, offset: 0, others, inside: n, slack: 0 };
    // prettier-ignore
    const sizes = [
      [n,                                                     "extent(v_, 0)"],
      [fixedExtent(3),                                        "3"],
      [scalarExtent("K", 1),                                  "K + 1"],
      [windowExtent([fit]),                                   "extent(v_, 0) - extent(w_, 0) + 1"],
      [windowExtent([{ ...fit, step: 2, offset: -1, slack: 1, others: [{ step: 1, extent: fixedExtent(3) }] }]),
                                                              "floor((extent(v_, 0) - 1) / 2) + 1"],
      [windowExtent([{ ...fit, others: [] }, { ...fit, offset: 1, others: [] }]),
                                                              "min(extent(v_, 0), extent(v_, 0) - 1)"],
    ] as const;
    for (const [extent, text] of sizes) assert.equal(print(size(extent)), text);
    const named = { sizeName: (e: unknown) => (e === n ? "N" : undefined) };
    assert.equal(print(apply("div", y, size(n)), named), "y / N");
    assert.equal(
      latex(apply("div", reduce("sum", i, undefined, v(at(i))), size(n)), named),
      String.raw`\frac{1}{N} \sum_{i} \mathrm{v\_}_i`,
    );
  });

  it("writes an average as one only where the number of terms is that of the sum", () => {
    const sum = reduce("sum", i, apply("gt", v(at(i)), y), v(at(i)));
    assert.equal(print(apply("div", sum, size(n))), "sum(i, v_[i] > y, v_[i]) / extent(v_, 0)");
    const count = reduce("sum", j, apply("gt", v(at(j)), y), num(1));
    assert.equal(print(apply("div", sum, count)), "mean(i, v_[i] > y, v_[i])");
    assert.equal(
      print(apply("div", sum, count), { means: false }),
      "sum(i, v_[i] > y, v_[i]) / sum(i, v_[i] > y, 1)",
    );
  });

  it("cuts an expression whose text would be endless, soon", () => {
    let e = y;
    for (let n = 0; n < 200; n++)
      e = where(apply("gt", e, num(n)), apply("add", e, num(n)), apply("mul", e, e));
    const begin = performance.now();
    assert.include(print(e), "…");
    assert.include(print(e, { most: 50 }), "…");
    assert.isBelow(print(e, { most: 50 }).length, 3000);
    assert.include(latex(e), "\\dots");
    assert.isBelow(performance.now() - begin, 3000);
  });

  it("writes what no text can say as a quotient", () => {
    assert.equal(print(num(NaN)), "0 / 0");
  });

  it("writes an infinity by its sign, which reads back", () => {
    for (const [text, tex] of [
      ["∞", "\\infty"],
      ["-∞", "-\\infty"],
    ] as const) {
      const e = num(text === "∞" ? Infinity : -Infinity);
      assert.equal(print(e), text);
      assert.equal(latex(e), tex);
      assert.strictEqual(parse(text).definitions[0]!.body, e);
    }
    assert.equal(print(parse("y - ∞").definitions[0]!.body), "y - ∞");
  });
});
