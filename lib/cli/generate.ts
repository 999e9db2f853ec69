/** `dscore generate`: code. */
import { statSync } from "node:fs";
import { passes } from "../check/judge.ts";
import type { Derivation } from "../diff/derivation.ts";
import { differentiate } from "../diff/differentiate.ts";
import { writeWhole } from "../data/write-arrays.ts";
import { UserError } from "../errors.ts";
import { generate, type Generated } from "../generate.ts";
import { ink } from "./ink.ts";
import type { Io } from "./io.ts";
import { writeJson } from "./json.ts";
import { readLoss, wanted, type Loss } from "./loss.ts";
import { lossAbout, lossFlags, wrtFlag, type Call, type Verb } from "./verb.ts";

export const verb: Verb = {
  name: "generate",
  usage: "LOSS --target js|ts [--style loops|fused] [--wrt NAME…] [-o FILE]",
  about: `Code that computes LOSS and its gradients, with nothing to import.\n${lossAbout}.`,
  operands: 1,
  flags: {
    ...lossFlags,
    target: { value: "TARGET", about: "js or ts" },
    style: {
      value: "STYLE",
      about: "loops (default): one sample after another, as on paper; fused: for speed",
    },
    wrt: wrtFlag,
    output: {
      short: "o",
      value: "FILE",
      about: "where to write the code, and beside it its certificate; standard output when absent",
    },
  },
  examples: [
    "dscore generate hinge --target ts",
    "dscore generate softmax --target js --style fused -o softmax.js",
  ],
  run,
};

/** Targets that are to come, so that asking for one is not answered as a slip of the pen. */
const planned: ReadonlySet<string> = new Set(["wasm", "c", "numpy", "jax", "torch"]);

async function run(call: Call, io: Io): Promise<number> {
  const target = call.value("target");
  if (target === undefined) throw new UserError("no target is given", { fix: "--target js or --target ts" });
  if (planned.has(target)) throw new UserError(`the target ${target} is not built yet: js and ts are`);
  const loss = readLoss(call, io);
  const derivation = loss.within(() => differentiate(loss.program, { wrt: wanted(call, loss) }));
  const generated = generate(derivation, { target, style: call.value("style") });
  const path = call.value("output");
  if (path !== undefined && path !== "-") {
    writeWhole(path, generated.code);
    if (statSync(path).isFile()) await certified(path, loss, derivation, generated, io);
  }
  if (call.has("json")) writeJson(io, { target, style: generated.style, file: path, code: generated.code });
  else if (path === undefined || path === "-") io.out(generated.code);
  return 0;
}

/** Code without evidence is still code: where no points can be generated, that is said and nothing is written. */
async function certified(
  path: string,
  loss: Loss,
  derivation: Derivation,
  generated: Generated,
  io: Io,
): Promise<void> {
  const note = ink(io.colour.err).aside("note:");
  const { writeCertificate } = await import("./certificate.ts");
  try {
    const { checks } = await writeCertificate(path, loss, derivation, generated);
    if (!passes(checks.verdict))
      io.err(`${note} the code did not pass its checks: ${checks.verdict}; see its certificate\n`);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    io.err(`${note} no certificate is written: ${error.message}\n`);
  }
}
