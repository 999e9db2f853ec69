/** What `dscore train` is asked to do: flags read, data loaded, settings complete. */
import { availableParallelism } from "node:os";
import { crc32 } from "node:zlib";
import { UserError } from "../errors.ts";
import { parse } from "../parse.ts";
import { shorten } from "../text/names.ts";
import type { Settings } from "../train/archive.ts";
import { readCifar } from "../train/cifar.ts";
import { tuning, usual } from "../train/defaults.ts";
import { drawDataset } from "../train/drawn.ts";
import { models } from "../train/models.ts";
import { prepare, validationSize, type Prepared, type Representation } from "../train/prepare.ts";
import type { Source } from "../train/samples.ts";
import type { Job } from "../train/search.ts";
import type { Io } from "./io.ts";
import { readLoss } from "./loss.ts";
import { lossFlags, type Call, type Flags } from "./verb.ts";

export const trainFlags: Flags = {
  ...lossFlags,
  data: { value: "DIR", about: "CIFAR-10, binary version; images drawn by dscore when absent" },
  features: {
    value: "WHICH",
    among: ["pixels", "hog"],
    about: "pixels (default), or hog: oriented gradients and hues",
  },
  epochs: { value: "N", about: `times through the training images; ${usual.epochs}` },
  batch: { value: "N", about: `images a step; ${usual.batch}` },
  "learning-rate": { value: "X,…", many: true, about: "length of a step; several are searched" },
  reg: { value: "X,…", many: true, about: "strength of the penalty, the loss's reg; several are searched" },
  decay: { value: "X", about: "what the learning rate is multiplied by after each epoch; 1" },
  delta: { value: "X", about: "the loss's Delta; 1" },
  set: { value: "NAME=X", many: true, about: "the value of another number of the loss" },
  hidden: { value: "N", about: `hidden units, where the loss has some; ${usual.hidden}` },
  deviation: { value: "X", about: "standard deviation of the first weights" },
  validation: { value: "N", about: "training images set apart; an eighth, at most 1000" },
  seed: { value: "N", about: "of the first weights, the order of images, and drawn images; 1" },
  output: {
    short: "o",
    value: "FILE",
    about: "the result; NAME.npz. The curve or heat map is FILE with .svg",
  },
  "checkpoint-every": { value: "N", about: "steps between two checkpoints; 50" },
  resume: { about: "go on from the checkpoint of an interrupted run" },
  test: { about: "report the accuracy on the test images, too" },
  threads: { value: "N", about: "for a search; the result does not depend on it" },
};

export interface Request {
  readonly name: string;
  readonly text: string;
  readonly origin: string;
  readonly representation: Representation;
  readonly prepared: Prepared;
  readonly hidden: number;
  /** By learning rate, and for each by reg. */
  readonly jobs: readonly Job[];
  readonly learningRates: readonly number[];
  readonly regs: readonly number[];
  readonly path: string;
  readonly every: number;
  readonly threads: number;
}

export function readRequest(call: Call, io: Io): Request {
  const { name, text } = readModel(call, io);
  const representation = call.value("features") === "hog" ? "features" : "pixels";
  const seed = whole(call, "seed", usual.seed, 0);
  const usualTuning = tuning(name, representation);
  const learningRates = list(call, "learning-rate", [usualTuning.learningRate], positive);
  const regs = list(call, "reg", [usualTuning.reg], notNegative);
  const schedule = {
    epochs: whole(call, "epochs", usual.epochs, 1),
    batch: whole(call, "batch", usual.batch, 1),
    decay: one(call, "decay", usual.decay, positive),
    deviation: one(call, "deviation", usualTuning.deviation, notNegative),
    seed,
  };
  const others = { Delta: one(call, "delta", 1, finite), ...assigned(call) };
  expectRead(text, [
    ...(call.has("reg") ? ["reg"] : []),
    ...(call.has("delta") ? ["Delta"] : []),
    ...Object.keys(assigned(call)),
  ]);
  const every = whole(call, "checkpoint-every", 50, 1);
  const threads = whole(call, "threads", availableParallelism(), 1);
  const hidden = whole(call, "hidden", usual.hidden, 1);
  const validation = call.has("validation") ? whole(call, "validation", 0, 1) : undefined;
  const directory = call.value("data");
  const dataset = directory === undefined ? drawDataset(seed) : readCifar(directory);
  return {
    name,
    text,
    origin: dataset.origin,
    representation,
    prepared: prepare(dataset, representation, validation ?? validationSize(dataset.train)),
    hidden,
    jobs: learningRates.flatMap((learningRate) =>
      regs.map((reg) => ({ schedule: { ...schedule, learningRate }, settings: { ...others, reg } })),
    ),
    learningRates,
    regs,
    path: call.value("output") ?? `${name}.npz`,
    every,
    threads,
  };
}

/** A model by its name, or any loss. */
function readModel(call: Call, io: Io): { readonly name: string; readonly text: string } {
  const [wanted] = call.operands;
  if (wanted !== undefined && !call.has("expression") && Object.hasOwn(models, wanted))
    return { name: wanted, text: models[wanted]! };
  if (wanted === undefined && !call.has("expression"))
    throw new UserError("no loss is given", { fix: `dscore train ${Object.keys(models).join("|")}` });
  const { name, text } = readLoss(call, io);
  return { name, text };
}

interface Range {
  readonly holds: (x: number) => boolean;
  readonly words: string;
}

// prettier-ignore
const [finite, positive, notNegative]: readonly [Range, Range, Range] = [
  { holds: Number.isFinite,                        words: "a number" },
  { holds: (x) => Number.isFinite(x) && x > 0,     words: "a number above 0" },
  { holds: (x) => Number.isFinite(x) && x >= 0,    words: "a number, 0 or more" },
];

function number(flag: string, text: string, { holds, words }: Range): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (holds(value)) return value;
  throw new UserError(`--${flag} is "${shorten(text)}"`, { fix: `--${flag} wants ${words}` });
}

const one = (call: Call, flag: string, usually: number, range: Range): number => {
  const text = call.value(flag);
  return text === undefined ? usually : number(flag, text, range);
};

const whole = (call: Call, flag: string, usually: number, least: number): number =>
  one(call, flag, usually, {
    holds: (x) => Number.isSafeInteger(x) && x >= least && x < 2 ** 32,
    words: `a whole number, ${least} or more`,
  });

function list(call: Call, flag: string, usually: readonly number[], range: Range): readonly number[] {
  const values = call.values(flag).map((text) => number(flag, text, range));
  if (call.has(flag) && values.length === 0) throw new UserError(`--${flag} lists no value`);
  return call.has(flag) ? [...new Set(values)] : usually;
}

function assigned(call: Call): Readonly<Record<string, number>> {
  return Object.fromEntries(
    call.values("set").map((text) => {
      const at = text.indexOf("=");
      if (at < 1) throw new UserError(`--set is "${shorten(text)}"`, { fix: "--set NAME=VALUE" });
      return [text.slice(0, at).trim(), number("set", text.slice(at + 1), finite)];
    }),
  );
}

/** Refuses values for numbers that the loss does not have. */
function expectRead(text: string, given: readonly string[]): void {
  const known = parse(text)
    .inputs.filter(({ shape }) => shape.length === 0)
    .map(({ name }) => name);
  const unknown = given.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UserError(`the loss has no number ${unknown}`, { fix: `it has ${known.join(", ") || "none"}` });
}

/** All that a result depends on: what a run that goes on must have in common with the one it continues. */
export const settingsOf = (request: Request, { schedule, settings }: Job): Settings => ({
  definition: request.text.trim(),
  representation: request.representation,
  images: fingerprint(request.prepared),
  hidden: request.hidden,
  ...schedule,
  ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [`${name} of the loss`, value])),
});

const fingerprint = ({ training, validation }: Prepared): string =>
  [training, validation]
    .map((source) => `${source.labels.length}:${crc32(numbers(source)).toString(16)}`)
    .join(" ");

const numbers = (source: Source): Uint8Array =>
  source.kind === "pixels"
    ? source.bytes
    : new Uint8Array(source.rows.buffer, source.rows.byteOffset, source.rows.byteLength);
