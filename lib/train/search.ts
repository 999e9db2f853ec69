/** Search over the learning rate and the penalty on the validation images. */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { classifier, type Weights } from "./classifier.ts";
import { descend, start, type Epoch, type Schedule } from "./descent.ts";
import { samplesOf, type Source } from "./samples.ts";

export interface Job {
  readonly schedule: Schedule;
  /** The values of the loss's numbers. */
  readonly settings: Readonly<Record<string, number>>;
}

export interface Outcome {
  readonly job: Job;
  readonly weights: Weights;
  readonly epochs: readonly Epoch[];
  /** After the last epoch; NaN where the loss ran off. */
  readonly training: number;
  readonly validation: number;
}

/** What all jobs share. */
export interface Task {
  readonly text: string;
  readonly classes: number;
  readonly hidden: number | undefined;
  readonly training: Source;
  readonly validation: Source;
}

export function runJob({ text, classes, hidden, training, validation }: Task, job: Job): Outcome {
  const [samples, others] = [samplesOf(training), samplesOf(validation)];
  const model = classifier(text, { width: samples.width, classes, hidden }, job.settings);
  let state = start(model, job.schedule);
  for (const progress of descend(model, samples, others, job.schedule, state)) state = progress.state;
  const last = state.epochs.length === job.schedule.epochs ? state.epochs.at(-1)! : undefined;
  const finite = last !== undefined && Number.isFinite(last.loss);
  return {
    job,
    weights: state.weights,
    epochs: state.epochs,
    training: finite ? last.training : NaN,
    validation: finite ? last.validation : NaN,
  };
}

/**
 * The outcomes in the order of the jobs, whatever the number of threads: a job runs in one
 * thread, so that threads change when it is done and never what comes out.
 */
export async function search(
  task: Task,
  jobs: readonly Job[],
  threads: number,
  tell: (done: number) => void = () => {},
): Promise<readonly Outcome[]> {
  if (threads <= 1 || jobs.length <= 1) {
    const outcomes: Outcome[] = [];
    for (const job of jobs) {
      outcomes.push(runJob(task, job));
      tell(outcomes.length);
      await new Promise((resume) => setImmediate(resume));
    }
    return outcomes;
  }
  const shared: Task = { ...task, training: share(task.training), validation: share(task.validation) };
  const outcomes: Outcome[] = [];
  let next = 0;
  let done = 0;
  await Promise.all(
    Array.from({ length: Math.min(threads, jobs.length) }, async () => {
      const worker = startWorker(shared);
      try {
        while (next < jobs.length) {
          const n = next++;
          outcomes[n] = await ask(worker, jobs[n]!);
          tell(++done);
        }
      } finally {
        await worker.terminate();
      }
    }),
  );
  return outcomes;
}

// The same file name as ours: .ts when run from the sources, .js when built.
const workerFile = new URL(
  `./search-worker${import.meta.url.slice(import.meta.url.lastIndexOf("."))}`,
  import.meta.url,
);

function startWorker(task: Task): Worker {
  if (!workerFile.pathname.endsWith(".ts")) return new Worker(workerFile, { workerData: task });
  // From the sources, under tsx: Node 20 does not hand its loader on to threads.
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx/package.json"));
  const loader = new URL("dist/esm/api/index.mjs", tsx).href;
  const script = `import { register } from ${JSON.stringify(loader)}; register(); await import(${JSON.stringify(workerFile.href)});`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`), { workerData: task });
}

const ask = (worker: Worker, job: Job): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    worker.removeAllListeners();
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.postMessage(job, []);
  });

/** The source in memory that threads share: images are not copied for each. */
function share(source: Source): Source {
  if (source.kind === "table") return { ...source, rows: sharedDoubles(source.rows) };
  const bytes = new Uint8Array(new SharedArrayBuffer(source.bytes.length));
  bytes.set(source.bytes);
  return { ...source, bytes };
}

function sharedDoubles(rows: Float64Array): Float64Array {
  const shared = new Float64Array(new SharedArrayBuffer(rows.byteLength));
  shared.set(rows);
  return shared;
}

/** The outcome with the best validation accuracy, the first of equals; undefined when all ran off. */
export const best = (outcomes: readonly Outcome[]): Outcome | undefined =>
  outcomes.reduce<Outcome | undefined>(
    (found, outcome) => (outcome.validation > (found?.validation ?? -1) ? outcome : found),
    undefined,
  );
