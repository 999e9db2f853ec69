/** What is measured, in which process it lives, and which of the machine's limits binds it. */

export type Precision = "f64" | "f32";

/** How it computes: in single numbers, or in registers of so many bits, with or without a fused multiply-add. */
export type Unit = "scalar" | "128" | "128 fma" | "256 fma" | "512 fma";

export type HostName =
  | "ours"
  | "ours relaxed"
  | "tfjs cpu"
  | "tfjs wasm"
  | "jax-js"
  | "numpy"
  | "numpy all"
  | "pytorch"
  | "pytorch all"
  | "jax"
  | "jax all"
  | "c sse2"
  | "c avx2"
  | "c native";

export interface Candidate {
  /** As the tables call it. */
  readonly name: string;
  readonly precision: Precision;
  readonly host: HostName;
  /** As its process calls it. */
  readonly asked: string;
  readonly unit: Unit;
  readonly threads: number | "all";
  readonly quick: boolean;
}

type Row = readonly [name: string, host: HostName, asked: string, unit: Unit, threads?: number | "all"];

// prettier-ignore
const rows: readonly Row[] = [
  ["numpy",                  "numpy",            "numpy",              "512 fma"],
  ["naive js",               "ours",             "naive js",           "scalar"],
  ["js loops",               "ours",             "js loops",           "scalar"],
  ["js fused",               "ours",             "js fused",           "scalar"],
  ["js fused f32",           "ours",             "js fused f32",       "scalar"],
  ["wasm",                   "ours",             "wasm",               "128"],
  ["wasm f32",               "ours",             "wasm f32",           "128"],
  ["wasm relaxed",           "ours relaxed",     "wasm",               "128 fma"],
  ["wasm relaxed f32",       "ours relaxed",     "wasm f32",           "128 fma"],
  ["wasm 2 threads",         "ours",             "wasm 2 threads",     "128",     2],
  ["wasm 2 threads f32",     "ours",             "wasm f32 2 threads", "128",     2],
  ["numpy f32",              "numpy",            "numpy f32",          "512 fma"],
  ["pytorch",                "pytorch",          "pytorch",            "512 fma"],
  ["pytorch f32",            "pytorch",          "pytorch f32",        "512 fma"],
  ["jax",                    "jax",              "jax",                "512 fma"],
  ["jax f32",                "jax",              "jax f32",            "512 fma"],
  ["numpy all threads",      "numpy all",        "numpy",              "512 fma", "all"],
  ["pytorch all threads",    "pytorch all",      "pytorch",            "512 fma", "all"],
  ["jax all threads",        "jax all",          "jax",                "512 fma", "all"],
  ["tfjs cpu f32",           "tfjs cpu",         "tfjs cpu",           "scalar"],
  ["tfjs wasm f32",          "tfjs wasm",        "tfjs wasm",          "128"],
  ["jax-js wasm f32",        "jax-js",           "jax-js f32",         "128"],
  ["jax-js wasm",            "jax-js",           "jax-js",             "128"],
  ["c sse2",                 "c sse2",           "f64",                "128"],
  ["c sse2 f32",             "c sse2",           "f32",                "128"],
  ["c avx2",                 "c avx2",           "f64",                "256 fma"],
  ["c avx2 f32",             "c avx2",           "f32",                "256 fma"],
  ["c native",               "c native",         "f64",                "512 fma"],
  ["c native f32",           "c native",         "f32",                "512 fma"],
];

const quick = new Set([
  "numpy",
  "naive js",
  "js fused",
  "js fused f32",
  "wasm",
  "wasm f32",
  "wasm relaxed",
  "c native",
]);

export const candidates: readonly Candidate[] = rows.map(([name, host, asked, unit, threads = 1]) => ({
  name,
  host,
  asked,
  unit,
  threads,
  precision: name.endsWith(" f32") ? "f32" : "f64",
  quick: quick.has(name),
}));

/** The relative Frobenius error with which results are right. */
export const tolerance: Readonly<Record<Precision, number>> = { f64: 1e-12, f32: 1e-5 };
