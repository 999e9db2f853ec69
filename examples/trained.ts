/** Classifiers that examples begin with, trained in the usual way. */
import { classifier, type Classifier, type Weights } from "../lib/train/classifier.ts";
import { tuning, usual } from "../lib/train/defaults.ts";
import { descend, start, type Epoch, type Schedule } from "../lib/train/descent.ts";
import type { Dataset } from "../lib/train/image-set.ts";
import { models } from "../lib/train/models.ts";
import {
  prepare,
  samplesIn,
  validationSize,
  type Prepared,
  type Ready,
  type Representation,
} from "../lib/train/prepare.ts";

export interface Trained {
  readonly model: Classifier;
  readonly weights: Weights;
  readonly epochs: readonly Epoch[];
  readonly prepared: Prepared;
  readonly samples: Ready;
}

export interface Training {
  readonly epochs: number;
  readonly seed?: number;
  /** Called with the weights before the first step and after each epoch. */
  readonly watch?: (epoch: number, model: Classifier, weights: Weights) => void;
}

/** The same for the same data, name and seed. */
export function train(
  dataset: Dataset,
  name: string,
  representation: Representation,
  { epochs, seed = usual.seed, watch = () => {} }: Training,
): Trained {
  const prepared = prepare(dataset, representation, validationSize(dataset.train));
  const samples = samplesIn(prepared);
  const { learningRate, reg, deviation } = tuning(name, representation);
  const dimensions = { width: samples.training.width, classes: dataset.classes.length, hidden: usual.hidden };
  const model = classifier(models[name]!, dimensions, { Delta: 1, reg });
  const schedule: Schedule = {
    epochs,
    batch: usual.batch,
    decay: usual.decay,
    learningRate,
    deviation,
    seed,
  };
  let state = start(model, schedule);
  watch(0, model, state.weights);
  for (const progress of descend(model, samples.training, samples.validation, schedule, state)) {
    state = progress.state;
    if (progress.epochEnded) watch(state.epochs.length, model, state.weights);
  }
  return { model, weights: state.weights, epochs: state.epochs, prepared, samples };
}
