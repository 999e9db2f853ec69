/** The zoo with more of everything, one size at a time, than one round of steps in lanes takes. */
import fc from "fast-check";
import { compile, type CompileOptions } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import type { Program } from "../../lib/expr/program.ts";
import { assertClose, reference, valid, withUpstream } from "../reference.ts";
import { inputsOf, programOf, sizeLetters, zoo } from "../zoo.ts";

// prettier-ignore
const ways: readonly (readonly [title: string, options: CompileOptions])[] = [
  ["fused",                     { style: "fused" }],
  ["wasm",                      { target: "wasm" }],
  ["wasm of the form on paper", { target: "wasm", stable: false }],
];

/** Two rounds of lanes, and some steps that are left over. */
const many = 19;

/** What a gradient can be asked for: inputs, and definitions on the way, which then are kept whole. */
function names({ inputs, definitions }: Program): readonly (readonly string[])[] {
  const reals = inputs.filter((i) => i.type === "real").map((i) => i.name);
  const between = definitions.slice(0, -1).filter((d) => d.body.type === "real");
  return between.length === 0 ? [reals] : [reals, [...reals, ...between.map((d) => d.name)]];
}

describe("many rows, columns and others", () => {
  for (const specimen of zoo)
    it(`are computed as the reference does: ${specimen.title}`, () => {
      const program = programOf(specimen);
      const letters = sizeLetters(specimen.inputs);
      for (const wrt of names(program)) {
        const derivation = differentiate(program, { wrt: [...wrt] });
        const kernels = ways.map(([way, options]) => [way, compile(derivation, options)] as const);
        for (const letter of letters) {
          const sizes = new Map(letters.map((l) => [l, l === letter ? many : 3]));
          const [drawn] = fc.sample(inputsOf(specimen, sizes), { numRuns: 1, seed: 5 });
          if (drawn === undefined || !valid(derivation, drawn)) continue;
          const given = withUpstream(derivation, drawn);
          const expected = reference(derivation, given);
          for (const [way, kernel] of kernels) {
            const { value, gradients } = kernel(given);
            assertClose(value, expected.get("value")!, `the value of ${way} with ${many} ${letter}`);
            for (const [name, gradient] of Object.entries(gradients))
              assertClose(gradient, expected.get(name)!, `d${name} of ${way} with ${many} ${letter}`);
          }
        }
      }
    });
});
