import { expect } from "chai";
import fc from "fast-check";
import { compile, type Kernel } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";
import { assertClose, reference, valid, withUpstream } from "../reference.ts";
import { inputsArbitrary, programOf, zoo } from "../zoo.ts";

const wasm = { target: "wasm" } as const;

const hinge = differentiate(
  parse(
    "score[i,j] = sum(d, X[i,d]*W[d,j]); loss = mean(i, sum(j != y[i], max(0, score[i,j] - score[i,y[i]] + 1)))",
  ),
  { wrt: ["W"] },
);
const shapes = { X: [3, 4], W: [4, 2], y: [3] };

/** Fills arrays of a kernel with some numbers. */
function fill({ X, W, y }: ReturnType<Kernel["allocate"]>["inputs"]): void {
  X!.data.forEach((_, n) => (X!.data[n] = Math.sin(n)));
  W!.data.forEach((_, n) => (W!.data[n] = Math.cos(n)));
  y!.data.set([1, 0, 1]);
}

const vector = (...data: number[]) => ({ shape: [data.length], data });

describe("a kernel of WebAssembly", () => {
  for (const specimen of zoo)
    it(`agrees with the reference: ${specimen.title}`, () => {
      const derivation = differentiate(programOf(specimen));
      const kernel = compile(derivation, wasm);
      fc.assert(
        fc.property(inputsArbitrary(specimen), (given) => {
          fc.pre(valid(derivation, given));
          const inputs = withUpstream(derivation, given);
          const { value, gradients } = kernel(inputs);
          for (const [of, expected] of reference(derivation, inputs))
            assertClose(of === "value" ? value : gradients[of]!, expected, of);
        }),
        { seed: 5, numRuns: 10 },
      );
    });

  it("knows names of sibling blocks apart, one of which has lanes", () => {
    const derivation = differentiate(
      parse(
        "loss = prod(i, k, c[l[k]] >= i, prod(j, k == b[j] and c[l[k]] > b[j] and a[m[i]] >= M[i,k] and a[m[i]] > b[j], b[j]*stop(j))*a[i]*c[k])",
      ),
      { wrt: ["a"] },
    );
    const inputs = {
      a: vector(0.95, 0.25),
      b: vector(0),
      c: vector(2),
      l: vector(0),
      m: vector(0, 0),
      M: { shape: [2, 1], data: [-1.5, 1] },
    };
    const expected = reference(derivation, inputs);
    assertClose(compile(derivation, wasm)(inputs).gradients.a!, expected.get("a")!, "a");
  });

  it("computes in place in the arrays that it allocates", () => {
    const kernel = compile(hinge, wasm);
    const { inputs, out } = kernel.allocate(shapes);
    fill(inputs);
    const { value, gradients } = kernel.run(inputs, out);
    const expected = compile(hinge).run(inputs);
    expect(value).to.be.closeTo(expected.value as number, 1e-15);
    expect(gradients.W).to.have.property("data", out.W);
    const { shape, data } = expected.gradients.W as { shape: number[]; data: Float64Array };
    assertClose(gradients.W!, { shape, data: [...data] }, "W");
    expect(inputs.X!.data.buffer).to.equal(out.W!.buffer);
  });

  it("leaves arrays that someone holds alone, whatever is computed afterwards", () => {
    const kernel = compile(hinge, wasm);
    const first = kernel.allocate(shapes);
    fill(first.inputs);
    const { gradients } = kernel.run(first.inputs, first.out);
    const before = [...first.inputs.X!.data, ...(gradients.W as { data: Float64Array }).data];
    const larger = kernel.allocate({ X: [300, 4], W: [4, 5], y: [300] });
    kernel.run(larger.inputs, larger.out);
    const elsewhere = kernel.run({
      X: { shape: [3, 4], data: new Float64Array(12) },
      W: { shape: [4, 2], data: new Float64Array(8) },
      y: { shape: [3], data: new Int32Array(3) },
    });
    expect(elsewhere.value).to.equal(1);
    expect([...first.inputs.X!.data, ...first.out.W!]).to.deep.equal(before);
  });

  it("gives results that the next call does not overwrite", () => {
    const kernel = compile(differentiate(parse("loss = sum(i, x[i]^2)")), wasm);
    const { gradients: first } = kernel({ x: [1, 2] });
    kernel({ x: [3, 4] });
    expect([...(first.x as { data: Float64Array }).data]).to.deep.equal([2, 4]);
  });

  it("says what is wrong with shapes", () => {
    const kernel = compile(hinge, wasm);
    expect(() => kernel.allocate({ X: [3, 4], y: [3] })).to.throw("no shape is given for W");
    expect(() => kernel.allocate({ ...shapes, W: [5, 2] })).to.throw(
      "W has the shape [5, 2], but the other inputs want [4, 2]",
    );
    expect(() => kernel.allocate({ ...shapes, W: [4, 0.5] })).to.throw(
      "the shape of W is no list of whole numbers, 0 or more",
    );
  });

  it("loses nothing to exponents beyond all others", () => {
    const kernel = compile(differentiate(parse("loss = mean(i, logsumexp(j, s[i,j]) - s[i,y[i]])")), wasm);
    const { value, gradients } = kernel({ s: [[-1.3e300, -1.2e300, -1.4e300, -1.6e300, 1.2e299]], y: [4] });
    expect(value).to.equal(0);
    expect([...(gradients.s as { data: Float64Array }).data].map(Math.abs)).to.deep.equal([0, 0, 0, 0, 0]);
  });

  it("passes NaN, infinities and subnormal numbers on as JavaScript does", () => {
    const program = parse(
      "loss = sum(i, max(0, x[i]) + abs(x[i]) * 2 + min(x[i], 1) + sign(x[i]) + relu(x[i]))",
    );
    const derivation = differentiate(program);
    const [js, ours] = [compile(derivation), compile(derivation, wasm)];
    for (const x of [NaN, Infinity, -Infinity, 5e-324, -5e-324, 2e-308, 0, -0, 1e308]) {
      const [a, b] = [js({ x: [x] }), ours({ x: [x] })];
      expect(b.value, `the value at ${x}`).to.deep.equal(a.value);
      expect(b.gradients, `the gradient at ${x}`).to.deep.equal(a.gradients);
    }
  });

  for (const extremum of ["max", "min"])
    it(`keeps NaN, and the sign of a zero, in a ${extremum} over lanes, wherever they stand`, () => {
      const derivation = differentiate(parse(`loss = ${extremum}(i, x[i])`));
      const [js, ours] = [compile(derivation), compile(derivation, wasm)];
      const sign = extremum === "max" ? -1 : 1;
      for (const others of [sign, 0, -0])
        for (const value of [0, -0, NaN])
          for (let place = 0; place < 7; place++) {
            const x = Array.from({ length: 7 }, (_, n) => (n === place ? value : others));
            expect(ours({ x }).value, `${extremum} of ${x.join(", ")}`).to.deep.equal(js({ x }).value);
          }
    });
});
