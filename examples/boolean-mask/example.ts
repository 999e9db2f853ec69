import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Random } from "../../lib/check/random.ts";
import { compile } from "../../lib/compile.ts";
import { writeNpy } from "../../lib/data/write-arrays.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { arrayOf } from "../../lib/train/array-of.ts";
import { initialWeights, kernelInputs, type Classifier, type Weights } from "../../lib/train/classifier.ts";
import { forward, upTo } from "../../lib/train/forward.ts";
import { firstOf, rowsOf } from "../../lib/train/samples.ts";
import { percent, table } from "../../lib/train/terminal.ts";
import { distance, relativeError } from "../distance.ts";
import type { Example } from "../example.ts";
import { train } from "../trained.ts";

export const example: Example = {
  formula: `∂Lᵢ/∂s_k = [s_k − s_y + Δ > 0]                      for k ≠ y
∂Lᵢ/∂s_y = −Σ_{j≠y} [sⱼ − s_y + Δ > 0]              a count: −9, say. As a boolean it is true, that is 1`,
  run: async ({ dataset, quick, python, print }) => {
    const { model, samples } = train(dataset, "svm", "pixels", { epochs: 0 });
    const images = firstOf(samples.training, quick ? 30 : 200);
    const X = { shape: [images.count, images.width], data: rowsOf(images) };
    const y = { shape: [images.count], data: Int32Array.from(images.labels) };
    const weights = initialWeights(model, 1e-4, 1);
    const point: Point = { model, weights, X, y };

    print(`what becomes of a row of counts, ∂L/∂s · N, in an array of another type\n\n`);
    const counts = countsOf(point).subarray(0, model.classes);
    for (const [type, store] of Object.entries(stores))
      print(`  ${type.padEnd(13)} ${store(counts).map(shown).join(" ")}\n`);
    print(
      `\n${python === undefined ? "no Python with NumPy here: its part is left out\n" : inNumPy(python, point)}\n`,
    );

    print(`the loss, ${lossAt(point)}, is the same with the bug, which is in the gradient only\n\n`);
    const draws = quick ? 2 : 40;
    print(
      `${draws} sparse checks of 10 coordinates each, h = 1e-5, of each gradient; an error above 1e-2 fails it\n`,
    );
    for (const scale of [1, 1e-5]) {
      const scaled = { ...point, X: { shape: X.shape, data: X.data.map((x) => scale * x) } };
      print(
        `\n${scale === 1 ? "pixels as they are" : `pixels × ${scale.toExponential()}`}\n\n${checked(scaled, draws)}`,
      );
    }
  },
};

/** Which checks see which gradient is wrong. */
function checked(point: Point, draws: number): string {
  const right = gradientOf(point);
  const gradients = new Map([
    ["naive (right)", right],
    ["vectorized, mask boolean", withCounts(point, stores.boolean)],
    ["vectorized, mask Uint8Array", withCounts(point, stores.Uint8Array)],
  ]);
  const sampled = differences(point, new Random(7), 10 * draws);
  const rows = [
    ["", "sparse checks that fail", "worst of 10", "coordinates wrong", "‖dW − naive‖ / ‖naive‖"],
  ];
  for (const [name, gradient] of gradients) {
    const errors = sampled.map(({ at, numeric }) => relativeError(gradient[at]!, numeric));
    const tens = Array.from({ length: draws }, (_, n) => Math.max(...errors.slice(10 * n, 10 * n + 10)));
    const failing = tens.filter((worst) => worst > 1e-2).length / draws;
    const off =
      right.reduce((sum, x, n) => sum + (relativeError(gradient[n]!, x) > 1e-2 ? 1 : 0), 0) / right.length;
    rows.push([
      name,
      percent(failing),
      median(tens).toExponential(1),
      percent(off),
      distance(gradient, right).toExponential(1),
    ]);
  }
  return table(rows);
}

interface Point {
  readonly model: Classifier;
  readonly weights: Weights;
  readonly X: { readonly shape: readonly number[]; readonly data: Float64Array };
  readonly y: { readonly shape: readonly number[]; readonly data: Int32Array };
}

type Store = (counts: Float64Array) => readonly number[];

// prettier-ignore
const stores = {
  Float64Array: (counts) => [...counts],
  boolean:      (counts) => [...counts].map((count) => Number(Boolean(count))),
  Uint8Array:   (counts) => [...Uint8Array.from(counts)],
} as const satisfies Readonly<Record<string, Store>>;

const shown = (count: number): string => String(count).padStart(4);

const inputsOf = ({ model, weights, X, y }: Point) => kernelInputs(model, X, y, weights);

/** ∂L/∂score, times the number of images: the mask with the counts in it. All of it derived. */
function countsOf(point: Point): Float64Array {
  const kernel = compile(differentiate(point.model.program, { wrt: ["score"] }), { style: "fused" });
  const counts = arrayOf(kernel.run(inputsOf(point)).gradients["score"]);
  return counts.map((x) => Math.round(x * point.X.shape[0]!) + 0);
}

const gradientOf = (point: Point): Float64Array =>
  arrayOf(point.model.kernel.run(inputsOf(point)).gradients["W"]);

const lossAt = (point: Point): number => Number(point.model.kernel.run(inputsOf(point)).value);

/** dW when the counts went through `store`: the pullback of the score layer does the rest. */
function withCounts(point: Point, store: Store): Float64Array {
  const { model, X } = point;
  const layer = compile(differentiate(upTo(model.program, "score")!, { wrt: ["W"] }), { style: "fused" });
  const pulled = (counts: ArrayLike<number>): Float64Array => {
    const dscore = Float64Array.from(counts, (count) => count / X.shape[0]!);
    return arrayOf(
      layer.run({ ...inputsOf(point), dscore: { shape: [X.shape[0]!, model.classes], data: dscore } })
        .gradients["W"],
    );
  };
  const counts = countsOf(point);
  const [proper, mangled, whole] = [pulled(counts), pulled(store(counts)), gradientOf(point)];
  return whole.map((x, n) => x + mangled[n]! - proper[n]!);
}

/** Central differences with a fixed step at random coordinates of W, as CS231n's sparse check takes them. */
function differences(
  point: Point,
  random: Random,
  count: number,
): readonly { at: number; numeric: number }[] {
  const h = 1e-5;
  const W = point.weights.get("W")!.data;
  return Array.from({ length: count }, () => {
    const at = random.int(0, W.length - 1);
    const before = W[at]!;
    const beside = (to: number): number => {
      W[at] = to;
      const loss = lossAt(point);
      W[at] = before;
      return loss;
    };
    return { at, numeric: (beside(before + h) - beside(before - h)) / (2 * h) };
  });
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** The same in NumPy, on the margins of the generated kernel. */
function inNumPy(python: string, point: Point): string {
  const { model, y } = point;
  const { value } = forward(upTo(model.program, "margin")!).run(inputsOf(point));
  const folder = mkdtempSync(join(tmpdir(), "dscore-"));
  try {
    const [margins, labels] = [join(folder, "margins.npy"), join(folder, "labels.npy")];
    if (typeof value === "number") throw new Error("margin is no table");
    writeNpy(margins, value);
    writeNpy(labels, y);
    const script = fileURLToPath(new URL("masks.py", import.meta.url));
    const { stdout, stderr } = spawnSync(python, [script, margins, labels], { encoding: "utf8" });
    return stdout + stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
