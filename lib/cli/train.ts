/** `dscore train`: a classifier of images, by stochastic gradient descent with generated kernels. */
import { checkWritable, writeNpz, writeWhole } from "../data/write-arrays.ts";
import { UserError } from "../errors.ts";
import { accuracy } from "../train/accuracy.ts";
import { formatRun } from "../train/archive.ts";
import { classifier } from "../train/classifier.ts";
import { curve } from "../train/curve.ts";
import type { State } from "../train/descent.ts";
import { heatMap } from "../train/heat-map.ts";
import { samplesOf } from "../train/samples.ts";
import { best, search, type Outcome } from "../train/search.ts";
import { begin, checkpointPath, session, stepsOf, type Plan } from "../train/session.ts";
import { percent, settingText, table } from "../train/terminal.ts";
import type { Io } from "./io.ts";
import { writeJson } from "./json.ts";
import { progressLine } from "./train-progress.ts";
import { readRequest, settingsOf, trainFlags, type Request } from "./train-request.ts";
import type { Call, Verb } from "./verb.ts";

export const verb: Verb = {
  name: "train",
  usage: "svm|softmax|network|LOSS [--data DIR] [--epochs N] [--learning-rate X,…] [--reg X,…] [--resume]",
  about: `Trains a classifier of images by mini-batch gradient descent; every gradient is derived from the loss.
Without --data, on synthetic images that dscore draws itself. Several learning rates or penalties
are searched: each is trained, the best on the validation images is tested once.
LOSS is any loss of samples X[i,d] and labels y[i] that defines score[i,j]; real arrays besides X are trained.`,
  operands: 1,
  flags: trainFlags,
  exits: "Exit code 0: done. 130: interrupted; --resume goes on, to the same bits as if it had not been.",
  examples: [
    "dscore train softmax",
    "dscore train svm --data cifar-10-batches-bin --learning-rate 1e-7,3e-7,1e-6 --reg 5e3,1e4,2e4",
    "dscore train network --features hog --data cifar-10-batches-bin -o network.npz",
  ],
  run,
};

async function run(call: Call, io: Io): Promise<number> {
  const request = readRequest(call, io);
  // Not after the training.
  for (const file of [request.path, pictureOf(request.path)]) checkWritable(file);
  return request.jobs.length > 1 ? searchAll(request, call, io) : trainOne(request, call, io);
}

const pictureOf = (path: string): string => `${path.replace(/\.npz$/u, "")}.svg`;

async function trainOne(request: Request, call: Call, io: Io): Promise<number> {
  const { prepared, path, name, text, hidden } = request;
  const [job] = request.jobs;
  const training = samplesOf(prepared.training);
  const model = classifier(
    text,
    { width: training.width, classes: prepared.classes.length, hidden },
    job!.settings,
  );
  const plan: Plan = {
    classifier: model,
    training,
    validation: samplesOf(prepared.validation),
    schedule: job!.schedule,
    settings: settingsOf(request, job!),
    taken: prepared.taken,
    path,
    every: request.every,
  };
  const quiet = call.has("json");
  if (!quiet) io.out(headline(request));
  const { state, interrupted } = await walk(plan, begin(plan, call.has("resume")), quiet, io);
  if (interrupted) {
    io.err(
      `interrupted after step ${state.step} of ${stepsOf(plan)}; ${checkpointPath(path)} holds it: go on with --resume\n`,
    );
    return 130;
  }
  const picture = pictureOf(path);
  writeWhole(picture, curve(`${name}: loss and accuracy by epoch`, state.epochs));
  const test = call.has("test") ? accuracy(model, state.weights, samplesOf(prepared.test)) : undefined;
  const { training: seen, validation } = state.epochs.at(-1)!;
  if (quiet)
    writeJson(io, {
      model: name,
      origin: request.origin,
      epochs: state.epochs,
      training: seen,
      validation,
      test,
      result: path,
      curve: picture,
    });
  else {
    if (test !== undefined) io.out(`test accuracy ${percent(test)}\n`);
    io.out(`weights in ${path}, curve in ${picture}\n`);
  }
  return 0;
}

const headline = ({ name, origin, prepared, representation }: Request): string =>
  `${name} on ${representation} of ${origin}: ${prepared.training.labels.length} images to train, ${prepared.validation.labels.length} to validate\n`;

/** Takes the steps, and lets an interrupt through between two of them. */
async function walk(
  plan: Plan,
  from: State,
  quiet: boolean,
  io: Io,
): Promise<{ state: State; interrupted: boolean }> {
  let interrupted = false;
  const interrupt = (): void => {
    interrupted = true;
  };
  process.once("SIGINT", interrupt);
  process.once("SIGTERM", interrupt);
  const line = progressLine(plan, from, io);
  let state = from;
  if (!quiet) for (const [n] of from.epochs.entries()) io.out(epochLine(from, n + 1));
  try {
    for (const progress of session(plan, from)) {
      state = progress.state;
      line.show(progress);
      if (progress.epochEnded && !quiet) {
        line.clear();
        io.out(epochLine(state, state.epochs.length));
      }
      await new Promise((resume) => setImmediate(resume)); // signals arrive here only
      if (interrupted && state.step < stepsOf(plan)) return { state, interrupted };
    }
  } finally {
    line.clear();
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
  return { state, interrupted: false };
}

function epochLine({ epochs }: State, n: number): string {
  const { loss, training, validation } = epochs[n - 1]!;
  return `epoch ${String(n).padStart(3)}  loss ${loss.toPrecision(6).padEnd(9)}  training ${percent(training)}  validation ${percent(validation)}\n`;
}

async function searchAll(request: Request, call: Call, io: Io): Promise<number> {
  const { prepared, path, name, text, hidden, jobs, threads, learningRates, regs } = request;
  const { training, validation, classes } = prepared;
  if (call.has("resume")) throw new UserError("--resume goes on with one run, not with a search");
  const quiet = call.has("json");
  if (!quiet) io.out(headline(request));
  const task = { text, classes: classes.length, hidden, training, validation };
  const outcomes = await search(task, jobs, threads, (done) => {
    if (io.live === true)
      io.err(`\r${done} of ${jobs.length} settings\x1b[K${done === jobs.length ? "\r\x1b[K" : ""}`);
  });
  const chosen = best(outcomes);
  if (chosen === undefined)
    throw new UserError("the loss ran off with every setting", { fix: "smaller learning rates" });
  const at = (r: number, c: number): Outcome => outcomes[r * regs.length + c]!;
  const entries = learningRates.map((_, r) => regs.map((_, c) => at(r, c).validation));
  const picture = pictureOf(path);
  const rows = { name: "learning rate", values: learningRates };
  writeWhole(
    picture,
    heatMap({ title: `${name}: validation accuracy`, rows, columns: { name: "reg", values: regs }, entries }),
  );
  const samples = samplesOf(prepared.test);
  const model = classifier(
    text,
    { width: samples.width, classes: classes.length, hidden },
    chosen.job.settings,
  );
  const test = accuracy(model, chosen.weights, samples);
  saveBest(request, chosen);
  if (quiet)
    writeJson(io, {
      model: name,
      origin: request.origin,
      outcomes: outcomes.map(row),
      best: row(chosen),
      test,
      result: path,
      heatMap: picture,
    });
  else {
    io.out(table([["learning rate", "reg", "training", "validation"], ...outcomes.map(cells)]));
    const { learningRate, reg } = row(chosen);
    io.out(
      `best on validation: learning rate ${settingText(learningRate)}, reg ${settingText(reg)}; tested once: ${percent(test)}\n`,
    );
    io.out(`weights in ${path}, heat map in ${picture}\n`);
  }
  return 0;
}

const row = ({ job, training, validation }: Outcome) => ({
  learningRate: job.schedule.learningRate,
  reg: job.settings["reg"] ?? 0,
  training,
  validation,
});

const cells = (outcome: Outcome): string[] => {
  const { learningRate, reg, training, validation } = row(outcome);
  return [settingText(learningRate), settingText(reg), percent(training), percent(validation)];
};

function saveBest(request: Request, { job, weights, epochs }: Outcome): void {
  const steps = Math.ceil(request.prepared.training.labels.length / job.schedule.batch) * job.schedule.epochs;
  const state = { step: steps, weights, epochs, losses: [] };
  writeNpz(
    request.path,
    formatRun({ settings: settingsOf(request, job), state, taken: request.prepared.taken }),
  );
}
