/** Losses as their users write them: what is emitted in every way gives what the definition means. */
import { expect } from "chai";
import { Random } from "../lib/check/random.ts";
import { compile, type Kernel, type RawInputs } from "../lib/compile.ts";
import { differentiate } from "../lib/diff/differentiate.ts";
import { parse } from "../lib/parse.ts";
import { naive } from "../lib/stable/naive.ts";
import { drawInputs } from "./bench/draw.ts";
import { losses } from "./losses.ts";

const sizes = { N: 5, C: 4, D: 3, K: 3, L: 4, M: 4, P: 3, Q: 3, T: 4, E: 2, H: 3 };

/** The value and all elements of the gradients, one after another. */
function numbers(kernel: Kernel, given: RawInputs): readonly number[] {
  const { value, gradients } = kernel(given);
  return [value, ...Object.values(gradients)].flatMap((of) => (typeof of === "number" ? [of] : [...of.data]));
}

describe("losses as their users write them", () => {
  it("are each listed once", () => {
    expect(new Set(losses.map(({ name }) => name)).size).to.equal(losses.length);
  });

  for (const loss of losses)
    it(`${loss.name}: fused code and WebAssembly agree with loops as typed in`, () => {
      const derivation = differentiate(parse(loss.text), { wrt: loss.wrt.split(" ") });
      const given = drawInputs(loss, sizes, new Random(7));
      const expected = numbers(compile(naive(derivation), { stable: false }), given);
      const scale = Math.max(...expected.map(Math.abs));
      expect(scale).to.be.above(0).and.below(Infinity);
      for (const target of ["js", "wasm"] as const) {
        const got = numbers(compile(derivation, { target, style: "fused" }), given);
        expect(got).to.have.length(expected.length);
        for (const [n, x] of got.entries()) expect(x).to.be.closeTo(expected[n]!, 1e-12 * scale);
      }
    });
});
