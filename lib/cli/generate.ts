/** `dscore generate`: code. */
import { statSync } from "node:fs";
import { passes } from "../check/judge.ts";
import type { Derivation } from "../diff/derivation.ts";
import { differentiate } from "../diff/differentiate.ts";
import { checkWritable, writeWhole } from "../data/write-arrays.ts";
import { UserError } from "../errors.ts";
import { generate, type Generated } from "../generate.ts";
import { explain } from "../schedule/explain.ts";
import { ink } from "./ink.ts";
import type { Io } from "./io.ts";
import { writeJson } from "./json.ts";
import { readLoss, wanted, type Loss } from "./loss.ts";
import { shorten } from "../text/names.ts";
import { scheduleText } from "./schedule-text.ts";
import { lossAbout, lossFlags, wrtFlag, type Call, type Verb } from "./verb.ts";

export const verb: Verb = {
  name: "generate",
  usage:
    "LOSS --target js|ts|wasm [--style loops|fused] [--precision float32] [--threads N] [--explain] [--wrt NAME…] [-o FILE]",
  about: `Code that computes LOSS and its gradients, with nothing to import.\n${lossAbout}.`,
  operands: 1,
  flags: {
    ...lossFlags,
    target: { value: "TARGET", about: "js, ts, or wasm: a module of JavaScript with the binary in it" },
    style: {
      value: "STYLE",
      about: "loops (default of js and ts): one sample after another, as on paper; fused: for speed",
    },
    precision: {
      value: "PRECISION",
      among: ["float64", "float32"],
      about: "how real arrays are stored; in js and ts sums are in doubles all the same",
    },
    threads: {
      value: "N",
      about:
        "for wasm: how many threads compute, at most, where arrays are large; the result is the same for any number",
    },
    explain: {
      about: "print the schedule in words instead of the code: what is computed when, in which order",
    },
    wrt: wrtFlag,
    output: {
      short: "o",
      value: "FILE",
      about:
        "where to write the code, and beside it its certificate; standard output when absent. FILE.wasm is the bare binary, with the code beside it as FILE.js",
    },
  },
  examples: [
    "dscore generate hinge --target ts",
    "dscore generate softmax --target js --style fused -o softmax.js",
  ],
  run,
};

/** Targets that are to come, so that asking for one is not answered as a slip of the pen. */
const planned: ReadonlySet<string> = new Set(["c", "numpy", "jax", "torch"]);

async function run(call: Call, io: Io): Promise<number> {
  const target = call.value("target");
  if (target === undefined) throw new UserError("no target is given", { fix: "--target js, ts or wasm" });
  if (planned.has(target)) throw new UserError(`the target ${target} is not built yet: js, ts and wasm are`);
  const path = outputIn(call, target);
  const loss = readLoss(call, io);
  const derivation = loss.within(() => differentiate(loss.program, { wrt: wanted(call, loss) }));
  const generated = generate(derivation, {
    target,
    style: call.value("style"),
    precision: call.value("precision"),
    threads: threadsIn(call, target),
  });
  if (path !== undefined && path !== "-") {
    const { binary } = generated;
    const bare = binary !== undefined && path.endsWith(".wasm");
    const code = bare ? path.replace(/wasm$/u, "js") : path;
    if (bare) {
      checkWritable(code);
      writeWhole(path, binary);
    }
    writeWhole(code, generated.code);
    if (statSync(code).isFile()) await certified(code, loss, derivation, generated, io);
  }
  const schedule = call.has("explain") ? explain(generated.nest) : undefined;
  if (call.has("json"))
    writeJson(io, { target, style: generated.style, file: path, code: generated.code, schedule });
  else if (schedule !== undefined) io.out(scheduleText(schedule, target));
  else if (path === undefined || path === "-") io.out(generated.code);
  return 0;
}

/** What a file's ending says that it holds. */
const languages: Readonly<Record<string, string>> = {
  js: "a module of JavaScript",
  mjs: "a module of JavaScript",
  cjs: "CommonJS",
  ts: "TypeScript",
  mts: "TypeScript",
  cts: "CommonJS",
  wasm: "WebAssembly",
  c: "C",
  py: "Python",
  json: "JSON",
};

/** The endings that a target's code may have, that of the code itself first. */
const endings: Readonly<Record<string, readonly string[]>> = {
  js: ["js", "mjs"],
  ts: ["ts", "mts"],
  wasm: ["js", "mjs", "wasm"],
};

/** Where the code goes. Throws a `UserError` for an ending that says another language; others are the user's. */
function outputIn(call: Call, target: string): string | undefined {
  const path = call.value("output");
  const ending = /\.(\w+)$/u.exec(path ?? "")?.[1]?.toLowerCase();
  const allowed = Object.hasOwn(endings, target) ? endings[target]! : undefined;
  if (path === undefined || ending === undefined || allowed === undefined) return path;
  if (allowed.includes(ending) || !Object.hasOwn(languages, ending)) return path;
  const other = Object.keys(endings).find((t) => endings[t]!.includes(ending));
  const renamed = shorten(`${path.slice(0, -ending.length)}${allowed[0]!}`);
  throw new UserError(`${shorten(path)} would hold ${languages[allowed[0]!]!}, not ${languages[ending]!}`, {
    fix: `${other === undefined ? "" : `--target ${other}, or `}-o ${renamed}`,
  });
}

function threadsIn(call: Call, target: string): number | undefined {
  const text = call.value("threads");
  if (text === undefined) return undefined;
  if (target !== "wasm")
    throw new UserError(`--threads is for the target wasm, not ${shorten(target)}`, {
      fix: "--target wasm, or no --threads",
    });
  if (/^\d{1,6}$/u.test(text)) return Number(text);
  throw new UserError(`--threads is "${shorten(text)}", not a whole number`, { fix: "from 1 to 64" });
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
