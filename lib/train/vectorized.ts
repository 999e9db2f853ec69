/**
 * A derivation computed array by array, as vectorized code does: a kernel for each definition of
 * the closed form, each of which writes its whole array before the next begins.
 */
import { compile, type Kernel, type KernelResult, type Output, type RawInputs } from "../compile.ts";
import type { Tensor } from "../binding.ts";
import type { Derivation } from "../diff/derivation.ts";
import type { Definition, Input } from "../expr/program.ts";

/** What computes the value and the gradients from inputs, as a kernel's `run` does. */
export type Evaluation = (inputs: RawInputs) => KernelResult;

export function vectorized(derivation: Derivation): Evaluation {
  const stages = derivation.definitions.map((definition, n) => ({
    name: definition.name,
    kernel: alone(derivation, definition, derivation.definitions.slice(0, n)),
  }));
  return (inputs) => {
    const values = new Map<string, Output>();
    const known: Record<string, number | Tensor> = { ...inputs };
    for (const { name, kernel } of stages) {
      const { value } = kernel.run(known);
      values.set(name, value);
      known[name] = value;
    }
    const gradients = [...derivation.gradients].map(([of, name]) => [of, values.get(name)!]);
    return { value: values.get(derivation.value)!, gradients: Object.fromEntries(gradients) };
  };
}

/** One definition by itself: what it reads of the earlier ones is given to it. */
function alone(derivation: Derivation, definition: Definition, earlier: readonly Definition[]): Kernel {
  const given = earlier.map(({ name, indices }): Input => {
    const shape = indices.map(({ extent }) => extent);
    return { name, type: "real", shape, places: shape.map(() => undefined) };
  });
  return compile(
    {
      ...derivation,
      inputs: [...derivation.inputs, ...given],
      definitions: [definition],
      value: definition.name,
      gradients: new Map(),
      steps: [],
    },
    { style: "fused" },
  );
}
