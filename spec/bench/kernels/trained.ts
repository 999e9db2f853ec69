/** A linear classifier after training on data that can be separated. */
import type { Tensor } from "../../../lib/binding.ts";
import { Random } from "../../../lib/check/random.ts";
import type { Made } from "./case.ts";
import { naive } from "./naive.ts";

export interface Grids {
  readonly featureGrid: number;
  readonly weightGrid: number;
  readonly margin: Tensor;
}

/** The share of images that bear another label than their own: training does not mend them. */
const mislabelled = 0.1;

/** Rows that descent sees; their labels are right. */
const seen = 200;
const steps = 10;

/**
 * Images around a template a class, and weights that gradient descent finds for them, put on the grid.
 * The share of rows with a violated margin is counted, not assumed.
 */
export function trained([N, D, C]: readonly [number, number, number], grids: Grids): Made {
  const random = new Random(5);
  const templates = new Float64Array(C * D).map(() => random.normal() / 4);
  const y = new Int32Array(N).map(() => random.int(0, C - 1));
  const X = new Float64Array(N * D);
  for (let i = 0; i < N; i++) {
    const shown = i >= seen && random.uniform() < mislabelled ? (y[i]! + 1) % C : y[i]!;
    for (let d = 0; d < D; d++) {
      const x = 0.5 * templates[shown * D + d]! + random.uniform() - 0.5;
      X[i * D + d] = Math.round(x / grids.featureGrid) * grids.featureGrid;
    }
  }
  const W = new Float64Array(D * C);
  const few = Math.min(seen, N);
  const sample = new Map<string, Tensor>([
    ["X", { shape: [few, D], data: X.subarray(0, few * D) }],
    ["W", { shape: [D, C], data: W }],
    ["y", { shape: [few], data: y.subarray(0, few) }],
    ["reg", { shape: [], data: Float64Array.of(0) }],
    ["Delta", { shape: [], data: Float64Array.of(1.5) }],
  ]);
  const descend = naive.svm(sample);
  const rate = 20 / D;
  for (let step = 0; step < steps; step++) {
    const gradient = descend().get("W")!.data;
    for (let n = 0; n < W.length; n++) W[n]! -= rate * gradient[n]!;
  }
  for (let n = 0; n < W.length; n++) W[n] = Math.round(W[n]! / grids.weightGrid) * grids.weightGrid;
  const inputs = new Map<string, Tensor>([
    ["X", { shape: [N, D], data: X }],
    ["W", { shape: [D, C], data: W }],
    ["y", { shape: [N], data: y }],
    ["reg", { shape: [], data: Float64Array.of(1 / 1024) }],
    ["Delta", grids.margin],
  ]);
  return { inputs, active: violating(inputs) };
}

/** How many rows have a score within the margin of the right one's. */
function violating(inputs: ReadonlyMap<string, Tensor>): number {
  const [N, D] = inputs.get("X")!.shape as [number, number];
  const C = inputs.get("W")!.shape[1]!;
  const [X, W, y, Delta] = ["X", "W", "y", "Delta"].map((name) => inputs.get(name)!.data);
  const score = new Float64Array(C);
  let rows = 0;
  for (let i = 0; i < N; i++) {
    score.fill(0);
    for (let d = 0; d < D; d++) for (let j = 0; j < C; j++) score[j]! += X![i * D + d]! * W![d * C + j]!;
    const right = y![i]!;
    if (score.some((s, j) => j !== right && s - score[right]! + Delta![0]! > 0)) rows++;
  }
  return rows;
}
