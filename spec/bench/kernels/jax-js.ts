/** jax-js on its WebAssembly backend: gradients by its own differentiation, compiled by its `jit`. */
import type { Tensor } from "../../../lib/binding.ts";
import { importPeer } from "./load-peer.ts";
import { problems, type Arrays, type ProblemName } from "./problem.ts";
import type { Candidate } from "./serve.ts";

/** A function takes over what it is given; `ref` keeps it for another use. */
interface Arr {
  readonly shape: readonly number[];
  readonly ref: Arr;
  add(other: Arr | number): Arr;
  sub(other: Arr | number): Arr;
  mul(other: Arr | number): Arr;
  div(other: Arr | number): Arr;
  reshape(shape: readonly number[]): Arr;
  dataSync(): ArrayLike<number> & Iterable<number>;
  dispose(): void;
}

interface ArrayOptions {
  readonly shape: readonly number[];
  readonly dtype: string;
}

/** What is used of it. */
interface Jax {
  init(device: "wasm"): Promise<unknown>;
  defaultDevice(device: "wasm"): unknown;
  jit<F>(f: F): F;
  vjp(f: (...of: Arr[]) => Arr, primals: readonly Arr[]): [Arr, Back];
  readonly numpy: {
    array(data: Float64Array | Float32Array | Int32Array, options: ArrayOptions): Arr;
    matmul(a: Arr, b: Arr): Arr;
    sum(x: Arr, axis?: number, options?: { readonly keepdims: boolean }): Arr;
    maximum(a: Arr, b: Arr | number): Arr;
    onesLike(x: Arr): Arr;
  };
  readonly nn: {
    relu(x: Arr): Arr;
    logsumexp(x: Arr, axis: number): Arr;
  };
  readonly lax: {
    convGeneralDilated(
      x: Arr,
      filter: Arr,
      strides: readonly number[],
      padding: readonly (readonly number[])[],
    ): Arr;
  };
}

type Back = ((upstream: Arr) => readonly Arr[]) & { dispose?(): void };

type Inputs = Readonly<Record<string, Arr>>;
type Loss = (jax: Jax, given: Inputs) => Arr;

/**
 * `right` is 1 for the right class and 0 for the others, `wrong` the other way round. N is an array
 * as well: a number would be rounded to single precision.
 */
function hinge({ numpy, nn }: Jax, s: Arr, { right, wrong, Delta, N }: Inputs): Arr {
  const chosen = numpy.sum(s.ref.mul(right!), 1, { keepdims: true });
  const margins = nn.relu(s.sub(chosen).add(Delta!));
  return numpy.sum(margins.mul(wrong!)).div(N!);
}

function crossEntropy({ numpy, nn }: Jax, s: Arr, { right, N }: Inputs): Arr {
  const chosen = numpy.sum(s.ref.mul(right!));
  return numpy.sum(nn.logsumexp(s, 1)).sub(chosen).div(N!);
}

const penalty = ({ numpy }: Jax, W: Arr): Arr => numpy.sum(W.ref.mul(W));

const losses: Readonly<Record<ProblemName, Loss>> = {
  svm: (jax, given) =>
    hinge(jax, jax.numpy.matmul(given["X"]!, given["W"]!.ref), given).add(
      penalty(jax, given["W"]!).mul(given["reg"]!),
    ),
  softmax: (jax, given) =>
    crossEntropy(jax, jax.numpy.matmul(given["X"]!, given["W"]!.ref), given).add(
      penalty(jax, given["W"]!).mul(given["reg"]!),
    ),
  "svm-scores": (jax, given) => hinge(jax, given["s"]!, given),
  "softmax-scores": (jax, given) => crossEntropy(jax, given["s"]!, given),
  network(jax, given) {
    const { X, V, a, W, b, reg } = given;
    const h = jax.nn.relu(jax.numpy.matmul(X!, V!.ref).add(a!));
    const loss = crossEntropy(jax, jax.numpy.matmul(h, W!.ref).add(b!), given);
    return loss.add(penalty(jax, V!).add(penalty(jax, W!)).mul(reg!));
  },
  convolution(jax, { X, K, b }) {
    const padding = [
      [1, 1],
      [1, 1],
    ];
    return jax.lax.convGeneralDilated(X!, K!, [1, 1], padding).add(b!.reshape([1, -1, 1, 1]));
  },
};

export const jaxJs =
  (precision: "float64" | "float32"): Candidate =>
  async (problem, inputs) => {
    const jax = await (loaded ??= start());
    const given = place(jax, inputs, precision);
    const wrt = problems[problem].wrt;
    const names = Object.keys(given).filter((name) => !wrt.includes(name) && used(problem, name));
    const gradient = jax.jit((...arrays: Arr[]): readonly Arr[] => {
      const [by, others] = [arrays.slice(0, wrt.length), arrays.slice(wrt.length)];
      const named = Object.fromEntries(names.map((name, n) => [name, others[n]!]));
      const { dout, ...rest } = named;
      const [value, back] = jax.vjp(
        (...of) => losses[problem](jax, { ...rest, ...Object.fromEntries(wrt.map((w, n) => [w, of[n]!])) }),
        by,
      );
      const gradients = back(dout ?? jax.numpy.onesLike(value.ref));
      back.dispose?.();
      return [value, ...gradients];
    });
    const call = () =>
      gradient(...[...wrt, ...names].map((name) => given[name]!.ref)).map((array) => ({
        shape: [...array.shape],
        data: array.dataSync(),
      }));
    return {
      call,
      results: () =>
        new Map(
          call().map(({ shape, data }, n) => [
            ["value", ...wrt][n]!,
            { shape, data: Float64Array.from(data) } satisfies Tensor,
          ]),
        ),
      close: () => Object.values(given).forEach((array) => array.dispose()),
    };
  };

/** An argument that a function does not use is an argument that it does not release. */
const used = (problem: ProblemName, name: string): boolean =>
  name !== "y" && !(name === "wrong" && !problem.startsWith("svm"));

let loaded: Promise<Jax> | undefined;

async function start(): Promise<Jax> {
  // It asks whether data are of this type, which Node 20 does not have: any other will do.
  Object.assign(globalThis, { Float16Array: Reflect.get(globalThis, "Float16Array") ?? WeakSet });
  const jax = await importPeer<Jax>("@jax-js/jax");
  await jax.init("wasm");
  jax.defaultDevice("wasm");
  return jax;
}

function place({ numpy }: Jax, inputs: Arrays, dtype: "float64" | "float32"): Inputs {
  const array = ({ shape, data }: Tensor): Arr =>
    numpy.array(dtype === "float32" ? Float32Array.from(data) : Float64Array.from(data), { shape, dtype });
  const given = Object.fromEntries(
    [...inputs].filter(([name]) => name !== "y").map(([name, a]) => [name, array(a)] as const),
  );
  const y = inputs.get("y");
  if (y === undefined) return given;
  const shape = [y.shape[0]!, (inputs.get("s") ?? inputs.get("W"))!.shape[1]!];
  const right = new Float64Array(shape[0]! * shape[1]!);
  y.data.forEach((label, i) => (right[i * shape[1]! + label] = 1));
  return {
    ...given,
    right: array({ shape, data: right }),
    wrong: array({ shape, data: right.map((x) => 1 - x) }),
    N: array({ shape: [], data: Float64Array.of(shape[0]!) }),
  };
}
