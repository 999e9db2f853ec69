import { parse } from "../../lib/parse.ts";
import { bind } from "../../lib/bind.ts";
import { compile } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { evaluate } from "../../lib/eval.ts";
import type { Program } from "../../lib/expr/program.ts";
import { decimal, type Decimal } from "../../lib/number/decimal.ts";
import { guesses } from "../../lib/train/accuracy.ts";
import { arrayOf } from "../../lib/train/array-of.ts";
import { kernelInputs, type Classifier, type Weights } from "../../lib/train/classifier.ts";
import { forward } from "../../lib/train/forward.ts";
import { imageBytes } from "../../lib/train/image-set.ts";
import { enlarge, pictureOf, sheet } from "../../lib/train/picture.ts";
import { formatPng } from "../../lib/train/png.ts";
import { firstOf, rowsOf, type Samples } from "../../lib/train/samples.ts";
import { table } from "../../lib/train/terminal.ts";
import type { Example } from "../example.ts";
import { train, type Trained } from "../trained.ts";

/** The loss of one sample from its scores, for as many digits as are wanted; for softmax without cancellation. */
const ofScores: Readonly<Record<string, Program>> = {
  svm: parse("loss = sum(j != y, max(0, s[j] - s[y] + 1))"),
  softmax: parse("loss = log1p(sum(j != y, exp(s[j] - s[y])))"),
};

export const example: Example = {
  formula: `svm      Lᵢ = Σ_{j≠y} max(0, sⱼ − s_y + Δ)         is 0 as soon as every sⱼ ≤ s_y − Δ
softmax  Lᵢ = log(1 + Σ_{j≠y} exp(sⱼ − s_y))        is above 0 for all finite scores`,
  run: async ({ dataset, quick, print, picture }) => {
    const found = [];
    for (const name of ["svm", "softmax"]) {
      const trained = train(dataset, name, "pixels", { epochs: quick ? 2 : 20 });
      const { model, weights } = trained;
      const point = await addedPoint(name, trained, quick ? 30 : 1000);
      const seen = firstOf(trained.samples.training, 500);
      const before = lossSum(model, weights, seen, []);
      const after = lossSum(model, weights, seen, [point]);
      const change = await precisely(name, scoresAt(model, weights, point.x), point.label);
      found.push(pictureOf(point.bytes));
      print(
        `${name}: an image of class ${dataset.classes[point.label]}, grey at first, moved ${point.steps} times along −∂L/∂x\n\n`,
      );
      print(`  greatest sⱼ − s_y              ${point.gap.toFixed(4)}\n`);
      print(`  losses of ${seen.count} images, summed  ${before}\n`);
      print(`  the same with the new image    ${after}\n`);
      print(`  the new image's, with 64 digits  ${short(change)}\n`);
      print(`  half the spacing of doubles there  ${(spacing(before) / 2).toExponential(2)}\n\n`);
      if (name === "softmax") print(await scaled(trained, point));
    }
    picture("points.png", formatPng(sheet([found.map((image) => enlarge(image, 4))], 8)));
  },
};

/** The loss that scores cost, with 64 digits. */
async function precisely(name: string, scores: Float64Array, label: number): Promise<Decimal> {
  const program = ofScores[name]!;
  const values = evaluate(
    program.definitions,
    bind(program, { s: [...scores], y: label }),
    await decimal(64),
  );
  return values.get("loss")!.data[0]!;
}

/** From a double to the next one. */
const spacing = (x: number): number => 2 ** (Math.floor(Math.log2(x)) - 52);

interface Added {
  readonly bytes: Uint8Array;
  readonly x: Float64Array;
  readonly label: number;
  readonly steps: number;
  /** The greatest score of another class, less that of its own. */
  readonly gap: number;
}

/** An image with bytes 0 to 255 whose loss is 0, or the least that is found. */
async function addedPoint(
  name: string,
  { model, weights, prepared, samples }: Trained,
  mostSteps: number,
): Promise<Added> {
  const label = commonest(guesses(model, weights, firstOf(samples.training, 200)));
  const mean = prepared.taken.get("pixels.mean")!.data;
  const kernel = compile(differentiate(model.program, { wrt: ["X"] }), { style: "fused" });
  const tail = forward(ofScores[name]!);
  const pixels = new Float64Array(imageBytes).fill(128);
  const dX = new Float64Array(imageBytes);
  let best: Added & { loss: number } = {
    bytes: new Uint8Array(0),
    x: dX,
    label,
    steps: 0,
    gap: Infinity,
    loss: Infinity,
  };
  for (let steps = 0; steps < mostSteps && best.loss > 0; steps++) {
    const bytes = Uint8Array.from(pixels, (value) => Math.round(value));
    const x = Float64Array.from(bytes, (byte, k) => byte - mean[k]!);
    const scores = scoresAt(model, weights, x);
    const loss = Number(tail.run({ s: { shape: [scores.length], data: scores }, y: label }).value);
    if (loss < best.loss) best = { bytes, x, label, steps, gap: greatestGap(scores, label), loss };
    kernel.run(unpenalized(model, weights, x, [label]), { X: dX });
    const steepest = dX.reduce((most, slope) => Math.max(most, Math.abs(slope)), 0);
    if (steepest === 0) break;
    // The greatest change is 4 grey levels: the direction counts, the slope may be as small as it likes.
    for (let k = 0; k < imageBytes; k++)
      pixels[k] = Math.max(0, Math.min(255, pixels[k]! - (4 * dX[k]!) / steepest));
  }
  return best;
}

function commonest(labels: Uint8Array): number {
  const count = new Map<number, number>();
  for (const label of labels) count.set(label, (count.get(label) ?? 0) + 1);
  return [...count].reduce((most, entry) => (entry[1] > most[1] ? entry : most))[0];
}

/** The inputs of the loss without its penalty, which is no part of the sum over data. */
function unpenalized(model: Classifier, weights: Weights, rows: Float64Array, labels: readonly number[]) {
  const X = { shape: [labels.length, imageBytes], data: rows };
  const y = { shape: [labels.length], data: Int32Array.from(labels) };
  return { ...kernelInputs(model, X, y, weights), reg: 0 };
}

function scoresAt(model: Classifier, weights: Weights, x: Float64Array): Float64Array {
  return arrayOf(model.scores.run(unpenalized(model, weights, x, [0])).value);
}

function greatestGap(scores: Float64Array, label: number): number {
  return Math.max(...[...scores].filter((_, j) => j !== label)) - scores[label]!;
}

/** Σᵢ Lᵢ, a loss at a time, over samples and then the points added. */
function lossSum(model: Classifier, weights: Weights, samples: Samples, added: readonly Added[]): number {
  const rows = rowsOf(samples);
  const one = (x: Float64Array, label: number): number =>
    Number(model.kernel.run(unpenalized(model, weights, x, [label])).value);
  let sum = 0;
  for (let n = 0; n < samples.count; n++)
    sum += one(rows.subarray(n * imageBytes, (n + 1) * imageBytes), samples.labels[n]!);
  for (const { x, label } of added) sum += one(x, label);
  return sum;
}

/** Without the bounds of a byte: the image's deviation from the mean image, times t. */
async function scaled({ model, weights }: Trained, { x, label }: Added): Promise<string> {
  const rows = [["", "sⱼ − s_y", "L in doubles", "L with 64 digits"]];
  const tail = forward(ofScores["softmax"]!);
  for (const t of [1, 4, 16, 64, 256, 1024]) {
    const far = x.map((value) => t * value);
    const scores = scoresAt(model, weights, far);
    const { value } = tail.run({ s: { shape: [scores.length], data: scores }, y: label });
    const exact = await precisely("softmax", scores, label);
    rows.push([
      `×${t}`,
      greatestGap(scores, label).toFixed(1),
      value === 0 ? "0" : Number(value).toExponential(2),
      short(exact),
    ]);
  }
  const text = table(rows).trimEnd().replaceAll(/^/gmu, "  ");
  return `  the same image, further and further from the mean image\n\n${text}\n\n`;
}

const short = (x: Decimal): string => (x.isZero() ? "0" : x.toSignificantDigits(3).toExponential());
