import { Random } from "../../lib/check/random.ts";
import { parse } from "../../lib/parse.ts";
import { printDefinition } from "../../lib/text/print.ts";
import { arrayOf } from "../../lib/train/array-of.ts";
import { kernelInputs, type Classifier, type Weights } from "../../lib/train/classifier.ts";
import { forward, upTo } from "../../lib/train/forward.ts";
import { firstOf, rowsOf, type Samples } from "../../lib/train/samples.ts";
import { percent, settingText, table } from "../../lib/train/terminal.ts";
import { relativeError } from "../distance.ts";
import type { Example } from "../example.ts";
import { train } from "../trained.ts";

const deltas = [0, 0.01, 0.1, 1, 10];
const steps = [1e-3, 1e-5, 1e-7];

export const example: Example = {
  formula: `numeric  (L(W + h·e) − L(W − h·e)) / 2h        a step along one coordinate e of W
kink     some s_j − s_y + Δ changes its sign between W − h·e and W + h·e`,
  run: async ({ dataset, quick, print }) => {
    const epochs = quick ? 2 : 20;
    const coordinates = quick ? 4 : 60;
    const images = quick ? 40 : 200;
    print(`${images} images, ${coordinates} random coordinates of W, the same for all rows\n`);
    print(
      `straddles: margins that a step carries over 0, a coordinate; off: coordinates whose numeric and\n`,
    );
    print(
      `analytic slope differ by more than 1e-4, relative; of 10: checks of ten with at least one such\n\n`,
    );
    const observed = firstOf(train(dataset, "svm", "pixels", { epochs: 0 }).samples.training, images);
    const tables = steps.map((h) => ({
      h,
      rows: [["", ...deltas.map((delta) => `Δ = ${settingText(delta)}`)]],
    }));
    const watch = (epoch: number, model: Classifier, weights: Weights): void => {
      if (![0, 1, epochs].includes(epoch)) return;
      const when = epoch === 0 ? "initialization" : `after epoch ${epoch}`;
      for (const { h, rows } of tables)
        rows.push([when, ...measure(model, weights, observed, h, coordinates).map(cell)]);
    };
    train(dataset, "svm", "pixels", { epochs, watch });
    for (const { h, rows } of tables)
      print(`h = ${settingText(h)}: straddles, off, of 10\n\n${table(rows)}\n`);
  },
};

const cell = ({ straddles, off }: Frequency): string =>
  `${straddles.toFixed(2)}  ${percent(off).padStart(7)} ${percent(1 - (1 - off) ** 10).padStart(8)}`;

interface Frequency {
  readonly straddles: number;
  readonly off: number;
}

/** For each Δ. */
function measure(
  model: Classifier,
  weights: Weights,
  images: Samples,
  h: number,
  coordinates: number,
): Frequency[] {
  const { program, classes } = model;
  const X = { shape: [images.count, images.width], data: rowsOf(images) };
  const y = { shape: [images.count], data: Int32Array.from(images.labels) };
  const W = weights.get("W")!.data;
  // The stages after the scores, which stay cheap when Δ varies.
  const fromScores = parse(
    program.definitions
      .slice(1)
      .map((definition) => printDefinition(definition))
      .join("\n"),
  );
  const margins = forward(upTo(fromScores, "margin")!);
  const loss = forward(fromScores);
  const scoresAt = () => arrayOf(model.scores.run(kernelInputs(model, X, y, weights)).value);
  const stage = (score: Float64Array, Delta: number) => ({
    score: { shape: [images.count, classes], data: score },
    y,
    Delta,
    reg: 0,
    W: weights.get("W")!,
  });
  const gradients = deltas.map((Delta) => {
    const inputs = { ...kernelInputs(model, X, y, weights), Delta, reg: 0 };
    return arrayOf(model.kernel.run(inputs).gradients["W"]);
  });
  const random = new Random(11);
  const found = deltas.map(() => ({ straddles: 0, off: 0 }));
  for (let n = 0; n < coordinates; n++) {
    const at = random.int(0, W.length - 1);
    const before = W[at]!;
    const beside = [before + h, before - h].map((to) => {
      W[at] = to;
      return scoresAt();
    });
    W[at] = before;
    for (const [k, Delta] of deltas.entries()) {
      const [right, left] = beside.map((score) => arrayOf(margins.run(stage(score, Delta)).value));
      const [above, below] = beside.map((score) => Number(loss.run(stage(score, Delta)).value));
      const straddled = right!.reduce(
        (sum, margin, m) =>
          sum + (margin > 0 !== left![m]! > 0 && m % classes !== y.data[Math.floor(m / classes)] ? 1 : 0),
        0,
      );
      const numeric = (above! - below!) / (2 * h);
      found[k]!.straddles += straddled / coordinates;
      found[k]!.off += relativeError(numeric, gradients[k]![at]!) > 1e-4 ? 1 / coordinates : 0;
    }
  }
  return found;
}
