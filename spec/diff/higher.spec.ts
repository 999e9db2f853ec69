import { assert } from "chai";
import { bind } from "../../lib/bind.ts";
import { differentiateNumerically } from "../../lib/check/high-precision.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { gradientProgram, hessian, hessianVectorProduct, jacobian } from "../../lib/diff/higher.ts";
import { UserError } from "../../lib/errors.ts";
import { evaluate, type Table } from "../../lib/eval.ts";
import { writtenSize } from "../../lib/expr/parts.ts";
import type { Definition, Program } from "../../lib/expr/program.ts";
import { decimal, type Decimal } from "../../lib/number/decimal.ts";
import { double } from "../../lib/number/double.ts";
import { parse } from "../../lib/parse.ts";
import { randomGiven, type Given } from "./points.ts";

const digits = 40;
const field = await decimal(digits);

/** Scores from agreement with a first mean, as between capsules: stages that would grow when multiplied out. */
const routing = `u[i,j,e] = sum(d, x[i,d]*W[i,j,d,e])
s[j,e] = sum(i, u[i,j,e])
n[j] = sum(e, s[j,e]^2)
v[j,e] = sqrt(n[j])/(1 + n[j])*s[j,e]
b[i,j] = sum(e, u[i,j,e]*v[j,e])
c[i,j] = exp(b[i,j] - logsumexp(k, b[i,k]))
t[j,e] = sum(i, c[i,j]*u[i,j,e])
m[j] = sum(e, t[j,e]^2)
loss = sum(j, max(0, 2 - m[j]/(1 + m[j]))^2)`;

/** Losses, each with the input that is differentiated by twice. */
// prettier-ignore
const losses: readonly (readonly [title: string, text: string, name: string])[] = [
  ["softmax",              "loss = sum(i, logsumexp(j, s[i,j]) - s[i,y[i]])", "s"],
  ["softmax of a product", "a[i,j] = sum(d, X[i,d]*W[d,j])\nloss = mean(i, logsumexp(j, a[i,j]) - a[i,y[i]]) + r*sum(d, j, W[d,j]^2)", "W"],
  ["squared hinge",        "loss = sum(i, sum(j != y[i], max(0, s[i,j] - s[i,y[i]] + 1)^2))", "s"],
  ["a network",            "h[i,k] = tanh(sum(d, X[i,d]*V[d,k]))\nloss = mean(i, (sum(k, h[i,k]*w[k]) - t[i])^2)", "V"],
  ["a product",            "loss = prod(i, x[i])", "x"],
  ["a quotient of norms",  "loss = sum(i, x[i]*t[i])/sqrt(sum(i, x[i]^2))", "x"],
  ["a scalar",             "loss = sin(x*z)/(1 + x^2)", "x"],
  ["differences",          "loss = sum(i, (x[i+1] - x[i])^4)", "x"],
  ["gathered rows",        "loss = sum(i, sum(d, E[w[i],d]^2)^2)", "E"],
];

/** Layers, each with an input. */
// prettier-ignore
const layers: readonly (readonly [title: string, text: string, name: string])[] = [
  ["softmax",         "out[i,k] = exp(s[i,k])/sum(j, exp(s[i,j]))", "s"],
  ["affine",          "out[i,k] = sum(d, X[i,d]*W[d,k]) + b[k]", "W"],
  ["a convolution",   "out[t] = sum(r < 2, x[t+r]*w[r])", "x"],
  ["a normalization", "m = mean(i, x[i])\nout[i] = (x[i] - m)/sqrt(mean(j, (x[j] - m)^2) + 1/8)", "x"],
  ["a gather",        "out[i,d] = E[w[i],d]^2", "E"],
];

const near = (a: Decimal, b: Decimal): boolean => a.minus(b).abs().lte(a.abs().plus(1).times(1e-18));
const valuesOf = (
  program: { inputs: Program["inputs"]; bounds: Program["bounds"] },
  definitions: readonly Definition[],
  given: Given,
  name: string,
): Table<Decimal> =>
  evaluate(definitions, bind({ ...program, definitions }, given, { allowExtra: true }), field).get(name)!;

/** The definition that comes last. */
const lastOf = (definitions: readonly Definition[]): Definition => definitions.at(-1)!;

describe("derivatives of derivatives", () => {
  it("does not multiply long stages out into each other", () => {
    const { definitions } = hessian(parse(routing), "x");
    assert.isBelow(Math.max(...definitions.map((d) => writtenSize(d.body))), 4000);
  });

  it("has the right Hessian where long stages stand by themselves", () => {
    const program = parse(routing);
    const product = hessianVectorProduct(program, "x");
    const given = randomGiven(product, 8, { sizes: { "x.0": 2, "x.1": 2, "W.1": 2, "W.3": 2 } });
    const { v2: v, ...own } = given;
    const form = hessian(program, "x");
    const H = evaluate(form.definitions, bind(program, own), double).get(form.value)!;
    const Hv = evaluate(product.definitions, bind(product, given), double).get(product.gradients.get("x")!)!;
    const vector = typeof v === "object" ? v.data : [];
    const expected = vector.map((_, row) => vector.reduce((sum, x, n) => sum + x * H.data[row * 4 + n]!, 0));
    assert.lengthOf(expected, 4);
    const scale = Math.max(...expected.map(Math.abs));
    for (const [row, value] of expected.entries())
      assert.closeTo(Hv.data[row]!, value, 1e-11 * scale, `entry ${row}`);
  });

  for (const [title, text, name] of losses) {
    it(`has the Hessian of ${title} that differences have`, async () => {
      const program = parse(text);
      const given = randomGiven(program, 5);
      const form = hessian(program, name);
      const got = valuesOf(program, form.definitions, given, lastOf(form.definitions).name);
      const gradient = differentiate(program, { wrt: [name] });
      const binding = bind(gradient, given);
      const of = gradient.gradients.get(name)!;
      const size = binding.arrays.get(name)!.data.length;
      assert.lengthOf(got.data, size * size);
      for (let column = 0; column < size; column += 2) {
        const row = (column * 5 + 1) % size;
        const upstream = Array.from({ length: size }, (_, n) => (n === row ? 1 : 0));
        const expected = await differentiateNumerically(
          gradient.definitions,
          binding,
          { output: of, input: name, position: column, upstream },
          { digits, step: 1e-10 },
        );
        assert.isTrue(near(expected, got.data[row * size + column]!), `entry ${row}, ${column}`);
      }
    });

    it(`multiplies the Hessian of ${title} by a vector`, () => {
      const program = parse(text);
      const product = hessianVectorProduct(program, name);
      const given = randomGiven(product, 6);
      const form = hessian(program, name);
      const H = valuesOf(program, form.definitions, given, lastOf(form.definitions).name);
      const Hv = valuesOf(product, product.definitions, given, product.gradients.get(name)!);
      const vector = product.inputs.find((i) => !program.inputs.some((own) => own.name === i.name));
      const v = [given[vector!.name]!].flatMap((x) => (typeof x === "number" ? [x] : x.data));
      for (const [row, got] of Hv.data.entries()) {
        const expected = v.reduce(
          (sum, x, column) => sum.plus(H.data[row * v.length + column]!.times(field.fromNumber(x))),
          field.fromNumber(0),
        );
        assert.isTrue(near(expected, got), `entry ${row}`);
      }
    });
  }

  for (const [title, text, name] of layers)
    it(`has the Jacobian of ${title} that differences have`, async () => {
      const program = parse(text);
      const given = randomGiven(program, 7);
      const form = jacobian(program, name);
      const got = valuesOf(program, form.definitions, given, lastOf(form.definitions).name);
      const binding = bind(program, given);
      const columns = binding.arrays.get(name)!.data.length;
      const rows = got.data.length / columns;
      for (let row = 0; row < rows; row++) {
        const upstream = Array.from({ length: rows }, (_, n) => (n === row ? 1 : 0));
        const position = (row * 3 + 1) % columns;
        const expected = await differentiateNumerically(
          program.definitions,
          binding,
          { output: "out", input: name, position, upstream },
          { digits, step: 1e-10 },
        );
        assert.isTrue(near(expected, got.data[row * columns + position]!), `entry ${row}, ${position}`);
      }
    });

  it("refuses the Hessian of a layer", () => {
    assert.throws(
      () => hessian(parse("out[i] = x[i]^2"), "x"),
      UserError,
      /^out is a layer: a Hessian is of a scalar\n {2}fix: sum its entries, or take a vector–Jacobian product$/u,
    );
    assert.throws(() => hessianVectorProduct(parse("out[i] = x[i]^2"), "x"), UserError, /^out is a layer/u);
  });

  it("refuses the gradient of what was not differentiated by", () => {
    const derivation = differentiate(parse("loss = sum(i, x[i]*t[i])"), { wrt: ["x"] });
    assert.throws(
      () => gradientProgram(derivation, "t"),
      UserError,
      /^the derivation has no gradient by t\n {2}fix: choose among x$/u,
    );
  });
});
