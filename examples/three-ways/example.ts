import { compile, type RawInputs } from "../../lib/compile.ts";
import type { Derivation } from "../../lib/diff/derivation.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { bind } from "../../lib/bind.ts";
import { evaluate } from "../../lib/eval.ts";
import { double } from "../../lib/number/double.ts";
import { arrayOf } from "../../lib/train/array-of.ts";
import { initialWeights, kernelInputs } from "../../lib/train/classifier.ts";
import { firstOf, rowsOf } from "../../lib/train/samples.ts";
import { table } from "../../lib/train/terminal.ts";
import { vectorized, type Evaluation } from "../../lib/train/vectorized.ts";
import { distance } from "../distance.ts";
import type { Example } from "../example.ts";
import { train } from "../trained.ts";

export const example: Example = {
  formula: `naive       for each image i: s = Xᵢ·W + b, then its loss, its ∂L/∂s, and dW += Xᵢᵀ·∂L/∂s
vectorized  S = X·W + b    D = ∂L/∂S    dW = Xᵀ·D + 2λW         whole arrays, one after another
fused       all of it for an image while its row of X is in the cache`,
  run: async ({ dataset, quick, print }) => {
    for (const name of ["svm", "softmax"]) {
      const { model, samples } = train(dataset, name, "pixels", { epochs: 0 });
      const images = firstOf(samples.training, quick ? 60 : 500);
      const weights = initialWeights(model, 1e-3, 2);
      const inputs = (count: number) => {
        const some = firstOf(images, count);
        const X = { shape: [some.count, some.width], data: rowsOf(some) };
        return kernelInputs(model, X, { shape: [some.count], data: Int32Array.from(some.labels) }, weights);
      };
      const derivation = differentiate(model.program, { wrt: [...model.shapes.keys()] });
      // The interpreter shares no code with the kernels. It is slow: fewer images will do.
      const few = inputs(20);
      const reference = evaluate(derivation.definitions, bind(derivation, few), double);
      const expected = Float64Array.from(reference.get(derivation.gradients.get("W")!)!.data);
      // Kernels of their own for the few: code that has met two sizes runs slower.
      const apart = waysOf(derivation);
      const all = inputs(images.count);
      const naive = gradient(waysOf(derivation)["naive"]!, all);
      const rows = Object.entries(waysOf(derivation)).map(([way, run]) => [
        way,
        String(run(all).value),
        distance(gradient(run, all), naive).toExponential(1),
        distance(gradient(apart[way]!, few), expected).toExponential(1),
        `${milliseconds(() => run(all), quick ? 1 : 15).toFixed(1)} ms`,
      ]);
      print(`${name}, ${images.count} images\n\n`);
      print(`${table([["", "value", "‖dW − naive‖", "‖dW − definition‖", "time"], ...rows])}\n`);
    }
    print(
      "differences are Frobenius norms, relative; the definition is evaluated by an interpreter on 20 images\n",
    );
  },
};

function waysOf(derivation: Derivation): Readonly<Record<string, Evaluation>> {
  const naive = compile(derivation, { style: "loops" });
  const fused = compile(derivation, { style: "fused" });
  return {
    naive: (given) => naive.run(given),
    vectorized: vectorized(derivation),
    fused: (given) => fused.run(given),
  };
}

const gradient = (run: Evaluation, given: RawInputs): Float64Array => arrayOf(run(given).gradients["W"]);

/** The least time of some calls, which other work on the machine disturbs least; one before them does not count. */
function milliseconds(call: () => void, times: number): number {
  call();
  const taken = Array.from({ length: times }, () => {
    const from = performance.now();
    call();
    return performance.now() - from;
  });
  return Math.min(...taken);
}
