import fc from "fast-check";
import { bind } from "../../lib/bind.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import type { Derivation } from "../../lib/diff/derivation.ts";
import { lowerDerivation } from "../../lib/loop/lower.ts";
import type { Nest } from "../../lib/loop/nest.ts";
import { scheduleNest } from "../../lib/schedule/schedule.ts";
import { stabilise } from "../../lib/stable/stabilise.ts";
import { wasmKernel, type KernelOptions } from "../../lib/wasm/kernel.ts";
import { asIs, assertClose, reference, valid, withUpstream } from "../reference.ts";
import { inputsArbitrary, programOf, zoo, type Specimen } from "../zoo.ts";
import { runAsWasm } from "./run.ts";
import { disassemble } from "./wabt.ts";

type Variant = (derivation: Derivation) => Nest;

// prettier-ignore
const variants: Readonly<Record<string, Variant>> = {
  "as on paper":  (d) => lowerDerivation(d, { style: "loops" }),
  "fused":        (d) => lowerDerivation(d, { style: "fused" }),
  "scheduled":    (d) => scheduleNest(lowerDerivation(stabilise(d), { style: "fused" }), { rows: 2 }),
};

describe("a nest as WebAssembly", () => {
  for (const specimen of zoo)
    for (const [variant, nest] of Object.entries(variants))
      it(`computes what the reference does, and wabt finds it valid: ${specimen.title}, ${variant}`, async () => {
        const program = programOf(specimen);
        for (const derivation of [differentiate(program), asIs(program)])
          await agrees(derivation, nest(derivation), specimen);
      });
});

async function agrees(
  derivation: Derivation,
  nest: Nest,
  specimen: Specimen,
  options: KernelOptions = {},
): Promise<void> {
  const kernel = wasmKernel(nest, options);
  await disassemble(kernel.bytes);
  fc.assert(
    fc.property(inputsArbitrary(specimen), (given) => {
      fc.pre(valid(derivation, given));
      const inputs = withUpstream(derivation, given);
      const results = runAsWasm(nest, bind(derivation, inputs), options, kernel);
      const expected = reference(derivation, inputs);
      for (const [n, { wrt, scalar }] of nest.results.entries()) {
        const table = expected.get(wrt ?? "value")!;
        const data = new Float64Array(results[n]!);
        assertClose(scalar ? data[0]! : { shape: table.shape, data }, table, wrt ?? "value");
      }
    }),
    { seed: 31, numRuns: 8 },
  );
}
