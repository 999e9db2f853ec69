import { accuracy } from "../../lib/train/accuracy.ts";
import { classifier } from "../../lib/train/classifier.ts";
import { tuning, usual } from "../../lib/train/defaults.ts";
import { heatMap } from "../../lib/train/heat-map.ts";
import { models } from "../../lib/train/models.ts";
import { prepare, validationSize } from "../../lib/train/prepare.ts";
import { samplesOf } from "../../lib/train/samples.ts";
import { best, search, type Job } from "../../lib/train/search.ts";
import { percent, settingText, table } from "../../lib/train/terminal.ts";
import type { Example } from "../example.ts";

const learningRates = [1e-7, 3e-7, 1e-6, 3e-6];
const regs = [1e3, 3e3, 1e4, 3e4];

export const example: Example = {
  formula: `(η*, λ*) = argmax over (η, λ) of accuracy on validation images of W(η, λ)
W(η, λ)  = where η-steps down the gradient of L + λ Σ W² on the training images lead`,
  run: async ({ dataset, quick, print, picture }) => {
    const { training, validation, test, classes } = prepare(dataset, "pixels", validationSize(dataset.train));
    const rates = quick ? learningRates.slice(1, 3) : learningRates;
    const schedule = {
      epochs: quick ? 1 : 10,
      batch: usual.batch,
      decay: 1,
      deviation: tuning("svm", "pixels").deviation,
      seed: 1,
    };
    const jobs = rates.flatMap((learningRate) =>
      regs.map((reg): Job => ({ schedule: { ...schedule, learningRate }, settings: { Delta: 1, reg } })),
    );
    for (const name of ["svm", "softmax"]) {
      const task = { text: models[name]!, classes: classes.length, hidden: undefined, training, validation };
      const outcomes = await search(task, jobs, quick ? 1 : 2);
      const entries = rates.map((_, r) => regs.map((_, c) => outcomes[r * regs.length + c]!.validation));
      const rows = entries.map((row, r) => [settingText(rates[r]!), ...row.map(percent)]);
      print(`${name}: validation accuracy by learning rate (rows) and reg (columns)\n\n`);
      print(`${table([["", ...regs.map(settingText)], ...rows])}\n`);
      const columns = { name: "reg", values: regs };
      picture(
        `${name}.svg`,
        heatMap({
          title: `${name}: validation accuracy`,
          rows: { name: "learning rate", values: rates },
          columns,
          entries,
        }),
      );
      const chosen = best(outcomes)!;
      const samples = samplesOf(test);
      const model = classifier(
        task.text,
        { width: samples.width, classes: classes.length },
        chosen.job.settings,
      );
      const tested = percent(accuracy(model, chosen.weights, samples));
      const { learningRate } = chosen.job.schedule;
      print(
        `best: learning rate ${settingText(learningRate)}, reg ${settingText(chosen.job.settings["reg"]!)}; on the test images, once: ${tested}\n\n`,
      );
    }
  },
};
