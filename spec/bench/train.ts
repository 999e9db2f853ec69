/**
 * Training beside NumPy, on real images: accuracy over five seeds, time of an epoch, memory.
 *
 *   DSCORE_PYTHON=… node --import tsx spec/bench/train.ts [DIRECTORY] [--seeds N] [--epochs N] [--memory]
 *
 * With --memory, also a data set as large as the official one (made up, 50 000 images) for one
 * epoch in a process of its own, with the greatest memory that it had.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Random } from "../../lib/check/random.ts";
import { writeNpy } from "../../lib/data/write-arrays.ts";
import { accuracy } from "../../lib/train/accuracy.ts";
import { readCifar } from "../../lib/train/cifar.ts";
import { classifier, initialWeights } from "../../lib/train/classifier.ts";
import { tuning, usual } from "../../lib/train/defaults.ts";
import { descend, start } from "../../lib/train/descent.ts";
import { imageBytes, type Dataset } from "../../lib/train/image-set.ts";
import { epochOrder } from "../../lib/train/order.ts";
import { models } from "../../lib/train/models.ts";
import { prepare, samplesIn, validationSize } from "../../lib/train/prepare.ts";
import { firstOf } from "../../lib/train/samples.ts";
import { percent } from "../../lib/train/terminal.ts";

export interface Measured {
  readonly accuracies: readonly number[];
  readonly secondsPerEpoch: number;
}

/** Our side: the accuracy on the test images for seeds 1, 2, …, and the median time of an epoch. */
export function ours(dataset: Dataset, name: string, epochs: number, seeds: number): Measured {
  const { training, validation, test } = samplesIn(prepare(dataset, "pixels", validationSize(dataset.train)));
  const { learningRate, reg, deviation } = tuning(name, "pixels");
  const model = classifier(
    models[name]!,
    { width: training.width, classes: dataset.classes.length },
    { Delta: 1, reg },
  );
  const seconds: number[] = [];
  const accuracies = Array.from({ length: seeds }, (_, n) => {
    const schedule = { epochs, batch: usual.batch, decay: 1, learningRate, deviation, seed: n + 1 };
    let state = start(model, schedule);
    let from = performance.now();
    // One image to validate: what is timed is training.
    for (const progress of descend(model, training, firstOf(validation, 1), schedule, state)) {
      state = progress.state;
      if (!progress.epochEnded) continue;
      seconds.push((performance.now() - from) / 1000);
      from = performance.now();
    }
    return accuracy(model, state.weights, test);
  });
  return { accuracies, secondsPerEpoch: seconds.toSorted((a, b) => a - b)[Math.floor(seconds.length / 2)]! };
}

/** NumPy's side, with the same hyperparameters, first weights and orders of images; undefined when that Python has no NumPy. */
export function numpys(
  python: string,
  directory: string,
  name: string,
  epochs: number,
  seeds: number,
): Measured | undefined {
  const { learningRate, reg, deviation } = tuning(name, "pixels");
  const { train } = readCifar(directory);
  const count = train.labels.length - validationSize(train);
  const model = classifier(models[name]!, { width: imageBytes, classes: 10 }, { Delta: 1, reg });
  const folder = mkdtempSync(join(tmpdir(), "dscore-bench-"));
  try {
    const starts = Array.from({ length: seeds }, (_, n) => {
      const start = join(folder, String(n + 1));
      mkdirSync(start);
      const orders = Array.from({ length: epochs }, (_, epoch) => [...epochOrder(count, n + 1, epoch)]);
      writeNpy(join(start, "W.npy"), initialWeights(model, deviation, n + 1).get("W")!);
      writeNpy(join(start, "orders.npy"), { shape: [epochs, count], data: Int32Array.from(orders.flat()) });
      return start;
    });
    const script = fileURLToPath(new URL("train-numpy.py", import.meta.url));
    const argv = [script, directory, name, String(learningRate), String(reg), ...starts];
    const { status, stdout } = spawnSync(python, argv, { encoding: "utf8" });
    return status === 0 ? (JSON.parse(stdout) as Measured) : undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, x) => sum + x, 0) / values.length;

function compare(directory: string, epochs: number, seeds: number): void {
  const dataset = readCifar(directory);
  const python = process.env["DSCORE_PYTHON"] ?? "python3";
  for (const name of ["svm", "softmax"]) {
    const [us, them] = [ours(dataset, name, epochs, seeds), numpys(python, directory, name, epochs, seeds)];
    const line = ({ accuracies, secondsPerEpoch }: Measured): string =>
      `${percent(mean(accuracies))} (${accuracies.map(percent).join(", ")}), ${secondsPerEpoch.toFixed(3)} s an epoch`;
    console.log(`${name}, ${epochs} epochs, ${seeds} seeds`);
    console.log(`  dscore  ${line(us)}`);
    if (them === undefined)
      console.log(`  numpy   left out: ${python} has no NumPy; name one in DSCORE_PYTHON`);
    else {
      console.log(`  numpy   ${line(them)}`);
      const points = 100 * (mean(us.accuracies) - mean(them.accuracies));
      console.log(
        `  difference ${points.toFixed(2)} points; time ${(us.secondsPerEpoch / them.secondsPerEpoch).toFixed(2)} × NumPy's`,
      );
    }
  }
}

function memory(): void {
  const folder = mkdtempSync(join(tmpdir(), "dscore-bench-"));
  try {
    const random = new Random(1);
    const batch = new Uint8Array(10_000 * 3073).map((_, n) =>
      n % 3073 === 0 ? random.int(0, 9) : (n * 2_654_435_761) >>> 24,
    );
    for (const n of [1, 2, 3, 4, 5]) writeFileSync(join(folder, `data_batch_${n}.bin`), batch);
    writeFileSync(join(folder, "test_batch.bin"), batch);
    writeFileSync(join(folder, "batches.meta.txt"), "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
    const main = fileURLToPath(new URL("../../lib/cli/main.ts", import.meta.url));
    const script = `process.argv = ["node", ...process.argv]; process.on("exit", () => console.log("greatest memory " + Math.round(process.resourceUsage().maxRSS / 1024) + " MB")); await import(${JSON.stringify(main)});`;
    const argv = [
      "train",
      "softmax",
      "--data",
      folder,
      "--epochs",
      "1",
      "--test",
      "-o",
      join(folder, "full.npz"),
    ];
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "-e", script, "--", ...argv],
      { encoding: "utf8" },
    );
    console.log(`50 000 made-up images\n${stdout}${stderr}`.replaceAll(/^(?=.)/gmu, "  "));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seeds: { type: "string", default: "5" },
      epochs: { type: "string", default: "10" },
      memory: { type: "boolean", default: false },
    },
  });
  compare(positionals[0] ?? "../shared/data/cifar10", Number(values.epochs), Number(values.seeds));
  if (values.memory) memory();
}
