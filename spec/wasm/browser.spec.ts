/** Emitted modules in a browser, as they are: what they compute there is what they compute here. */
import { expect } from "chai";
import { compile, type RawInputs } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { generate } from "../../lib/generate.ts";
import { parse } from "../../lib/parse.ts";
import { found, hasChromium } from "./browser/chromium.ts";

const derivation = differentiate(
  parse("s[i,j] = sum(d, X[i,d] * W[d,j])\nloss = mean(i, logsumexp(j, s[i,j]) - s[i,y[i]])"),
  { wrt: ["W"] },
);
/** In the page as well as here: numbers that any engine makes alike. */
const inputsText = `
const [N, D, C] = [2000, 70, 5];
const grid = (length, step) => Float64Array.from({ length }, (_, n) => ((n * step) % 257) / 128 - 1);
export const inputs = {
  X: { shape: [N, D], data: grid(N * D, 37) },
  W: { shape: [D, C], data: grid(D * C, 91) },
  y: { shape: [N], data: Int32Array.from({ length: N }, (_, i) => (3 * i) % C) },
};
`;

const main = `
import { inputs } from "/inputs.js";
const found = { workers: 0, warnings: [] };
console.warn = (warning) => found.warnings.push(warning);
for (const target of ["js", "wasm", "threads"]) {
  const { loss } = await import("/" + target + ".js");
  const { value, gradients } = loss(inputs);
  // A thread has started when it takes part, or has not: the bits are the same.
  await new Promise((resolve) => setTimeout(resolve, 100));
  const again = loss(inputs);
  const same = again.value === value && again.gradients.W.data.every((x, n) => x === gradients.W.data[n]);
  found[target] = { value, W: [...gradients.W.data], same };
}
found.workers = globalThis[Symbol.for("dscore.threads")]?.workers.length ?? 0;
found.isolated = crossOriginIsolated;
tell(found);
`;

async function ownInputs(): Promise<RawInputs> {
  const module: { readonly inputs: RawInputs } = await import(
    `data:text/javascript,${encodeURIComponent(inputsText)}`
  );
  return module.inputs;
}

interface Found {
  readonly error?: string;
  readonly isolated: boolean;
  readonly workers: number;
  readonly warnings: readonly string[];
  readonly js: Results;
  readonly wasm: Results;
  readonly threads: Results;
}

interface Results {
  readonly value: number;
  readonly W: readonly number[];
  /** Whether a second call gave the same bits. */
  readonly same: boolean;
}

const files = new Map([
  ["/main.js", main],
  ["/inputs.js", inputsText],
  ["/js.js", generate(derivation, { target: "js", style: "fused" }).code],
  ["/wasm.js", generate(derivation, { target: "wasm" }).code],
  ["/threads.js", generate(derivation, { target: "wasm", threads: 2 }).code],
]);

describe("in a browser", () => {
  before(function () {
    if (hasChromium) return;
    process.stdout.write("    no Chromium (Debian's package chromium, or DSCORE_CHROMIUM): left out\n");
    this.skip();
  });

  for (const isolated of [true, false])
    it(`emitted modules compute what they compute in Node, ${isolated ? "on threads where the page is isolated" : "on one thread, which they say, where it is not"}`, async () => {
      const got = (await found({ files, isolated })) as Found;
      expect(got.error).to.equal(undefined);
      expect(got.isolated).to.equal(isolated);
      expect(got.workers).to.equal(isolated ? 1 : 0);
      expect(got.warnings).to.have.lengthOf(isolated ? 0 : 1);
      const here = compile(derivation, { target: "js", style: "fused" })(await ownInputs());
      const W = here.gradients["W"] as { readonly data: Float64Array };
      const scale = W.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      for (const { value, W: gradient, same } of [got.js, got.wasm, got.threads]) {
        expect(value).to.be.closeTo(here.value as number, 1e-13 * Math.abs(here.value as number));
        gradient.forEach((x, n) => expect(x).to.be.closeTo(W.data[n]!, 1e-13 * scale));
        expect(same).to.equal(true);
      }
    });
});
