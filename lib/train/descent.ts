/**
 * Mini-batch stochastic gradient descent, a step at a time.
 *
 *   w ← w − learningRate · decay^epoch · ∂loss/∂w
 *
 * The state holds all that the next step depends on: a run that was saved and goes on gives
 * the same bits as one that was not interrupted.
 */
import type { Tensor } from "../binding.ts";
import { accuracy } from "./accuracy.ts";
import { initialWeights, kernelInputs, type Classifier, type Weights } from "./classifier.ts";
import { epochOrder } from "./order.ts";
import { firstOf, type Samples } from "./samples.ts";

export interface Schedule {
  readonly epochs: number;
  /** Samples in a batch; the last of an epoch may have fewer. */
  readonly batch: number;
  readonly learningRate: number;
  /** The learning rate of an epoch is that of the one before times this. */
  readonly decay: number;
  /** The standard deviation of the first weights. */
  readonly deviation: number;
  readonly seed: number;
}

/** What an epoch came to. */
export interface Epoch {
  /** The mean loss of its batches. */
  readonly loss: number;
  /** Accuracy after it, 0 to 1, on samples it was trained on (at most as many as there are to validate) and on others. */
  readonly training: number;
  readonly validation: number;
}

export interface State {
  /** Steps taken. */
  readonly step: number;
  readonly weights: Weights;
  readonly epochs: readonly Epoch[];
  /** The losses of the batches of the epoch that is under way. */
  readonly losses: readonly number[];
}

export interface Progress {
  readonly state: State;
  /** The loss of the last batch. */
  readonly loss: number;
  /** Whether the step ended an epoch. */
  readonly epochEnded: boolean;
}

export const start = (classifier: Classifier, { deviation, seed }: Schedule): State => ({
  step: 0,
  weights: initialWeights(classifier, deviation, seed),
  epochs: [],
  losses: [],
});

export const stepsPerEpoch = (samples: Samples, { batch }: Schedule): number =>
  Math.ceil(samples.count / batch);

/**
 * Yields after each step that is left. The weights of a state are overwritten by the next step.
 * Ends early, having yielded it, when a loss is not finite: no step leads back from there.
 */
export function* descend(
  classifier: Classifier,
  training: Samples,
  validation: Samples,
  schedule: Schedule,
  state: State,
): Generator<Progress, void> {
  const perEpoch = stepsPerEpoch(training, schedule);
  const gradients = buffers(state.weights);
  const batch = batches(training, schedule);
  const watched = firstOf(training, validation.count);
  while (state.step < schedule.epochs * perEpoch) {
    const epoch = Math.floor(state.step / perEpoch);
    const { X, y } = batch(epoch, state.step % perEpoch);
    const kernel = classifier.kernelFor(y.data.length);
    const { value } = kernel.run(kernelInputs(classifier, X, y, state.weights), gradients);
    const loss = typeof value === "number" ? value : NaN;
    const rate = schedule.learningRate * schedule.decay ** epoch;
    for (const [name, { data }] of state.weights) move(data, gradients[name]!, rate);
    const losses = [...state.losses, loss];
    const epochEnded = losses.length === perEpoch;
    const ended = (): Epoch => ({
      loss: losses.reduce((sum, x) => sum + x, 0) / losses.length,
      training: accuracy(classifier, state.weights, watched),
      validation: accuracy(classifier, state.weights, validation),
    });
    state = {
      step: state.step + 1,
      weights: state.weights,
      epochs: epochEnded ? [...state.epochs, ended()] : state.epochs,
      losses: epochEnded ? [] : losses,
    };
    yield { state, loss, epochEnded };
    if (!Number.isFinite(loss)) return;
  }
}

const buffers = (weights: Weights): Record<string, Float64Array> =>
  Object.fromEntries([...weights].map(([name, { data }]) => [name, new Float64Array(data.length)]));

function move(weights: Float64Array, gradient: Float64Array, rate: number): void {
  for (let n = 0; n < weights.length; n++) weights[n]! -= rate * gradient[n]!;
}

/** Reads the batches of an epoch, in its order, into the same memory. */
function batches(
  samples: Samples,
  { batch, seed }: Schedule,
): (epoch: number, n: number) => { X: Tensor; y: Tensor } {
  const { count, width, labels, write } = samples;
  const X = new Float64Array(Math.min(batch, count) * width);
  const y = new Int32Array(Math.min(batch, count));
  let ordered: { epoch: number; order: Int32Array } | undefined;
  return (epoch, n) => {
    if (ordered?.epoch !== epoch) ordered = { epoch, order: epochOrder(count, seed, epoch) };
    const chosen = ordered.order.subarray(n * batch, (n + 1) * batch);
    for (const [k, sample] of chosen.entries()) {
      write(sample, X, k * width);
      y[k] = labels[sample]!;
    }
    const rows = chosen.length;
    return {
      X: { shape: [rows, width], data: X.subarray(0, rows * width) },
      y: { shape: [rows], data: y.subarray(0, rows) },
    };
  };
}
