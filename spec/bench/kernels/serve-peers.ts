/** The process of TensorFlow.js or jax-js, which are found through DSCORE_PEERS. */
import { jaxJs } from "./jax-js.ts";
import { serve } from "./serve.ts";
import { tfjs } from "./tfjs.ts";

await serve({
  "tfjs cpu": tfjs("cpu"),
  "tfjs wasm": tfjs("wasm"),
  "jax-js": jaxJs("float64"),
  "jax-js f32": jaxJs("float32"),
});
