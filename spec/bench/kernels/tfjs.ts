/** TensorFlow.js, which knows single precision only; it differentiates the loss itself. */
import { dirname } from "node:path";
import type { Tensor as Numbers } from "../../../lib/binding.ts";
import { loadPeer, peerFile } from "./load-peer.ts";
import { inverse, permute } from "./permute.ts";
import { problems, type Arrays, type ProblemName } from "./problem.ts";
import type { Candidate } from "./serve.ts";

interface Tensor {
  readonly shape: readonly number[];
  dataSync(): Float32Array;
  dispose(): void;
}

type Unary = (x: Tensor) => Tensor;
type Binary = (a: Tensor, b: Tensor | number) => Tensor;

/** What is used of it. */
interface TensorFlow {
  setBackend(name: string): Promise<boolean>;
  tensor(data: Float32Array | Int32Array, shape: readonly number[], type: "float32" | "int32"): Tensor;
  tidy<T>(f: () => T): T;
  valueAndGrads(
    f: (...of: Tensor[]) => Tensor,
  ): (
    of: readonly Tensor[],
    upstream?: Tensor,
  ) => { readonly value: Tensor; readonly grads: readonly Tensor[] };
  readonly add: Binary;
  readonly sub: Binary;
  readonly mul: Binary;
  readonly div: Binary;
  readonly matMul: (a: Tensor, b: Tensor) => Tensor;
  readonly relu: Unary;
  readonly square: Unary;
  readonly sum: (x: Tensor, axis?: number, keepDims?: boolean) => Tensor;
  readonly logSumExp: (x: Tensor, axis: number) => Tensor;
  readonly oneHot: (labels: Tensor, depth: number) => Tensor;
  readonly conv2d: (x: Tensor, filter: Tensor, strides: number, pad: "same") => Tensor;
}

type Inputs = Readonly<Record<string, Tensor>>;

/** The loss of the tensors to differentiate by, given the others. */
type Loss = (tf: TensorFlow, by: Inputs, others: Inputs, N: number) => Tensor;

/** `right` is 1 for the right class and 0 for the others, `wrong` the other way round. */
const hinge = (tf: TensorFlow, s: Tensor, { right, wrong, Delta }: Inputs, N: number): Tensor => {
  const chosen = tf.sum(tf.mul(s, right!), 1, true);
  return tf.div(tf.sum(tf.mul(tf.relu(tf.add(tf.sub(s, chosen), Delta!)), wrong!)), N);
};

const crossEntropy = (tf: TensorFlow, s: Tensor, { right }: Inputs, N: number): Tensor =>
  tf.div(tf.sub(tf.sum(tf.logSumExp(s, 1)), tf.sum(tf.mul(s, right!))), N);

const withPenalty = (tf: TensorFlow, loss: Tensor, reg: Tensor, weights: readonly Tensor[]): Tensor =>
  weights.reduce((sum, W) => tf.add(sum, tf.mul(tf.sum(tf.square(W)), reg)), loss);

const losses: Readonly<Record<ProblemName, Loss>> = {
  svm: (tf, { W }, others, N) =>
    withPenalty(tf, hinge(tf, tf.matMul(others["X"]!, W!), others, N), others["reg"]!, [W!]),
  softmax: (tf, { W }, others, N) =>
    withPenalty(tf, crossEntropy(tf, tf.matMul(others["X"]!, W!), others, N), others["reg"]!, [W!]),
  "svm-scores": (tf, { s }, others, N) => hinge(tf, s!, others, N),
  "softmax-scores": (tf, { s }, others, N) => crossEntropy(tf, s!, others, N),
  network(tf, { V, a, W, b }, others, N) {
    const h = tf.relu(tf.add(tf.matMul(others["X"]!, V!), a!));
    const loss = crossEntropy(tf, tf.add(tf.matMul(h, W!), b!), others, N);
    return withPenalty(tf, loss, others["reg"]!, [V!, W!]);
  },
  convolution: (tf, { X, K, b }) => tf.add(tf.conv2d(X!, K!, 1, "same"), b!),
};

/** Channels stand last: images N×H×W×C, filters 3×3×C×F. */
const orders: Readonly<Record<string, readonly number[]>> = {
  X: [0, 2, 3, 1],
  K: [2, 3, 1, 0],
  dout: [0, 2, 3, 1],
  value: [0, 2, 3, 1],
};

const ordered = (name: string, array: Numbers): Numbers =>
  array.shape.length === 4 ? permute(array, orders[name]!) : array;

const restored = (name: string, array: Numbers): Numbers =>
  array.shape.length === 4 ? permute(array, inverse(orders[name]!)) : array;

/** A process has one backend. */
export const tfjs =
  (backend: "cpu" | "wasm"): Candidate =>
  async (problem, inputs) => {
    const tf = await load(backend);
    const given = place(tf, inputs);
    const wrt = problems[problem].wrt;
    const rows = inputs.get("y")?.shape[0] ?? 0;
    const gradient = tf.valueAndGrads((...by) =>
      losses[problem](tf, Object.fromEntries(wrt.map((name, n) => [name, by[n]!])), given, rows),
    );
    const by = wrt.map((name) => given[name]!);
    const computed = <T>(read: (results: readonly Tensor[]) => T): T =>
      tf.tidy(() => {
        const { value, grads } = gradient(by, given["dout"]);
        return read([value, ...grads]);
      });
    return {
      call: () => computed((results) => results.map((t) => t.dataSync())),
      results: () =>
        computed(
          (results) =>
            new Map(
              ["value", ...wrt].map((name, n) => {
                const { shape } = results[n]!;
                return [name, restored(name, { shape, data: Float64Array.from(results[n]!.dataSync()) })];
              }),
            ),
        ),
      close: () => Object.values(given).forEach((t) => t.dispose()),
    };
  };

const loaded = new Map<string, Promise<TensorFlow>>();

function load(backend: "cpu" | "wasm"): Promise<TensorFlow> {
  if (!loaded.has(backend)) loaded.set(backend, start(backend));
  return loaded.get(backend)!;
}

async function start(backend: "cpu" | "wasm"): Promise<TensorFlow> {
  const tf = loadPeer<TensorFlow>("@tensorflow/tfjs");
  const name = `@tensorflow/tfjs-backend-${backend}`;
  const own = loadPeer<{ setWasmPaths?: (folder: string) => void }>(name);
  own.setWasmPaths?.(`${dirname(peerFile(name))}/`);
  await tf.setBackend(backend);
  return tf;
}

/** The inputs as tensors; for labels, 1 where the class is the right one, and where it is a wrong one. */
function place(tf: TensorFlow, inputs: Arrays): Inputs {
  const tensors = [...inputs].map(([name, array]) => {
    const { shape, data } = ordered(name, array);
    return name === "y"
      ? ([name, tf.tensor(Int32Array.from(data), shape, "int32")] as const)
      : ([name, tf.tensor(Float32Array.from(data), shape, "float32")] as const);
  });
  const given = Object.fromEntries(tensors);
  const { y, s, W } = given;
  if (y === undefined) return given;
  const classes = (s ?? W)!.shape[1]!;
  const right = tf.tidy(() => tf.mul(tf.oneHot(y, classes), tf.tensor(Float32Array.of(1), [], "float32")));
  const wrong = tf.tidy(() => tf.sub(tf.tensor(Float32Array.of(1), [], "float32"), right));
  return { ...given, right, wrong };
}
