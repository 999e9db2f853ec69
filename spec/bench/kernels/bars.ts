/** What the kernels are to reach: each bar holds one candidate's time against another's, case by case. */

export interface Bar {
  readonly cases: RegExp;
  readonly candidate: string;
  /** At most so many times as long … */
  readonly atMost: number;
  /** … as this candidate on the same case, or as this many seconds. */
  readonly than: string | number;
  /** Where the other candidate's time is taken from another case. */
  readonly on?: string;
}

const cifar = /^(svm|softmax) (200|500|5000)x3073x10$/u;
const large = /^(?!.*8x4x3$)/u;
const everywhere = /./u;

/** Two measurements of the same code differ by so much here. */
const noise = 1.05;

type Row = readonly [cases: RegExp, candidate: string, atMost: number, than: string | number, on?: string];

// prettier-ignore
const rows: readonly Row[] = [
  [cifar,                           "js fused",           2.5,        "numpy"],
  [cifar,                           "js fused",           1 / 7,      "naive js"],
  [/ 20000x64x3$/u,                 "js fused",           1.5,        "numpy"],
  [/^svm-scores 100000x10$/u,       "js fused",           0.3,        "numpy"],
  [/^softmax-scores 100000x10$/u,   "js fused",           0.8,        "numpy"],
  [/ 256x512x1000$/u,               "js fused",           6,          "numpy"],
  [cifar,                           "wasm",               1.1,        "numpy"],
  [cifar,                           "wasm relaxed",       1,          "numpy"],
  [/ 20000x64x3$/u,                 "wasm",               0.4,        "numpy"],
  [/^svm-scores 100000x10$/u,       "wasm",               0.1,        "numpy"],
  [/^softmax-scores 100000x10$/u,   "wasm",               0.4,        "numpy"],
  [/^svm-scores 1000x10000$/u,      "wasm",               0.1,        "numpy"],
  [/^softmax-scores 1000x10000$/u,  "wasm",               0.95,       "numpy"],
  [/ 256x512x1000$/u,               "wasm",               2.7,        "numpy"],
  [large,                           "wasm f32",           0.55,       "wasm"],
  [everywhere,                      "wasm f32",           1 / 4,      "tfjs wasm f32"],
  [everywhere,                      "wasm f32",           1 / 4,      "jax-js wasm f32"],
  [everywhere,                      "wasm",               1 / 4,      "jax-js wasm"],
  [/ 5000x3073x10$/u,               "wasm 2 threads",     1 / 1.6,    "wasm"],
  [everywhere,                      "wasm 2 threads",     noise,      "wasm"],
  [/trained$/u,                     "js fused",           0.8,        "js fused", "svm 5000x3073x10"],
  [/trained$/u,                     "wasm",               0.8,        "wasm",     "svm 5000x3073x10"],
  [/ 8x4x3$/u,                      "js fused",           1,          1e-6],
  [/ 8x4x3$/u,                      "js fused",           1 / 100,    "pytorch"],
  [/ 8x4x3$/u,                      "js fused",           1 / 100,    "jax"],
  [/ 8x4x3$/u,                      "js fused",           1 / 100,    "tfjs cpu f32"],
  [/ 8x4x3$/u,                      "js fused",           1 / 100,    "tfjs wasm f32"],
  [/ 8x4x3$/u,                      "js fused",           1 / 100,    "jax-js wasm f32"],
];

export const bars: readonly Bar[] = rows.map(([cases, candidate, atMost, than, on]) => ({
  cases,
  candidate,
  atMost,
  than,
  ...(on === undefined ? {} : { on }),
}));
