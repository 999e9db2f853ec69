/** A data set made ready: split, and represented as pixels or as features. */
import type { Tensor } from "../binding.ts";
import { UserError } from "../errors.ts";
import { features, featureSource, normalization } from "./features.ts";
import { part, type Dataset, type ImageSet } from "./image-set.ts";
import { meanImage } from "./mean-image.ts";
import { samplesOf, type Samples, type Source } from "./samples.ts";

export interface Prepared {
  readonly classes: readonly string[];
  readonly training: Source;
  readonly validation: Source;
  readonly test: Source;
  /** What was taken from the training images, to treat others alike: the mean image, or that of features and their deviation. */
  readonly taken: ReadonlyMap<string, Tensor>;
}

/** What a row of X is: the pixels, or features of them. */
export type Representation = "pixels" | "features";

/** How many training images are set apart, unless told otherwise: an eighth, at most 1 000 as in CS231n. */
export const validationSize = ({ labels }: ImageSet): number => Math.min(1000, Math.floor(labels.length / 8));

/** The last `validation` training images are set apart to choose by; means come from the others. */
export function prepare(dataset: Dataset, representation: Representation, validation: number): Prepared {
  const count = dataset.train.labels.length;
  if (validation < 1 || validation >= count)
    throw new UserError(`${validation} of ${count} training images cannot be set apart for validation`);
  const sets = {
    training: part(dataset.train, 0, count - validation),
    validation: part(dataset.train, count - validation, count),
    test: dataset.test,
  };
  const { treat, taken } = representation === "pixels" ? asPixels(sets.training) : asFeatures(sets.training);
  return {
    classes: dataset.classes,
    training: treat(sets.training),
    validation: treat(sets.validation),
    test: treat(sets.test),
    taken,
  };
}

interface Treatment {
  readonly treat: (set: ImageSet) => Source;
  readonly taken: Prepared["taken"];
}

function asPixels(training: ImageSet): Treatment {
  const mean = meanImage(training);
  return {
    treat: ({ bytes, labels }) => ({ kind: "pixels", bytes, labels, mean }),
    taken: new Map([["pixels.mean", { shape: [mean.length], data: mean }]]),
  };
}

function asFeatures(training: ImageSet): Treatment {
  const rows = features(training);
  const scale = normalization(rows);
  return {
    treat: (set) => featureSource(set === training ? rows : features(set), set.labels, scale),
    taken: new Map([
      ["features.mean", { shape: [scale.mean.length], data: scale.mean }],
      ["features.deviation", { shape: [scale.deviation.length], data: scale.deviation }],
    ]),
  };
}

export interface Ready {
  readonly training: Samples;
  readonly validation: Samples;
  readonly test: Samples;
}

export const samplesIn = ({ training, validation, test }: Prepared): Ready => ({
  training: samplesOf(training),
  validation: samplesOf(validation),
  test: samplesOf(test),
});
