/**
 * The whole campaign: every loss of the catalogue at many aimed points, as a table.
 *
 *   npx tsx spec/check/campaign.ts [POINTS [SEED [NAME…]]] [--jobs N] [--wrt INPUT]…
 *
 * All gradients by real inputs are checked unless some are named: `kl-divergence --wrt s`
 * asks for the one that exists where a target probability is 0, too.
 * The seeds are shared out among N threads; the counts do not depend on N. Exit 0 when
 * no gradient was found wrong. The spec beside it keeps a fast share.
 */
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { names } from "../../lib/catalogue.ts";
import { summary, together, type Tally } from "../../lib/check/campaign.ts";
import type { Part } from "./campaign-worker.ts";

/** Points that a thread is given at a time. */
const share = 500;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { jobs: { type: "string", default: "1" }, wrt: { type: "string", multiple: true } },
});
const [points = "100000", seed = "1", ...wanted] = positionals;
const workers = Array.from({ length: Number(values.jobs) }, startWorker);

let failed = 0;
for (const name of wanted.length > 0 ? wanted : names()) {
  const result = await run(name, Number(points), Number(seed));
  console.log(summary(name, result));
  for (const { seed, verdict, reason } of result.failures)
    console.log(`  seed ${seed}: ${verdict} ${reason ?? ""}`);
  failed += result.verdicts.bug + result.verdicts.artefact + result.notFinite;
}
for (const worker of workers) await worker.terminate();
process.exitCode = failed === 0 ? 0 : 1;

async function run(name: string, points: number, seed: number): Promise<Tally> {
  const parts: Part[] = [];
  for (let from = 0; from < points; from += share)
    parts.push({ name, wrt: values.wrt, points: Math.min(share, points - from), seed: seed + from });
  const tallies: Tally[] = [];
  let next = 0;
  await Promise.all(
    workers.map(async (worker) => {
      while (next < parts.length) {
        const n = next++;
        tallies[n] = await ask(worker, parts[n]!);
      }
    }),
  );
  return together(tallies);
}

function ask(worker: Worker, part: Part): Promise<Tally> {
  return new Promise((resolve, reject) => {
    worker.removeAllListeners();
    worker.once("message", resolve);
    worker.once("error", reject);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage(part);
  });
}

function startWorker(): Worker {
  const file = new URL("./campaign-worker.ts", import.meta.url);
  // Node 20 does not hand the loader of tsx on to threads.
  const script = `import { register } from ${JSON.stringify(import.meta.resolve("tsx/esm/api"))}; register(); await import(${JSON.stringify(file.href)});`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`), {
    resourceLimits: { maxYoungGenerationSizeMb: 64 }, // points live short
  });
}
