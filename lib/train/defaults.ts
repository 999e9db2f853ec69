/** Step sizes and penalties to begin with, found by search on a part of CIFAR-10. */
import type { Representation } from "./prepare.ts";

export interface Tuning {
  readonly learningRate: number;
  readonly reg: number;
  /** The standard deviation of the first weights. */
  readonly deviation: number;
}

// prettier-ignore
const tunings: Readonly<Record<string, Readonly<Record<Representation, Tuning>>>> = {
  svm:     { pixels:   { learningRate: 3e-7, reg: 1e4,  deviation: 1e-4 },
             features: { learningRate: 1e-3, reg: 1e-2, deviation: 1e-3 } },
  softmax: { pixels:   { learningRate: 1e-6, reg: 1e4,  deviation: 1e-4 },
             features: { learningRate: 1e-2, reg: 1e-2, deviation: 1e-3 } },
  network: { pixels:   { learningRate: 3e-4, reg: 1e-2, deviation: 1e-3 },
             features: { learningRate: 0.3,  reg: 1e-3, deviation: 5e-2 } },
};

/** For a loss that is not among the models: steps that seldom diverge. */
const cautious: Readonly<Record<Representation, Tuning>> = {
  pixels: { learningRate: 1e-7, reg: 0, deviation: 1e-3 },
  features: { learningRate: 1e-3, reg: 0, deviation: 1e-2 },
};

export const tuning = (model: string, representation: Representation): Tuning =>
  (Object.hasOwn(tunings, model) ? tunings[model]! : cautious)[representation];

export const usual = { epochs: 20, batch: 200, decay: 1, seed: 1, hidden: 100 } as const;
