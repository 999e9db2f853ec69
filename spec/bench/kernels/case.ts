/**
 * A problem at given sizes, with its inputs.
 *
 * Inputs lie on grids so coarse that scores and margins are exact in single precision, in any
 * order of summation, and no margin is exactly 0. A hinge therefore lets the same terms
 * through in every candidate, and results can be compared without excuses.
 */
import type { Tensor } from "../../../lib/binding.ts";
import { Random } from "../../../lib/check/random.ts";
import { problems, type Arrays, type ProblemName } from "./problem.ts";
import { trained } from "./trained.ts";

export interface Case {
  /** `svm 500x3073x10`. */
  readonly name: string;
  readonly problem: ProblemName;
  /** Whether it is run with `--quick`. */
  readonly quick: boolean;
  make(): Made;
}

export interface Made {
  readonly inputs: Arrays;
  /** How many rows have a violated margin, where that was aimed at. */
  readonly active?: number;
}

/** Weights are multiples of 2^-12 and features of 2^-6, so scores are multiples of 2^-18. */
const weightGrid = 2 ** -12;
const featureGrid = 2 ** -6;
const half = 2 ** -19;

const volume = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

export const scalar = (value: number): Tensor => ({ shape: [], data: Float64Array.of(value) });

const drawn = (shape: readonly number[], draw: () => number): Tensor => ({
  shape,
  data: new Float64Array(volume(shape)).map(draw),
});

const onGrid = (x: number, grid: number): number => Math.round(x / grid) * grid;

const features = (random: Random, shape: readonly number[]): Tensor =>
  drawn(shape, () => random.int(-64, 63) * featureGrid);

/** Weights under which a sum over `terms` features is of the order of 1. */
const weights = (random: Random, shape: readonly number[], terms: number): Tensor =>
  drawn(shape, () => onGrid(random.normal() / Math.sqrt(terms), weightGrid));

const labels = (random: Random, count: number, classes: number): Tensor => ({
  shape: [count],
  data: new Int32Array(count).map(() => random.int(0, classes - 1)),
});

const margin = scalar(1 + half);

/** Loss, scores, gradient and regularization of a linear classifier: N rows, D features, C classes. */
export function linear(
  problem: "svm" | "softmax",
  [N, D, C]: readonly [number, number, number],
  quick = false,
): Case {
  return {
    name: `${problem} ${N}x${D}x${C}`,
    problem,
    quick,
    make() {
      const random = new Random(1);
      const inputs = new Map([
        ["X", features(random, [N, D])],
        ["W", weights(random, [D, C], D)],
        ["y", labels(random, N, C)],
        ["reg", scalar(1 / 1024)],
      ]);
      if (problem === "svm") inputs.set("Delta", margin);
      return { inputs };
    },
  };
}

/** From given scores to the gradient by them. */
export function scores(
  problem: "svm-scores" | "softmax-scores",
  [N, C]: readonly [number, number],
  quick = false,
): Case {
  return {
    name: `${problem} ${N}x${C}`,
    problem,
    quick,
    make() {
      const random = new Random(2);
      const inputs = new Map([
        ["s", drawn([N, C], () => onGrid(random.normal(), weightGrid))],
        ["y", labels(random, N, C)],
      ]);
      if (problem === "svm-scores") inputs.set("Delta", margin);
      return { inputs };
    },
  };
}

/** Two layers with a ReLU between them, under softmax cross-entropy. */
export function network([N, D, K, C]: readonly [number, number, number, number], quick = false): Case {
  return {
    name: `network ${N}x${D}x${K}x${C}`,
    problem: "network",
    quick,
    make() {
      const random = new Random(3);
      const inputs = new Map([
        ["X", features(random, [N, D])],
        ["V", weights(random, [D, K], D)],
        ["a", drawn([K], () => onGrid(random.normal() / 8, weightGrid) + half)],
        ["W", weights(random, [K, C], K)],
        ["b", drawn([C], () => random.normal() / 8)],
        ["y", labels(random, N, C)],
        ["reg", scalar(1 / 1024)],
      ]);
      return { inputs };
    },
  };
}

/** A layer of F filters of 3×3, with padding 1, on N images of C channels; all three gradients. */
export function convolution([N, C, H, F]: readonly [number, number, number, number], quick = false): Case {
  return {
    name: `convolution ${N}x${C}x${H}x${H}, ${F} of 3x3`,
    problem: "convolution",
    quick,
    make() {
      const random = new Random(4);
      const inputs = new Map([
        ["X", features(random, [N, C, H, H])],
        ["K", weights(random, [F, C, 3, 3], 9 * C)],
        ["b", drawn([F], () => random.normal())],
        ["dout", features(random, [N, F, H, H])],
      ]);
      return { inputs };
    },
  };
}

/** The hinge loss of weights that separate the data: most rows have no violated margin. */
export function trainedSvm(sizes: readonly [number, number, number], quick = false): Case {
  return {
    name: `svm ${sizes.join("x")}, trained`,
    problem: "svm",
    quick,
    make: () => trained(sizes, { featureGrid, weightGrid, margin }),
  };
}

/** What must at least be done, and how many bytes must move in numbers of the given width. */
export function workOf(problem: ProblemName, { inputs, active }: Made, bytesPerReal: number) {
  const { flops, reals } = problems[problem].work(inputs, active);
  return { flops, bytes: reals * bytesPerReal };
}
