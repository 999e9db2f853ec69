/** Nests against the reference, which knows of no loops. */
import fc from "fast-check";
import { bind } from "../../lib/bind.ts";
import type { Derivation } from "../../lib/diff/derivation.ts";
import type { Nest } from "../../lib/loop/nest.ts";
import { assertClose, reference, valid, withUpstream } from "../reference.ts";
import type { Values } from "../zoo.ts";
import { interpret } from "./interpret.ts";

/** Asserts that a nest computes the value and the gradients of a derivation, and stays inside its buffers. */
export function agrees(
  nest: Nest,
  derivation: Derivation,
  inputs: fc.Arbitrary<Values>,
  { seed, numRuns }: { readonly seed: number; readonly numRuns: number },
): void {
  fc.assert(
    fc.property(inputs, (given) => {
      fc.pre(valid(derivation, given));
      const all = withUpstream(derivation, given);
      const results = interpret(nest, bind(derivation, all));
      const expected = reference(derivation, all);
      for (const [n, { wrt, scalar }] of nest.results.entries()) {
        const table = expected.get(wrt ?? "value")!;
        const data = new Float64Array(results[n]!);
        assertClose(scalar ? data[0]! : { shape: table.shape, data }, table, wrt ?? "value");
      }
    }),
    { seed, numRuns },
  );
}

/** Those of the arrays that a derivation reads. */
export function inputsOf(derivation: Derivation, all: fc.Arbitrary<Values>): fc.Arbitrary<Values> {
  const names = new Set(derivation.inputs.map((i) => i.name));
  return all.map((values) => Object.fromEntries(Object.entries(values).filter(([name]) => names.has(name))));
}
