/**
 * The whole campaign: every loss of the catalogue at many aimed points, as a table.
 *
 *   npx tsx spec/check/campaign.ts [POINTS [SEED [NAME…]]] [--jobs N] [--wrt INPUT]… [--log FILE] [--table FILE]
 *
 * What is checked is what people run: the gradients of emitted code, by all real inputs unless some are
 * named. Where none exists, as by a target probability of 0, another point is drawn.
 * The seeds are shared out among N threads; the counts do not depend on N. With --log, blocks
 * that FILE has are not run again and new ones are added as they end: a campaign may be stopped at
 * any time. A seed is looked at again by `dscore check NAME --seed SEED --points 1`. --table writes
 * the counts as Markdown. Exit 0 when no gradient was found wrong. The spec beside it keeps a fast share.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { names } from "../../lib/catalogue.ts";
import { summary, together, type Tally } from "../../lib/check/campaign.ts";
import { falseAlarms, Log, table } from "./campaign-log.ts";
import type { Part } from "./campaign-worker.ts";

/** Points that a thread is given at a time. */
const block = 1000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    jobs: { type: "string", default: "1" },
    wrt: { type: "string", multiple: true },
    log: { type: "string" },
    table: { type: "string" },
  },
});
const [points = "100000", seed = "1", ...wanted] = positionals;
const workers = Array.from({ length: Number(values.jobs) }, startWorker);
const log = new Log(values.log);

const results = new Map<string, Tally>();
for (const name of wanted.length > 0 ? wanted : names()) {
  const result = await run(name, Number(points), Number(seed));
  results.set(name, result);
  console.log(summary(name, result));
  for (const { seed, verdict, reason } of result.failures)
    console.log(`  seed ${seed}: ${verdict} ${reason ?? ""}`);
}
for (const worker of workers) await worker.terminate();
console.log(`\n${table(results)}`);
if (values.table !== undefined) writeFileSync(values.table, table(results));
process.exitCode = [...results.values()].every((t) => falseAlarms(t) === 0) ? 0 : 1;

async function run(name: string, points: number, seed: number): Promise<Tally> {
  const parts: Part[] = [];
  for (let from = 0; from < points; from += block)
    parts.push({ name, wrt: values.wrt, points: Math.min(block, points - from), seed: seed + from });
  const left = parts.filter((part) => log.tallyOf(part) === undefined);
  let next = 0;
  await Promise.all(
    workers.map(async (worker) => {
      while (next < left.length) {
        const part = left[next++]!;
        log.add(part, await ask(worker, part));
      }
    }),
  );
  return together(parts.map((part) => log.tallyOf(part)!));
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
