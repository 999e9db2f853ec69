import { assert } from "chai";
import { parse as mathjs } from "mathjs/number";
import { UserError } from "../../lib/errors.ts";
import { resolve } from "../../lib/expr/resolve.ts";
import { parse } from "../../lib/parse.ts";
import { fromMathjs, type MathjsNode } from "../../lib/text/mathjs.ts";

const hinge = `score[i,j] = sum(d, X[i,d] * W[d,j])
margin[i,j] = max(0, score[i,j] - score[i,y[i]] + Delta)
loss = mean(i, sum(j != y[i], margin[i,j])) + reg * sum(d, j, W[d,j]^2)`;

// prettier-ignore
const texts = [
  hinge,
  "loss = mean(i, logsumexp(j, s[i,j]) - s[i,y[i]])",
  "mean(i, -log(exp(s[i,y[i]]) / sum(j, exp(s[i,j]))))",
  "loss = sum(i, y[i] >= 0 and x[i] < 1 or not (x[i] > 2), x[i])",
  "loss = sum(i, x[i] > 0 ? x[i]^2 : -x[i])",
  "loss = sum(i, [x[i] > 0] * 0.5)",
  "out[p] = sum(r, 0 <= p + r - 1 < extent(X, 0), X[p + r - 1] * K[r])",
  "first[i < 3, j <= K] = x[i] * j\nloss = sum(i, j, first[i, j])",
  "out[p, q] = max(r < 2, s < 2, X[2*p + r, 2*q + s])",
  "loss = sum(i, j, m[i,j] != 0, (x[i] - x[j])^2) / (1 + +reg)",
];

describe("fromMathjs", () => {
  for (const text of texts)
    it(`makes the program of ${text.split("\n")[0]}`, () => {
      const [bridged, read] = [resolve(fromMathjs(mathjs(text))), parse(text.replace("+ +", "+ "))];
      assert.deepEqual(
        bridged.definitions.map((d) => d.name),
        read.definitions.map((d) => d.name),
      );
      for (const [n, { body }] of bridged.definitions.entries())
        assert(body === read.definitions[n]!.body, `definition ${n} is another node`);
      assert.deepEqual(
        bridged.inputs.map(({ name, type, shape }) => ({ name, type, shape })),
        read.inputs.map(({ name, type, shape }) => ({ name, type, shape })),
      );
    });

  it("takes a list of trees as a list of definitions", () => {
    const trees = ["a[i] = x[i]^2", "loss = sum(i, a[i])"].map((text) => mathjs(text));
    assert.deepEqual(
      fromMathjs(trees).definitions.map((d) => d.name),
      ["a", "loss"],
    );
  });

  // prettier-ignore
  const errors = [
    ["2 x",              "a product needs its sign\n  fix: write * between the factors"],
    ["x'",               "the operator ' of mathjs has no meaning here\n  fix: write the subscripts in the other order"],
    ["n!",               "the operator ! of mathjs has no meaning here\n  fix: indices, subscripts and the listed functions say everything"],
    ["a mod b",          "the operator mod of mathjs has no meaning here\n  fix: indices, subscripts and the listed functions say everything"],
    ["a .* b",           "the operator .* of mathjs has no meaning here\n  fix: write *: names with subscripts are scalars"],
    ["x to y",           "the operator to of mathjs has no meaning here\n  fix: indices, subscripts and the listed functions say everything"],
    ["f(x) = x",         "a definition has indices, not arguments\n  fix: write name[i] = …"],
    ["[1, 2]",           "square brackets hold one condition: [a > b]\n  fix: an array is an input, X[i, j]"],
    ["{a: 1}",           "a ObjectNode of mathjs has no meaning here\n  fix: indices, subscripts and the listed functions say everything"],
    ["1:3",              "a RangeNode of mathjs has no meaning here\n  fix: indices, subscripts and the listed functions say everything"],
    ["a.b",              "names have no properties\n  fix: subscripts stand in square brackets: X[i, j]"],
    ["a.b(1)",           "a name is wanted, not a AccessorNode"],
    ["\"text\"",         'a constant is a number, not "text"'],
    ["true and a > 0",   "a constant is a number, not true"],
    ["constructor",      '"constructor" cannot be a name, it is reserved in JavaScript\n  fix: choose another name'],
    ["a; b",             "only the last expression may go without a name\n  fix: write name = …"],
  ] as const;
  for (const [text, message] of errors)
    it(`refuses ${text}`, () => {
      try {
        fromMathjs(mathjs(text));
        assert.fail("nothing was refused");
      } catch (error) {
        assert.instanceOf(error, UserError, String(error));
        assert.equal((error as UserError).message, message);
      }
    });

  it("refuses what is no tree, and trees without end", () => {
    const strange: readonly unknown[] = [null, undefined, 3, "x", {}, [null], { type: "OperatorNode" }];
    for (const value of strange) assert.throws(() => fromMathjs(value as MathjsNode), UserError);
    const endless: { type: string; content?: unknown } = { type: "ParenthesisNode" };
    endless.content = endless;
    assert.throws(() => fromMathjs(endless), UserError, "more than 500 levels of nesting");
  });
});
