/**
 * How other checkers judge a gradient, as their sources say; written anew, from the description
 * of what they compute. Where a tool leaves the threshold to the user, the usual one is taken.
 *
 * None of them knows of kinks. The real PyTorch and JAX are run by spec/bench/peers.py.
 */
import type { Random } from "../random.ts";
import { along, centralDifferences, type Problem } from "./problem.ts";

export interface Peer {
  readonly name: string;
  /** Whether it lets the gradient pass. `step` replaces its own. */
  readonly passes: (problem: Problem, gradient: Float64Array, random: Random, step?: number) => boolean;
}

/** |a − b| / (|a| + |b|), as CS231n prints it; two zeros agree. */
const relativeError = (a: number, b: number): number =>
  a === b ? 0 : Math.abs(a - b) / (Math.abs(a) + Math.abs(b));

const close = (a: number, b: number, absolute: number, relative: number): boolean =>
  Math.abs(a - b) <= absolute + relative * Math.abs(b);

/** grad_check_sparse: 10 coordinates, with replacement; people look for relative errors of 1e-2 and more. */
const sparse: Peer = {
  name: "CS231n, 10 points",
  passes: (problem, gradient, random, step = 1e-5) => {
    const slopes = centralDifferences(problem, step);
    return Array.from({ length: 10 }, () => random.int(0, slopes.length - 1)).every(
      (n) => relativeError(slopes[n]!, gradient[n]!) <= 1e-2,
    );
  },
};

/** eval_numerical_gradient: all coordinates, relative errors of 1e-4 and more. */
const full: Peer = {
  name: "fixed step, all points",
  passes: (problem, gradient, _, step = 1e-5) =>
    centralDifferences(problem, step).every((s, n) => relativeError(s, gradient[n]!) <= 1e-4),
};

/** torch.autograd.gradcheck, slow: all coordinates, step 1e-6, |a − n| ≤ 1e-5 + 1e-3·|n|. */
const torchSlow: Peer = {
  name: "as PyTorch, slow",
  passes: (problem, gradient, _, step = 1e-6) =>
    centralDifferences(problem, step).every((s, n) => close(gradient[n]!, s, 1e-5, 1e-3)),
};

/** The same, fast: one direction of positive entries and length 1, the absolute tolerance times their sum. */
const torchFast: Peer = {
  name: "as PyTorch, fast",
  passes: (problem, gradient, random, step = 1e-6) => {
    const raw = Array.from(gradient, () => random.uniform());
    const length = Math.hypot(...raw);
    const direction = raw.map((u) => u / length);
    const total = direction.reduce((s, u) => s + u, 0);
    const claimed = gradient.reduce((s, g, n) => s + g * direction[n]!, 0);
    return close(
      claimed,
      along(problem, step, (n) => direction[n]!),
      1e-5 * total,
      1e-3,
    );
  },
};

/** jax.test_util.check_vjp: one normal direction of any length, step 1e-4, tolerances 1e-5. */
const jax: Peer = {
  name: "as JAX",
  passes: (problem, gradient, random, step = 1e-4) => {
    const direction = Array.from(gradient, () => random.normal());
    const claimed = gradient.reduce((s, g, n) => s + g * direction[n]!, 0);
    return close(
      claimed,
      along(problem, step, (n) => direction[n]!),
      1e-5,
      1e-5,
    );
  },
};

export const peers: readonly Peer[] = [sparse, full, torchSlow, torchFast, jax];
