import { accuracy, guesses } from "../../lib/train/accuracy.ts";
import { mistaken, mistakenPictures } from "../../lib/train/contact-sheet.ts";
import { curve } from "../../lib/train/curve.ts";
import { drawDataset } from "../../lib/train/drawn.ts";
import { sheet } from "../../lib/train/picture.ts";
import { formatPng } from "../../lib/train/png.ts";
import { percent, table } from "../../lib/train/terminal.ts";
import type { Example } from "../example.ts";
import { train } from "../trained.ts";

// prettier-ignore
const runs = [
  { name: "svm",     representation: "pixels",   epochs: 20 },
  { name: "softmax", representation: "pixels",   epochs: 20 },
  { name: "svm",     representation: "features", epochs: 40 },
  { name: "softmax", representation: "features", epochs: 40 },
  { name: "network", representation: "features", epochs: 12 }, // fits the training images almost without a rest after 40
] as const;

export const example: Example = {
  formula: `x        = (4×4 cells × 9 orientations of the grey image's gradient, 10 bins of hue), mean 0, deviation 1
linear   s = x·W + b
network  s = max(0, x·V + a)·W + b      its loss is written in one line; ∂L/∂V, ∂L/∂a, ∂L/∂W, ∂L/∂b are derived`,
  run: async ({ dataset, quick, showsImages, print, picture }) => {
    const rows = [["", "", "training", "validation", "test"]];
    for (const { name, representation, epochs: usually } of runs) {
      const epochs = quick ? 6 : usually;
      const { model, weights, epochs: history, samples } = train(dataset, name, representation, { epochs });
      const { training, validation } = history.at(-1)!;
      const test = accuracy(model, weights, samples.test);
      rows.push([name, representation, percent(training), percent(validation), percent(test)]);
      if (name === "network") picture("network.svg", curve("two-layer network on features", history));
    }
    print(`accuracy on ${dataset.origin}\n\n${table(rows)}\n`);

    const shown = showsImages ? dataset : drawDataset(1);
    const { model, weights, samples } = train(shown, "network", "features", { epochs: quick ? 6 : 12 });
    const given = guesses(model, weights, samples.test);
    const wrong = mistaken(shown.test, given, shown.classes.length, 10);
    picture("mistaken.png", formatPng(sheet(mistakenPictures(shown.test, wrong))));
    print(`given a class wrongly by the network, of ${shown.origin}: a row a class in mistaken.png\n\n`);
    const lines = wrong.map(({ given: j, images }) => {
      const own = images.slice(0, 4).map((n) => shown.classes[shown.test.labels[n]!]!);
      return [`  ${shown.classes[j]!}`, `← ${own.join(", ")}`];
    });
    const width = Math.max(...lines.map(([name]) => name!.length));
    print(`${lines.map(([name, own]) => `${name!.padEnd(width)}  ${own}`).join("\n")}\n`);
  },
};
