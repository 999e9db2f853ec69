/** The process of our own kernels, and of the naive ones. */
import { ours } from "./ours.ts";
import { serve, type Candidate } from "./serve.ts";

const loops: Candidate = async (problem, inputs) => {
  // A fresh copy of the code a case: what V8 learnt from the sizes of another would slow it down.
  const fresh = (await import(`./naive.ts?${performance.now()}`)) as typeof import("./naive.ts");
  const call = fresh.naive[problem](inputs);
  return { call, results: call };
};

await serve({
  "naive js": loops,
  "js loops": ours({ target: "js", style: "loops", stable: false }),
  "js fused": ours({ target: "js", style: "fused" }),
  "js fused f32": ours({ target: "js", style: "fused", precision: "float32" }),
  wasm: ours({ target: "wasm" }),
  "wasm f32": ours({ target: "wasm", precision: "float32" }),
  "wasm 2 threads": ours({ target: "wasm", threads: 2 }),
  "wasm f32 2 threads": ours({ target: "wasm", precision: "float32", threads: 2 }),
});
