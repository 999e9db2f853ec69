/** The cases that are measured. */
import { convolution, linear, network, scores, trainedSvm, type Case } from "./case.ts";

export const cases: readonly Case[] = [
  linear("svm", [500, 3073, 10]),
  linear("softmax", [500, 3073, 10]),
  linear("svm", [200, 3073, 10], true),
  linear("softmax", [200, 3073, 10], true),
  linear("svm", [5000, 3073, 10]),
  linear("softmax", [5000, 3073, 10]),
  trainedSvm([5000, 3073, 10]),
  linear("svm", [256, 512, 1000]),
  linear("softmax", [256, 512, 1000]),
  linear("svm", [20_000, 64, 3]),
  linear("softmax", [20_000, 64, 3]),
  scores("svm-scores", [100_000, 10], true),
  scores("softmax-scores", [100_000, 10], true),
  scores("svm-scores", [1000, 10_000]),
  scores("softmax-scores", [1000, 10_000]),
  network([200, 3072, 50, 10]),
  convolution([8, 16, 32, 16]),
  linear("svm", [8, 4, 3], true),
  linear("softmax", [8, 4, 3], true),
];
