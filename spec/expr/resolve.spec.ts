import { assert } from "chai";
import fc from "fast-check";
import { UserError } from "../../lib/errors.ts";
import { apply, at, num, read, type Expr } from "../../lib/expr/node.ts";
import { axisExtent } from "../../lib/expr/extent.ts";
import { index } from "../../lib/expr/node.ts";
import { output } from "../../lib/expr/program.ts";
import { parse } from "../../lib/parse.ts";

const hinge = `score[i,j]  = sum(d, X[i,d] * W[d,j])
margin[i,j] = max(0, score[i,j] - score[i,y[i]] + Delta)
loss        = mean(i, sum(j != y[i], margin[i,j])) + reg * sum(d, j, W[d,j]^2)`;

const types = (text: string): string =>
  parse(text)
    .inputs.map((i) => `${i.name} ${i.type} ${i.shape.length}`)
    .join(", ");

const body = (text: string): Expr => output(parse(text)).body;

describe("resolve", () => {
  it("reads the hinge loss: definitions, inputs, types and shapes", () => {
    const program = parse(hinge);
    assert.deepEqual(
      program.definitions.map((d) => `${d.name}[${d.indices.map((i) => i.name).join()}] ${d.body.type}`),
      ["score[i,j] real", "margin[i,j] real", "loss[] real"],
    );
    const [X, W] = [axisExtent("X", 0), axisExtent("X", 1)];
    assert.deepEqual(
      program.inputs.map((i) => [i.name, i.type, i.shape]),
      [
        ["X", "real", [X, W]],
        ["W", "real", [W, axisExtent("W", 1)]],
        ["y", "int", [X]],
        ["Delta", "real", []],
        ["reg", "real", []],
      ],
    );
    assert.equal(program.text, hinge);
  });

  it("remembers where each input and each of its axes was first seen", () => {
    const [X] = parse(hinge).inputs;
    assert.deepEqual([X!.place?.line, X!.place?.column], [1, 22]);
    assert.deepEqual(
      X!.places.map((p) => p?.column),
      [24, 26],
    );
  });

  it("makes a sum of three terms one addition, but keeps a bracket on the right", () => {
    const [a, b, c] = [read("a", []), read("b", []), read("c", [])];
    assert.equal(body("a + b + c"), apply("add", a, b, c));
    assert.equal(body("a + (b + c)"), apply("add", a, apply("add", b, c)));
    assert.equal(body("a - b - c"), apply("sub", apply("sub", a, b), c));
    assert.equal(body("-2 * a"), apply("mul", num(-2), a));
  });

  it("gives one node to a sum whatever its index is called in a program", () => {
    const product = body("sum(i, x[i]) / sum(k, x[k])");
    assert(product.kind === "apply");
    assert.equal(product.args[0], product.args[1]);
  });

  it("puts each part of a guard on the outermost binder that binds what it needs", () => {
    const loss = body("sum(i, j, y[i] >= 0 and j != y[i], s[i,j])");
    assert(loss.kind === "reduce" && loss.body.kind === "reduce");
    const i = index("i", axisExtent("y", 0));
    const label = read("y", [at(i)], "int");
    assert.equal(loss.guard, apply("ge", label, num(0)));
    assert.equal(loss.body.guard, apply("ne", at(index("j", axisExtent("s", 1))), label));
  });

  it("does not move a condition before the one that keeps its reads inside", () => {
    const loss = body("sum(i, j, i + j > 0 and z[i-1] > 0, s[i,j])");
    assert(loss.kind === "reduce" && loss.body.kind === "reduce");
    assert.isUndefined(loss.guard);
    assert.equal(loss.body.guard?.kind === "apply" && loss.body.guard.op, "and");
  });

  it("divides a mean by the number of terms", () => {
    assert.equal(body("mean(i, x[i])"), body("sum(i, x[i]) / extent(x, 0)"));
    assert.equal(body("mean(i, j, x[i,j])"), body("sum(i, j, x[i,j]) / (extent(x, 0) * extent(x, 1))"));
    assert.equal(body("mean(i, x[i] > 0, x[i])"), body("sum(i, x[i] > 0, x[i]) / sum(i, x[i] > 0, 1)"));
  });

  it("takes an index from each guard with a range that is written out", () => {
    assert.equal(body("sum(r < 3, s < 4, r*s)"), body("sum(r, s, r < 3, s < 4, r*s)"));
    assert.equal(body("sum(0 <= r < 3, s < 4, r*s)"), body("sum(r, s, 0 <= r < 3, s < 4, r*s)"));
    assert.equal(body("count(r < 3, s < 4, r < s)"), body("count(r, s, r < 3, s < 4, r < s)"));
    assert.equal(body("count(r < 3, s < 4)"), body("sum(r, s, r < 3, s < 4, 1)"));
  });

  it("leaves a scalar in a guard a scalar beside an index that is named, or without a range of its own", () => {
    assert.deepEqual(
      ["sum(j, s < 3, x[j])", "sum(r < 3, s < r, r)", "sum(r < 3, s < 1.5, r)", "sum(r < 3, t < 3, r)"].map(
        (text) => parse(text).inputs.map((i) => i.name),
      ),
      [["s", "x"], ["s"], ["s"], ["t"]],
    );
  });

  it("counts by a sum of brackets", () => {
    assert.equal(body("count(j, s[j] > 0)"), body("sum(j, [s[j] > 0])"));
    assert.equal(body("count(j != y, s[j] > 0)"), body("sum(j != y, [s[j] > 0])"));
    assert.equal(body("count(j, j != y, s[j] > 0)"), body("count(j != y, s[j] > 0)"));
  });

  it("splits a chain of comparisons", () => {
    assert.equal(body("[0 < a <= 3]"), body("[0 < a and a <= 3]"));
  });

  const binders = [
    ["sum(j != y, s[j])", "sum(j, j != y, s[j])"],
    ["sum(0 <= r < 3, s[r])", "sum(r, 0 <= r < 3, s[r])"],
    ["sum(j != y, s[j] > 0, s[j])", "sum(j, j != y and s[j] > 0, s[j])"],
    ["max(r < 2, q < 2, X[r,q])", "max(r, q, r < 2 and q < 2, X[r,q])"],
    ["sum(i, j != y[i], s[i,j])", "sum(i, j, j != y[i], s[i,j])"],
    ["sum(j != y, s[j] - s[y])", "sum(j, j != y, s[j] - s[y])"],
    ["sum(i, j < i, x[i,j])", "sum(i, j, j < i, x[i,j])"],
    ["sum(r < 2, q, X[r,q])", "sum(r, q, r < 2, X[r,q])"],
    ["sum(not (j == y), s[j])", "sum(j, not (j == y), s[j])"],
    ["sum(k, sum(k != j, s[j,k]))", "sum(k, sum(j, k != j, s[j,k]))"],
  ];
  for (const [short, long] of binders)
    it(`reads ${short} as ${long}`, () => assert.equal(body(short!), body(long!)));

  it("takes max of values as elementwise, and max over an index as a reduction", () => {
    assert.equal(body("max(a, b)").kind, "apply");
    assert.equal(body("max(j, k, s[j,k])").kind, "reduce");
    assert.equal(body("max(j, s[j])").kind, "reduce");
    assert.equal(body("max(s[0], s[1])").kind, "apply");
    const maxima = body("sum(j, max(j, s[0]) * s[j])");
    assert(maxima.kind === "reduce" && maxima.body.kind === "apply");
    assert.equal(maxima.body.args[0]!.kind, "apply");
  });

  // prettier-ignore
  const typings = [
    ["sum(i, s[i,y[i]])",                           "s real 2, y int 1"],
    ["sum(i, s[i,y[p[i]]])",                        "s real 2, y int 1, p int 1"],
    ["sum(j != t, s[j])",                           "t int 0, s real 1"],
    ["sum(r < K, r * a)",                           "K int 0, a real 0"],
    ["sum(j, y > 0, s[j] - s[y])", "y int 0, s real 1"],
    ["sum(j < 2 * K - 1, s[j])",                    "K int 0, s real 1"],
    ["sum(j, [j > 0.5 * q] * s[j])",                "q real 0, s real 1"],
    ["sum(i, m[i] > 0, x[i])",                      "m real 1, x real 1"],
    ["sum(i, y[i] == 1 ? x[i] : -x[i])",            "y int 1, x real 1"],
    ["sum(i, j, y[i] == y[j], x[i] * x[j])",        "y int 1, x real 1"],
    ["sum(i, [x[i] == 0] + x[i])",                  "x real 1"],
    ["t[i] = y[i] + 1;\nsum(i, s[i,t[i]])",          "y int 1, s real 2"],
    ["sum(i, s[i,argmax(j, s[i,j])])",              "s real 2"],
    ["sum(p, x[p - k0])",                           "x real 1, k0 int 0"],
    ["s[t]",                                        "s real 1, t int 0"],
    ["s[target]",                                   "s real 1, target int 0"],
  ] as const;
  for (const [text, expected] of typings)
    it(`gives the inputs of ${text.replace("\n", "; ")} their types`, () =>
      assert.equal(types(text), expected));

  it("lets definitions be conditions and integers", () => {
    const program = parse("hit[i] = x[i] > 0\nn = count(i, hit[i]);\nsum(i, hit[i], x[i]) / n");
    assert.deepEqual(
      program.definitions.map((d) => d.body.type),
      ["bool", "int", "real"],
    );
  });

  // prettier-ignore
  const errors = [
    ["a = 1\na = 2",                       "line 2, column 1: a is defined twice (line 1, column 1)\n  fix: give one of them another name"],
    ["a = b\nb = 1",                       "line 1, column 5: b is used before its definition (line 2, column 1)\n  fix: a definition reads inputs and earlier definitions only"],
    ["a = a + 1",                          "line 1, column 5: a is used before its definition (line 1, column 1)\n  fix: a definition reads inputs and earlier definitions only"],
    ["a[i,i] = x[i]",                      "line 1, column 5: i is bound twice (line 1, column 3)\n  fix: give one of them another name"],
    ["a[i] = sum(i, x[i])",                "line 1, column 12: i is bound twice (line 1, column 3)\n  fix: give one of them another name"],
    ["a[i] = max(i, x[i])",                "line 1, column 12: i is bound twice (line 1, column 3)\n  fix: give one of them another name"],
    ["a[j] = sum(j != y, x[j])",           "line 1, column 12: j is bound already, and sum names no other index\n  fix: give sum an index of its own"],
    ["x = 1\na[x] = z[x]",                  "line 2, column 3: x is an index here and a definition elsewhere (line 1, column 1)\n  fix: give one of them another name"],
    ["sum(i, x[i]) + sum(x, z[x])",        "line 1, column 8: x is an array here and an index elsewhere (line 1, column 20)\n  fix: give one of them another name"],
    ["sum(i, i[0])",                       "line 1, column 8: i is an index (line 1, column 5) and takes no subscripts\n  fix: give the array another name"],
    ["sum(i, X[i,d])",                     "line 1, column 12: d is not bound\n  fix: sum over d, or give it on the left-hand side; a fixed position takes a longer name"],
    ["sum(i, x[i]) + x[i]",                "line 1, column 18: i is not bound here, it is an index elsewhere (line 1, column 5)\n  fix: sum over i, or give it on the left-hand side"],
    ["x[0] + x[0,1]",                      "line 1, column 8: x has 1 subscript (line 1, column 1), not 2\n  fix: an array has the same number of subscripts everywhere"],
    ["a[i] = x[i];\na",                     "line 2, column 1: a has 1 subscript (line 1, column 1), not 0\n  fix: write a[i]"],
    ["sigmiod(x)",                         "line 1, column 1: there is no function sigmiod\n  fix: did you mean sigmoid?"],
    ["sun(i, x[i])",                       "line 1, column 1: there is no function sun\n  fix: did you mean sum?"],
    ["a = 1;\na(x)",                        "line 2, column 1: a is not a function\n  fix: subscripts stand in square brackets: a[…]; a product needs its sign: a * (…)"],
    ["exp(a, b)",                          "line 1, column 1: exp takes 1 argument, not 2"],
    ["atan2(a)",                           "line 1, column 1: atan2 takes 2 arguments, not 1"],
    ["max(a)",                             "line 1, column 1: max takes at least 2 arguments, not 1\n  fix: max(i, x[i]) for that of all elements"],
    ["sum(x)",                             "line 1, column 1: sum needs an index and what it runs over\n  fix: sum(j, …) or sum(j != k, …)"],
    ["sum(2, x)",                          "line 1, column 5: sum names no index\n  fix: sum(j, …, body), with the index first"],
    ["hit[i] = x[i] > 0;\nsum(hit, x[i])",  "line 2, column 5: hit is a definition, and sum names no index\n  fix: sum(j, …), where j is not defined"],
    ["argmax(i, j, x[i,j])",               "line 1, column 1: argmax takes one index, not 2"],
    ["extent(X, 0)",                       "line 1, column 1: extent of X, which has no subscripts\n  fix: extent(X, 0) is the size of the first axis of an array X"],
    ["sum(i, x[i]) / extent(x, 1)",        "line 1, column 16: x has 1 axis, there is no axis 1\n  fix: axes count from 0"],
    ["extent(X[0], 0)",                    "line 1, column 1: extent takes an array and the number of an axis\n  fix: extent(X, 0)"],
    ["sum(i, extent(i, 0) * x[i])",        "line 1, column 15: i is an index (line 1, column 5), not an array\n  fix: extent(X, 0)"],
    ["x[1.5]",                             "line 1, column 3: a subscript is an integer, not 1.5"],
    ["x[-1]",                              "line 1, column 3: there is no position -1\n  fix: subscripts count from 0"],
    ["x[2 - 3]",                           "line 1, column 5: there is no position -1\n  fix: subscripts count from 0"],
    ["sum(i, x[i*i])",                     "line 1, column 11: a value like this cannot be a subscript\n  fix: a subscript is an index, a label, an integer, or a sum of multiples of them: 2*p + r - 1"],
    ["h[i] = z[i] > 0;\nsum(i, x[h[i]])", "line 2, column 10: a condition cannot be a subscript\n  fix: a subscript is an index, a label, an integer, or a sum of multiples of them: 2*p + r - 1"],
    ["z[i] = exp(q[i]);\nsum(i, x[z[i]])",  "line 2, column 10: z (line 1, column 1) is real and cannot be a subscript\n  fix: labels are integer inputs, or definitions made of them"],
    ["sum(i, x[i] > 0)",                   "line 1, column 13: a condition where a number is wanted\n  fix: [p] is 1 where p holds, else 0"],
    ["(a > 0) * b",                        "line 1, column 4: a condition where a number is wanted\n  fix: [p] is 1 where p holds, else 0"],
    ["p = a > 0;\np * b",                   "line 2, column 1: p (line 1, column 1) is a condition, not a number\n  fix: [p] is 1 where p holds, else 0"],
    ["sum(i, x[i], x[i])",                 "line 1, column 8: x is a number, not a condition\n  fix: compare it, such as with != 0"],
    ["a ? 1 : 0",                          "line 1, column 1: a is a number, not a condition\n  fix: compare it, such as with != 0"],
    ["[a + 1]",                            "line 1, column 4: a number where a condition is wanted\n  fix: compare it, such as with != 0"],
    ["a > 0 ? a > 1 : 2",                  "line 1, column 11: one side of ?: is a condition, the other a number\n  fix: [p] is 1 where p holds, else 0"],
    ["hit = a > 0",                        "line 1, column 1: the output hit is a condition, not a number\n  fix: [p] is 1 where p holds, else 0"],
    ["loss == 3*x",                        "line 1, column 1: the output value is a condition, not a number\n  fix: write loss = … to define loss; [p] is 1 where p holds, else 0"],
    ["sum(i < -3, i)",                     "line 1, column 5: the bound of i is negative, and indices count from 0\n  fix: bound it by an integer or a size: i < 3"],
    ["sum(i < 2.5, i)",                    "line 1, column 5: nothing fixes the extent of i\n  fix: let i subscript an array by itself, or bound it by an integer or a size: i < 3"],
    ["a[r] = 1",                           "line 1, column 3: nothing fixes the extent of r\n  fix: let r subscript an array by itself, or bound it by an integer or a size: r < 3"],
    ["a[i < 3.5] = 1",                     "line 1, column 7: what i runs to is not known before it is computed\n  fix: bound it by an integer, a size or an integer input: i < extent(X, 0)"],
    ["a[i < y[0]] = 1",                    "line 1, column 7: what i runs to is not known before it is computed\n  fix: bound it by an integer, a size or an integer input: i < extent(X, 0)"],
    ["a[i < -1] = 1",                      "line 1, column 3: the bound of i is negative, and indices count from 0\n  fix: bound it by an integer or a size: i < 3"],
    ["a[i, j < i] = x[i]",                 "line 1, column 10: i is not bound here, it is an index elsewhere (line 1, column 3)\n  fix: sum over i, or give it on the left-hand side"],
    ["a[i < 3] = 1; b[k < 4] = 2; sum(i, a[i]*b[i])", "line 1, column 17: i (line 1, column 3) and k run over the same axis, but have different bounds\n  fix: bound them alike, or let an index of its own subscript each array"],
    ["sum(p, r, X[p+r])",                  "line 1, column 5: nothing fixes the extent of p\n  fix: let p subscript an array by itself, or bound it by an integer or a size: p < 3"],
  ] as const;
  for (const [text, message] of errors)
    it(`refuses ${text.replaceAll("\n", "; ")}`, () => {
      assert.throws(() => parse(text), UserError);
      try {
        parse(text);
      } catch (error) {
        assert.equal((error as UserError).message, message);
      }
    });

  it("refuses a program without definitions", async () => {
    const { resolve } = await import("../../lib/expr/resolve.ts");
    assert.throws(() => resolve({ definitions: [] }), "a program needs a definition");
  });

  it("answers random arrangements of its own words with a program or a user error, quickly", () => {
    const word = fc.constantFrom(
      ..."sum( max( mean( extent( logsumexp( argmax( count( i j k d x[ y[ W[ x y ] ) , + - * / ^ > <= != and ? : [ 0 1 2.5 loss= a[i]=".split(
        " ",
      ),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 24 }), (words) => {
        try {
          parse(words.join(" "));
        } catch (error) {
          assert.instanceOf(error, UserError, words.join(" "));
        }
      }),
      { seed: 20, numRuns: 1500 },
    );
  });
});

const repeat = (n: number, line: (k: number) => string): string =>
  Array.from({ length: n }, (_, k) => line(k)).join("\n");
const before = (k: number): string => (k === 0 ? "x" : `c${k - 1}`);

describe("resolve of large programs", () => {
  // prettier-ignore
  const programs = [
    ["windows over windows",    repeat(300, (k) => `c${k}[p] = ${before(k)}[p+1] - ${before(k)}[p]`)],
    ["strides over windows",    repeat(200, (k) => `c${k}[p] = ${before(k)}[2*p] - ${before(k)}[p+3]`)],
    ["integers that double",    `c0[i] = y[i]\n${repeat(150, (k) => `c${k + 1}[i] = c${k}[i] + c${k}[i]`)}; sum(i, x[i,c150[i]])`],
    ["many guards",             `sum(i, ${repeat(150, (k) => `y[i] != ${k} and`)} y[i] >= 0, s[i,y[i]])`],
    ["binders inside binders",  `${repeat(10, (k) => `sum(i${k},`)} x[${Array.from({ length: 10 }, (_, k) => `i${k}`).join()}]${")".repeat(10)}`],
  ] as const;
  for (const [what, text] of programs)
    it(`takes no more than moments: ${what}`, function () {
      this.timeout(5000);
      assert.isNotEmpty(parse(text).definitions);
    });
});
