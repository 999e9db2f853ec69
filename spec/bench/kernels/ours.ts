/** Kernels that dscore makes, in this process. */
import type { Tensor } from "../../../lib/binding.ts";
import {
  compile,
  type Kernel,
  type KernelResult,
  type Output,
  type RawInputs,
  type Reals,
} from "../../../lib/compile.ts";
import { differentiate } from "../../../lib/diff/differentiate.ts";
import { UserError } from "../../../lib/errors.ts";
import { parse } from "../../../lib/parse.ts";
import { Absent } from "./host.ts";
import { problems, type Arrays } from "./problem.ts";
import type { Candidate, Ready } from "./serve.ts";

/** What is asked of `compile`. */
export interface Wanted {
  readonly target: "js" | "wasm";
  readonly style?: "loops" | "fused";
  readonly stable?: boolean;
  readonly precision?: "float64" | "float32";
  readonly threads?: number;
}

export const ours =
  ({ precision, ...options }: Wanted): Candidate =>
  (problem, inputs) => {
    const { text, wrt } = problems[problem];
    try {
      const derivation = differentiate(parse(text), { wrt });
      return precision === "float32"
        ? ready(compile(derivation, { ...options, precision }), Float32Array, inputs)
        : ready(compile(derivation, options), Float64Array, inputs);
    } catch (error) {
      throw error instanceof UserError ? new Absent(error.message) : error;
    }
  };

/** The arrays are the kernel's own: nothing is copied or allocated in a call. */
function ready<R extends Reals>(kernel: Kernel<R>, Stored: new () => R, given: Arrays): Ready {
  const shapes = [...given]
    .filter(([, { shape }]) => shape.length > 0)
    .map(([name, { shape }]) => [name, shape] as const);
  const { inputs: arrays, out } = kernel.allocate(Object.fromEntries(shapes));
  const inputs: Record<string, RawInputs<R>[string]> = { ...arrays };
  for (const [name, { shape, data }] of given)
    if (shape.length === 0) inputs[name] = data[0]!;
    else arrays[name]!.data.set(data);
  const run = (): KernelResult<R> => kernel.run(inputs, out);
  const { value, gradients } = run();
  const stored = [value, ...Object.values(gradients)].every(
    (output) => typeof output === "number" || output.data instanceof Stored,
  );
  if (!stored) throw new Absent(`its results are not in a ${Stored.name}`);
  return {
    call: run,
    results() {
      const { value, gradients } = run();
      return new Map(
        Object.entries({ value, ...gradients }).map(([name, output]) => [name, tensor(output)] as const),
      );
    },
  };
}

const tensor = (output: Output<Reals>): Tensor =>
  typeof output === "number"
    ? { shape: [], data: Float64Array.of(output) }
    : { shape: output.shape, data: Float64Array.from(output.data) };
