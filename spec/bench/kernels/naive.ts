/**
 * What a student would write: loops in the order of the formula, nothing blocked, fused or reused.
 *
 * They are also the reference that every other candidate is compared with.
 */
import type { Tensor } from "../../../lib/binding.ts";
import type { Arrays, ProblemName } from "./problem.ts";

/** One call: the value under "value", gradients by the name of their input. Buffers are reused. */
export type Call = () => ReadonlyMap<string, Tensor>;

const results = (
  value: Float64Array | Tensor,
  gradients: Readonly<Record<string, Tensor>>,
): ReadonlyMap<string, Tensor> =>
  new Map([
    ["value", value instanceof Float64Array ? { shape: [], data: value } : value],
    ...Object.entries(gradients),
  ]);

const zerosLike = ({ shape, data }: Tensor) => ({ shape, data: new Float64Array(data.length) });

function hingeOfRow(s: Float64Array, right: number, Delta: number, N: number, ds: Float64Array): number {
  let loss = 0;
  ds.fill(0);
  for (let j = 0; j < s.length; j++) {
    if (j === right) continue;
    const margin = s[j]! - s[right]! + Delta;
    if (margin > 0) {
      loss += margin;
      ds[j]! += 1 / N;
      ds[right]! -= 1 / N;
    }
  }
  return loss / N;
}

function crossEntropyOfRow(
  s: Float64Array,
  right: number,
  _Delta: number,
  N: number,
  ds: Float64Array,
): number {
  let largest = -Infinity;
  for (let j = 0; j < s.length; j++) largest = Math.max(largest, s[j]!);
  let sum = 0;
  for (let j = 0; j < s.length; j++) sum += Math.exp(s[j]! - largest);
  for (let j = 0; j < s.length; j++) ds[j] = (Math.exp(s[j]! - largest) / sum - (j === right ? 1 : 0)) / N;
  return (Math.log(sum) + largest - s[right]!) / N;
}

function linear(ofRow: typeof hingeOfRow) {
  return (inputs: Arrays): Call => {
    const [X, W, y] = [inputs.get("X")!, inputs.get("W")!, inputs.get("y")!];
    const [N, D, C] = [X.shape[0]!, X.shape[1]!, W.shape[1]!];
    const reg = inputs.get("reg")!.data[0]!;
    const Delta = inputs.get("Delta")?.data[0] ?? 0;
    const [loss, dW] = [new Float64Array(1), zerosLike(W)];
    const [score, dscore] = [new Float64Array(C), new Float64Array(C)];
    const [x, w, dw] = [X.data, W.data, dW.data];
    return () => {
      loss[0] = 0;
      dw.fill(0);
      for (let i = 0; i < N; i++) {
        for (let j = 0; j < C; j++) {
          let sum = 0;
          for (let d = 0; d < D; d++) sum += x[i * D + d]! * w[d * C + j]!;
          score[j] = sum;
        }
        loss[0]! += ofRow(score, y.data[i]!, Delta, N, dscore);
        for (let j = 0; j < C; j++) for (let d = 0; d < D; d++) dw[d * C + j]! += x[i * D + d]! * dscore[j]!;
      }
      for (let n = 0; n < w.length; n++) {
        loss[0]! += reg * w[n]! * w[n]!;
        dw[n]! += 2 * reg * w[n]!;
      }
      return results(loss, { W: dW });
    };
  };
}

function scores(ofRow: typeof hingeOfRow) {
  return (inputs: Arrays): Call => {
    const [s, y] = [inputs.get("s")!, inputs.get("y")!];
    const [N, C] = s.shape as [number, number];
    const Delta = inputs.get("Delta")?.data[0] ?? 0;
    const [loss, ds] = [new Float64Array(1), zerosLike(s)];
    const [score, dscore] = [new Float64Array(C), new Float64Array(C)];
    return () => {
      loss[0] = 0;
      for (let i = 0; i < N; i++) {
        for (let j = 0; j < C; j++) score[j] = s.data[i * C + j]!;
        loss[0]! += ofRow(score, y.data[i]!, Delta, N, dscore);
        for (let j = 0; j < C; j++) ds.data[i * C + j] = dscore[j]!;
      }
      return results(loss, { s: ds });
    };
  };
}

function network(inputs: Arrays): Call {
  const [X, V, a, W, b, y] = ["X", "V", "a", "W", "b", "y"].map((name) => inputs.get(name)!) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];
  const [N, D, K, C] = [X.shape[0]!, X.shape[1]!, W.shape[0]!, W.shape[1]!];
  const reg = inputs.get("reg")!.data[0]!;
  const [dV, da, dW, db] = [zerosLike(V), zerosLike(a), zerosLike(W), zerosLike(b)];
  const loss = new Float64Array(1);
  const [before, h, dh] = [new Float64Array(K), new Float64Array(K), new Float64Array(K)];
  const [score, dscore] = [new Float64Array(C), new Float64Array(C)];
  return () => {
    loss[0] = 0;
    for (const gradient of [dV, da, dW, db]) gradient.data.fill(0);
    for (let i = 0; i < N; i++) {
      for (let k = 0; k < K; k++) {
        let sum = a.data[k]!;
        for (let d = 0; d < D; d++) sum += X.data[i * D + d]! * V.data[d * K + k]!;
        before[k] = sum;
        h[k] = Math.max(0, sum);
      }
      for (let j = 0; j < C; j++) {
        let sum = b.data[j]!;
        for (let k = 0; k < K; k++) sum += h[k]! * W.data[k * C + j]!;
        score[j] = sum;
      }
      loss[0]! += crossEntropyOfRow(score, y.data[i]!, 0, N, dscore);
      for (let j = 0; j < C; j++) db.data[j]! += dscore[j]!;
      for (let k = 0; k < K; k++) {
        let sum = 0;
        for (let j = 0; j < C; j++) {
          dW.data[k * C + j]! += h[k]! * dscore[j]!;
          sum += W.data[k * C + j]! * dscore[j]!;
        }
        dh[k] = before[k]! > 0 ? sum : 0;
        da.data[k]! += dh[k]!;
      }
      for (let k = 0; k < K; k++)
        for (let d = 0; d < D; d++) dV.data[d * K + k]! += X.data[i * D + d]! * dh[k]!;
    }
    for (const [weights, gradient] of [
      [V, dV],
      [W, dW],
    ] as const)
      for (let n = 0; n < weights.data.length; n++) {
        loss[0]! += reg * weights.data[n]! ** 2;
        gradient.data[n]! += 2 * reg * weights.data[n]!;
      }
    return results(loss, { V: dV, a: da, W: dW, b: db });
  };
}

function convolution(inputs: Arrays): Call {
  const [X, K, b, dout] = ["X", "K", "b", "dout"].map((name) => inputs.get(name)!) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];
  const [N, C, H, width] = X.shape as [number, number, number, number];
  const [F, , R, S] = K.shape as [number, number, number, number];
  const [P, Q] = dout.shape.slice(2) as [number, number];
  const [out, dX, dK, db] = [zerosLike(dout), zerosLike(X), zerosLike(K), zerosLike(b)];
  return () => {
    for (const gradient of [dX, dK, db]) gradient.data.fill(0);
    for (let n = 0; n < N; n++)
      for (let f = 0; f < F; f++)
        for (let p = 0; p < P; p++)
          for (let q = 0; q < Q; q++) {
            const o = ((n * F + f) * P + p) * Q + q;
            const g = dout.data[o]!;
            let sum = b.data[f]!;
            db.data[f]! += g;
            for (let c = 0; c < C; c++)
              for (let r = 0; r < R; r++)
                for (let s = 0; s < S; s++) {
                  const row = p + r - 1;
                  const column = q + s - 1;
                  if (row < 0 || row >= H || column < 0 || column >= width) continue;
                  const x = ((n * C + c) * H + row) * width + column;
                  const k = ((f * C + c) * R + r) * S + s;
                  sum += X.data[x]! * K.data[k]!;
                  dX.data[x]! += g * K.data[k]!;
                  dK.data[k]! += g * X.data[x]!;
                }
            out.data[o] = sum;
          }
    return results(out, { X: dX, K: dK, b: db });
  };
}

export const naive = {
  svm: linear(hingeOfRow),
  softmax: linear(crossEntropyOfRow),
  "svm-scores": scores(hingeOfRow),
  "softmax-scores": scores(crossEntropyOfRow),
  network,
  convolution,
} satisfies Record<ProblemName, (inputs: Arrays) => Call>;
