import { assert } from "chai";
import { UserError } from "../../lib/errors.ts";
import type { Program } from "../../lib/expr/program.ts";
import { parse } from "../../lib/parse.ts";
import * as build from "../../lib/text/build.ts";

const { constant, define, exp, indices, logsumexp, log, max, mean, program, real, scalar, sum, tensor } =
  build;

const [i, j, d, p, r] = indices("i", "j", "d", "p", "r");
const [X, W, y, s, K] = [tensor("X"), tensor("W"), tensor("y"), tensor("s"), tensor("K")];

function assertSame(built: Program, text: string): void {
  const read = parse(text);
  assert.deepEqual(
    built.definitions.map(({ name, indices }) => ({ name, indices })),
    read.definitions.map(({ name, indices }) => ({ name, indices })),
  );
  for (const [n, definition] of built.definitions.entries())
    assert(definition.body === read.definitions[n]!.body, `${definition.name} is another node`);
  assert.deepEqual(
    built.inputs.map(({ name, type, shape }) => ({ name, type, shape })),
    read.inputs.map(({ name, type, shape }) => ({ name, type, shape })),
  );
  assert.equal(built.bounds.length, read.bounds.length);
}

describe("builders", () => {
  const score = define("score", [i, j], sum(d, X.at(i, d).times(W.at(d, j))));

  it("make the hinge loss with the nodes that the text has", () => {
    const margin = define(
      "margin",
      [i, j],
      max(
        0,
        score
          .at(i, j)
          .minus(score.at(i, y.at(i)))
          .plus(scalar("Delta")),
      ),
    );
    const data = mean(i, sum(j.ne(y.at(i)), margin.at(i, j)));
    const loss = define("loss", [], data.plus(scalar("reg").times(sum(d, j, W.at(d, j).power(2)))));
    assertSame(
      program(score, margin, loss),
      `score[i,j]  = sum(d, X[i,d] * W[d,j])
       margin[i,j] = max(0, score[i,j] - score[i,y[i]] + Delta)
       loss        = mean(i, sum(j != y[i], margin[i,j])) + reg * sum(d, j, W[d,j]^2)`,
    );
  });

  const x = tensor("x");
  const [a, b] = [scalar("a"), scalar("b")];
  // prettier-ignore
  const rows = [
    ["loss = a > 0 ? b : -∞",                      a.gt(0).choose(b, -Infinity)],
    ["loss = mean(i, logsumexp(j, s[i,j]) - s[i,y[i]])", mean(i, logsumexp(j, s.at(i, j)).minus(s.at(i, y.at(i))))],
    ["loss = mean(i, -log(exp(s[i,y[i]]) / sum(j, exp(s[i,j]))))", mean(i, log(exp(s.at(i, y.at(i))).over(sum(j, exp(s.at(i, j))))).negated())],
    ["loss = sum(i, y[i] == 1 ? x[i] : -1)",       sum(i, y.at(i).eq(1).choose(x.at(i), -1))],
    ["loss = sum(i, x[i] > 0 and x[i] <= 1 or not (x[i] < 2), x[i])", sum(i, x.at(i).gt(0).and(x.at(i).le(1)).or(x.at(i).lt(2).not()), x.at(i))],
    ["loss = 2 * a + 2.0 * b + 0.5 - -1.5",        constant(2).times(a).plus(real(2).times(b)).plus(0.5).minus(-1.5)],
    ["loss = sum(i, [x[i] >= 1] / extent(x, 0))",  sum(i, build.iverson(x.at(i).ge(1)).over(build.extent(x, 0)))],
    ["loss = sum(0 <= r < 3, K[r])",               sum(build.between(0, "le", r, "lt", 3), K.at(r))],
    ["loss = sum(p, sum(r < 3, X[2*p+r-1,0]))",    sum(p, sum(r.lt(3), X.at(constant(2).times(p).plus(r).minus(1), 0)))],
  ] as const;
  it("make z[i < 3,j] = …, an index with what it runs to", () => {
    const z = define("z", [i.lt(3), j], x.at(i).times(s.at(j)));
    assertSame(
      program(z, define("loss", [], sum(i, j, z.at(i, j)))),
      "z[i < 3,j] = x[i] * s[j]\nloss = sum(i, j, z[i,j])",
    );
    assert.throws(() => define("z", [x.at(i)], 1), UserError, "on the left stand indices");
  });
  for (const [text, body] of rows)
    it(`make ${text}`, () => assertSame(program(define("loss", [], body)), text));

  // prettier-ignore
  const errors = [
    ["a function's name",    () => tensor("exp"),            '"exp" is a function, it cannot be a name\n  fix: write exp(…), or choose another name'],
    ["an inherited name",    () => scalar("__proto__"),      '"__proto__" cannot be a name, names with two leading _ are reserved\n  fix: choose another name'],
    ["not a number",         () => a.plus(Number.NaN),       "NaN is not a number that a formula can hold"],
    ["what the text refuses", () => program(define("loss", [], sum(i, sum(i, x.at(i))))), "i is bound twice\n  fix: give one of them another name"],
    ["nothing",              () => program(),                "a program needs a definition"],
  ] as const;
  for (const [what, make, message] of errors)
    it(`refuse ${what}`, () => {
      try {
        make();
        assert.fail("nothing was refused");
      } catch (error) {
        assert.instanceOf(error, UserError);
        assert.equal((error as UserError).message, message);
      }
    });

  it("refuse a tree that is too deep or too large before it is walked", () => {
    let deep: build.Formula = a;
    for (let n = 0; n < 100_000; n++) deep = exp(deep);
    assert.throws(() => program(define("loss", [], deep)), UserError, "levels of nesting");
    let shared: build.Formula = a;
    for (let n = 0; n < 60; n++) shared = shared.times(shared);
    assert.throws(() => program(define("loss", [], shared)), UserError, "names, numbers and operations");
  });

  it("offer every function of the language", async () => {
    const { callable } = await import("../../lib/expr/functions.ts");
    // `where` is a method: condition.choose(a, b).
    assert.deepEqual(
      callable.filter((name) => !(name in build)),
      ["ln", "where"],
    );
  });
});
