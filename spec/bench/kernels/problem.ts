/**
 * What is computed: each problem is a definition in the language and the inputs to differentiate by.
 *
 * Candidates that are not ours write the same mathematics by hand, under the same name.
 */
import type { Tensor } from "../../../lib/binding.ts";

/** Inputs by name; a scalar has the shape []. */
export type Arrays = ReadonlyMap<string, Tensor>;

/** The least that any program must do for it. */
export interface Work {
  /** Additions and multiplications; an exponential counts as 20 (a reduction and a polynomial of degree 10). */
  readonly flops: number;
  /** Real numbers that must be read or written at least once. */
  readonly reals: number;
}

export interface Problem {
  readonly text: string;
  readonly wrt: readonly string[];
  /** `active` is how many rows have an adjoint that is not zero: the others need no gradient. */
  work(inputs: Arrays, active?: number): Work;
}

export type ProblemName = keyof typeof problems;

const exponential = 20;
const shapeOf = (inputs: Arrays, name: string): readonly number[] => inputs.get(name)!.shape;

function linear(perScore: number, text: string): Problem {
  return {
    text: `score[i,j] = sum(d, X[i,d] * W[d,j])\n${text} + reg * sum(d, j, W[d,j]^2)`,
    wrt: ["W"],
    work(inputs, active) {
      const [N, D] = shapeOf(inputs, "X") as [number, number];
      const C = shapeOf(inputs, "W")[1]!;
      return {
        flops: 2 * N * D * C + 2 * (active ?? N) * D * C + perScore * N * C + 4 * D * C,
        reals: N * D + 2 * D * C,
      };
    },
  };
}

function scores(perScore: number, text: string): Problem {
  return {
    text: text.replaceAll("score[", "s["),
    wrt: ["s"],
    work(inputs) {
      const [N, C] = shapeOf(inputs, "s") as [number, number];
      return { flops: perScore * N * C, reals: 2 * N * C };
    },
  };
}

const hinge = "loss = mean(i, sum(j != y[i], max(0, score[i,j] - score[i,y[i]] + Delta)))";
const crossEntropy = "loss = mean(i, logsumexp(j, score[i,j]) - score[i,y[i]])";

export const problems = {
  svm: linear(4, hinge),
  softmax: linear(exponential + 4, crossEntropy),
  "svm-scores": scores(4, hinge),
  "softmax-scores": scores(exponential + 4, crossEntropy),
  network: {
    text: [
      "h[i,k]     = relu(sum(d, X[i,d] * V[d,k]) + a[k])",
      "score[i,j] = sum(k, h[i,k] * W[k,j]) + b[j]",
      `${crossEntropy} + reg * (sum(d, k, V[d,k]^2) + sum(k, j, W[k,j]^2))`,
    ].join("\n"),
    wrt: ["V", "a", "W", "b"],
    work(inputs) {
      const [N, D] = shapeOf(inputs, "X") as [number, number];
      const [K, C] = shapeOf(inputs, "W") as [number, number];
      return { flops: 4 * N * D * K + 6 * N * K * C, reals: N * D + 2 * D * K + 2 * K * C };
    },
  },
  convolution: {
    text: "out[n,f,p,q] = b[f] + sum(c, r, s, 0 <= p + r - 1 < extent(X, 2) and 0 <= q + s - 1 < extent(X, 3), X[n,c,p + r - 1,q + s - 1] * K[f,c,r,s])",
    wrt: ["X", "K", "b"],
    work(inputs) {
      const [N, C, H, width] = shapeOf(inputs, "X") as [number, number, number, number];
      const [F, , R, S] = shapeOf(inputs, "K") as [number, number, number, number];
      return {
        flops: 6 * N * F * C * R * S * H * width,
        reals: 2 * N * (C + F) * H * width + 2 * F * C * R * S,
      };
    },
  },
} satisfies Record<string, Problem>;
