import { assert } from "chai";
import fc from "fast-check";
import { compile, type Output, type Reals } from "../lib/compile.ts";
import { differentiate } from "../lib/diff/differentiate.ts";
import type { Derivation } from "../lib/diff/derivation.ts";
import { parse } from "../lib/parse.ts";
import { asIs, assertClose, reference, valid, withUpstream } from "./reference.ts";
import { inputsArbitrary, programOf, zoo, type Values } from "./zoo.ts";

describe("a kernel", () => {
  for (const specimen of zoo)
    for (const style of ["loops", "fused"]) {
      it(`agrees with the reference: ${specimen.title}, ${style}`, () => {
        const derivation = differentiate(programOf(specimen));
        const kernel = compile(derivation, { style });
        let compared = 0;
        fc.assert(
          fc.property(inputsArbitrary(specimen), (given) => {
            fc.pre(valid(derivation, given));
            const inputs = withUpstream(derivation, given);
            compared++;
            const { value, gradients } = kernel(inputs);
            for (const [of, expected] of reference(derivation, inputs))
              assertClose(of === "value" ? value : gradients[of]!, expected, of);
          }),
          { seed: 20_240_607, numRuns: 30 },
        );
        assert.isAtLeast(compared, 20);
      });
    }
});

const none = (columns: number) => ({ shape: [0, columns], data: [] });

// prettier-ignore
const edges: readonly { readonly title: string; readonly text: string; readonly inputs: Values; readonly value: number }[] = [
  { title: "an empty sum is 0",                       text: "sum(i, x[i])",           inputs: { x: { shape: [0], data: [] } },              value: 0 },
  { title: "an empty product is 1",                   text: "prod(i, x[i])",          inputs: { x: { shape: [0], data: [] } },              value: 1 },
  { title: "an empty maximum is −∞",                  text: "max(i, x[i])",           inputs: { x: { shape: [0], data: [] } },              value: -Infinity },
  { title: "an empty minimum is ∞",                   text: "min(i, x[i])",           inputs: { x: { shape: [0], data: [] } },              value: Infinity },
  { title: "an empty logsumexp is −∞",                text: "logsumexp(i, x[i])",     inputs: { x: { shape: [0], data: [] } },              value: -Infinity },
  { title: "an empty mean is NaN",                    text: "mean(i, x[i])",          inputs: { x: { shape: [0], data: [] } },              value: NaN },
  { title: "a mean of nothing that passes is NaN",    text: "mean(i, x[i] > 0, x[i])", inputs: { x: { shape: [1], data: [-1] } },            value: NaN },
  { title: "an empty argmax is −1",                   text: "argmax(i, x[i]) + 0*b",  inputs: { x: { shape: [0], data: [] }, b: 1 },        value: -1 },
  { title: "argmax takes the first of equals",        text: "argmax(i, x[i]) + 0*b",  inputs: { x: { shape: [4], data: [1, 3, 3, 2] }, b: 1 }, value: 1 },
  { title: "argmin takes the first of equals",        text: "argmin(i, x[i]) + 0*b",  inputs: { x: { shape: [4], data: [2, 1, 3, 1] }, b: 1 }, value: 1 },
  { title: "argmax finds −∞ when there is no more",   text: "argmax(i, x[i]) + 0*b",  inputs: { x: { shape: [2], data: [-Infinity, -Infinity] }, b: 1 }, value: 0 },
  { title: "argmax stops at the first NaN",           text: "argmax(i, x[i]) + 0*b",  inputs: { x: { shape: [4], data: [1, NaN, 9, NaN] }, b: 1 }, value: 1 },
  { title: "a maximum with NaN is NaN",               text: "max(i, x[i])",           inputs: { x: { shape: [3], data: [NaN, 3, 1] } },      value: NaN },
  { title: "a minimum with NaN is NaN",               text: "min(i, x[i])",           inputs: { x: { shape: [3], data: [3, 1, NaN] } },      value: NaN },
  { title: "relu of NaN is NaN",                      text: "relu(b)",                inputs: { b: NaN },                                    value: NaN },
  { title: "logsumexp does not overflow",             text: "logsumexp(i, x[i])",     inputs: { x: { shape: [2], data: [1000, 1000] } },     value: 1000 + Math.log(2) },
  { title: "logsumexp of −∞ alone is −∞",             text: "logsumexp(i, x[i])",     inputs: { x: { shape: [2], data: [-Infinity, -Infinity] } }, value: -Infinity },
  { title: "logsumexp with ∞ is ∞",                   text: "logsumexp(i, x[i])",     inputs: { x: { shape: [2], data: [0, Infinity] } },    value: Infinity },
  { title: "logsumexp with NaN is NaN",               text: "logsumexp(i, x[i])",     inputs: { x: { shape: [2], data: [0, NaN] } },         value: NaN },
  { title: "sign of 0 is 0",                          text: "sign(b)",                inputs: { b: 0 },                                      value: 0 },
  { title: "a guard selects, 0 · ∞ does not arise",   text: "sum(i, x[i] < 9, x[i])", inputs: { x: { shape: [2], data: [Infinity, 2] } },    value: 2 },
  { title: "the side of ?: not taken is not read",    text: "t >= 0 ? x[t] : 7",      inputs: { x: { shape: [2], data: [1, 2] }, t: -1 },    value: 7 },
  { title: "`and` looks no further than it must",     text: "t >= 0 and x[t] > 0 ? 1.5 : 7", inputs: { x: { shape: [2], data: [1, 2] }, t: -1 }, value: 7 },
  { title: "a row without columns",                   text: "sum(i, max(j, X[i,j]))", inputs: { X: { shape: [2, 0], data: [] } },            value: -Infinity },
  { title: "no rows at all",                          text: "mean(j, sum(i, X[i,j]^2))", inputs: { X: none(3) },                             value: 0 },
];

describe("at the edges", () => {
  for (const { title, text, inputs, value } of edges)
    for (const style of ["loops", "fused"])
      it(`${title}, ${style}`, () => {
        const derivation = asIs(parse(text));
        assert.deepEqual(reference(derivation, inputs).get("value")!.data, [value], "the reference");
        assert.deepEqual(compile(derivation, { style })(inputs).value, value);
      });
});

const waves = (length: number): Float32Array => Float32Array.from({ length }, (_, n) => Math.sin(7 * n + 1));

/** The values of an output that is an array. */
function arrayOf(output: Output<Reals>): Reals {
  if (typeof output === "number") throw new Error("a number");
  return output.data;
}

describe("a kernel's interface", () => {
  const text = "s[i] = sum(d, X[i,d]*w[d]); loss = sum(i, s[i]*c[y[i]]); dw[d] = sum(i, X[i,d]*c[y[i]])";
  const derivation: Derivation = {
    ...asIs(parse(text)),
    wrt: ["w"],
    value: "loss",
    gradients: new Map([["w", "dw"]]),
  };
  const inputs = {
    X: [
      [1, 2],
      [3, 4],
    ],
    w: [1, 10],
    c: [5, 7],
    y: [1, 0],
  };

  for (const style of ["loops", "fused"]) {
    it(`takes nested lists and names the gradients, ${style}`, () => {
      const { value, gradients } = compile(derivation, { style })(inputs);
      assert.equal(value, 21 * 7 + 43 * 5);
      assert.deepEqual(gradients, { w: { shape: [2], data: new Float64Array([22, 34]) } });
    });

    it(`writes into the caller's buffers, whatever is in them, ${style}`, () => {
      const w = new Float64Array([NaN, 3]);
      const { gradients } = compile(derivation, { style })(inputs, { w });
      assert.deepEqual([...w], [22, 34]);
      assert.strictEqual((gradients["w"] as { data: Float64Array }).data, w);
    });

    it(`does not carry anything over from one call to the next, ${style}`, () => {
      const kernel = compile(derivation, { style });
      const first = kernel(inputs);
      kernel({
        ...inputs,
        X: [
          [NaN, 1],
          [1, Infinity],
        ],
      });
      assert.deepEqual(kernel(inputs), first);
      assert.equal(kernel({ X: [[1, 2]], w: [1, 10], c: [5, 7], y: [1] }).value, 147);
      assert.deepEqual(kernel(inputs), first);
    });

    it(`refuses wrong raw inputs by name, ${style}`, () => {
      const { run } = compile(derivation, { style });
      const good = {
        X: { shape: [2, 2], data: new Float64Array([1, 2, 3, 4]) },
        w: { shape: [2], data: new Float64Array(2) },
        c: { shape: [2], data: new Float64Array(2) },
        y: { shape: [2], data: new Int32Array(2) },
      };
      const labels = { shape: [2], data: new Int32Array([0, 2]) };
      assert.throws(() => run({ ...good, y: labels }), /^y\[1\] = 2 is outside 0 ≤ y < 2$/u);
      assert.throws(
        () => run({ ...good, w: { shape: [3], data: new Float64Array(3) } }),
        /^w has shape \[3\], but the other inputs want \[2\]$/u,
      );
      assert.throws(
        () => run({ ...good, w: { shape: [2], data: new Float64Array(3) } }),
        /^w has 3 values, but its shape \[2\] wants 2$/u,
      );
      assert.throws(
        () => run({ ...good, w: { shape: [1, 2], data: new Float64Array(2) } }),
        /^w has 2 axes, not 1$/u,
      );
      assert.throws(
        () => run({ ...good, y: good.w }),
        /^y must be \{ shape, data \} with data in a Int32Array$/u,
      );
      assert.throws(
        () => run({ X: good.X, w: good.w, y: good.y }),
        /^c must be \{ shape, data \} with data in a Float64Array$/u,
      );
      assert.throws(() => run(good, { w: new Float64Array(5) }), /^the buffer for w has 5 values, not 2$/u);
    });
  }

  it("stores arrays in single precision when it is told to, and rounds each result once", () => {
    const many = differentiate(
      parse("s[i] = sum(d, X[i,d]*w[d]); loss = mean(i, softplus(s[i])) + a*sum(d, w[d]^2)"),
      {
        wrt: ["w", "a"],
      },
    );
    const [X, w] = [waves(70 * 5), waves(5)];
    const given = { a: 0.3, X: { shape: [70, 5], data: X }, w: { shape: [5], data: w } };
    const exact = compile(many, { style: "fused" }).run({
      a: 0.3,
      X: { shape: [70, 5], data: Float64Array.from(X) },
      w: { shape: [5], data: Float64Array.from(w) },
    });
    for (const style of ["loops", "fused"]) {
      const kernel = compile(many, { style, precision: "float32" });
      const out = new Float32Array(5);
      for (let n = 0; n < 2; n++) {
        const { value, gradients } = kernel.run(given, { w: out });
        const data = arrayOf(gradients["w"]!);
        assert.strictEqual(data, out);
        assert.closeTo(value as number, exact.value as number, 1e-14);
        assert.closeTo(gradients["a"] as number, exact.gradients["a"] as number, 1e-14);
        for (const [d, expected] of arrayOf(exact.gradients["w"]!).entries())
          assert.closeTo(data[d]!, Math.fround(expected), 2 ** -24 * Math.abs(expected));
      }
      const { value } = kernel({ a: 0.3, X: { shape: [70, 5], data: [...X] }, w: [...w] });
      assert.closeTo(value as number, exact.value as number, 1e-14);
      assert.throws(
        () => kernel.run({ ...given, w: { shape: [5], data: new Int32Array(5) } }),
        /^w must be \{ shape, data \} with data in a Float32Array$/u,
      );
    }
  });

  it("keeps kernels of several sizes apart", () => {
    const { run } = compile(
      differentiate(parse("loss = sum(i, sum(j, exp(x[i,j])) * max(j, exp(x[i,j])))"), { wrt: ["x"] }),
      {
        style: "fused",
      },
    );
    const at = (N: number, C: number) => {
      const data = Float64Array.from({ length: N * C }, (_, n) => Math.log(n + 1));
      const rows = Array.from({ length: N }, (_, i) => Array.from(data.slice(i * C, i * C + C), Math.exp));
      const value = rows.reduce((sum, row) => sum + row.reduce((a, b) => a + b, 0) * Math.max(...row), 0);
      assert.closeTo(run({ x: { shape: [N, C], data } }).value as number, value, 1e-12 * value);
    };
    for (let turn = 0; turn < 2; turn++) for (let N = 1; N < 6; N++) for (let C = 1; C < 6; C++) at(N, C);
  });

  it("translates names that are no names in code", () => {
    const kernel = compile(differentiate(parse("loss = Δ * sum(i, λ[i]^2)"), { wrt: ["Δ", "λ"] }), {
      style: "fused",
    });
    const out = { λ: new Float64Array(2) };
    const { value, gradients } = kernel.run({ Δ: 2, λ: { shape: [2], data: Float64Array.of(1, 3) } }, out);
    assert.equal(value, 20);
    assert.deepEqual(gradients, { Δ: 10, λ: { shape: [2], data: Float64Array.of(4, 12) } });
    assert.strictEqual(arrayOf(gradients["λ"]!), out.λ);
  });

  it("checks constant subscripts and scalar labels at the door", () => {
    const { run } = compile(asIs(parse("x[2] + x[t]")));
    const x = { shape: [3], data: new Float64Array([1, 2, 4]) };
    assert.equal(run({ x, t: 1 }).value, 6);
    assert.throws(() => run({ x, t: 3 }), /^t = 3 is outside 0 ≤ t < 3$/u);
    assert.throws(() => run({ x, t: 0.5 }), /^t must be an integer$/u);
    assert.throws(
      () => run({ x: { shape: [2], data: new Float64Array(2) }, t: 0 }),
      /^axis 0 of x is read at 2, which is outside 0 ≤ subscript < 2$/u,
    );
  });
});
