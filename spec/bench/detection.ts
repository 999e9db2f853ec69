/**
 * `npm run detection`: the detection table, printed and written to examples/detection.md and .json.
 *
 * With a Python in DSCORE_PYTHON that has PyTorch or JAX, their own checks are measured too.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { format } from "prettier";
import { entry } from "../../lib/catalogue.ts";
import {
  alarmTrials,
  isRight,
  judge,
  mutantTrials,
  ours,
  rate,
  scales,
  type Judgement,
  type Rate,
  type Trial,
} from "../../lib/check/detection.ts";
import { nested } from "../../lib/check/foreign/javascript.ts";
import { parse } from "../../lib/parse.ts";

const { values } = parseArgs({
  options: { seeds: { type: "string", default: "5" }, write: { type: "boolean", default: false } },
});
const seeds = Number(values.seeds);
const deltas = [0, 1e-6, 1e-3, 0.1, 1];
const steps = [1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8];
const losses = new Map(["hinge", "softmax-logsumexp"].map((name) => [name, parse(entry(name)!.text)]));

const started = performance.now();
const mutants = judged(mutantTrials(losses, seeds, { N: 10, D: 6, C: 5 }));
const alarms = judged(
  alarmTrials("hinge", losses.get("hinge")!, deltas, steps, seeds, { N: 100, D: 12, C: 10 }),
);

type Judged = { readonly trial: Trial; readonly judgement: Judgement };

/** Ours and the re-written peers here; PyTorch and JAX in Python. */
function judged(trials: readonly Trial[]): readonly Judged[] {
  const python = judgeInPython(trials);
  return trials.map((trial, n) => ({
    trial,
    judgement: new Map([
      ...judge(trial),
      ...Object.entries(python).map(([name, passed]) => [name, passed[n]!] as const),
    ]),
  }));
}

function judgeInPython(trials: readonly Trial[]): Readonly<Record<string, readonly boolean[]>> {
  const python = process.env["DSCORE_PYTHON"];
  if (python === undefined) {
    process.stderr.write("DSCORE_PYTHON is not set: PyTorch and JAX are left out\n");
    return {};
  }
  const input = JSON.stringify(trials.map(forPython));
  const { stdout, stderr, status } = spawnSync(
    python,
    [fileURLToPath(new URL("peers.py", import.meta.url))],
    { input, encoding: "utf8", maxBuffer: 2 ** 28 },
  );
  if (status !== 0) throw new Error(stderr.slice(-2000));
  return JSON.parse(stdout) as Record<string, boolean[]>;
}

function forPython({ loss, point, gradient, step }: Trial): object {
  const { arrays } = point.binding;
  const value = (name: string): unknown => (arrays.has(name) ? nested(arrays.get(name)!) : 0);
  const { shape } = arrays.get("W")!;
  return {
    loss,
    X: value("X"),
    W: value("W"),
    y: value("y"),
    Delta: value("Delta"),
    reg: value("reg"),
    gradient: nested({ shape, data: gradient }),
    step: step ?? null,
  };
}

const checkers = [...mutants[0]!.judgement.keys()].filter((name) => name !== ours).concat(ours);

const of = (all: readonly Judged[], fits: (trial: Trial) => boolean): Rate =>
  rate(all.filter(({ trial }) => fits(trial)).map(({ judgement }) => judgement));

const percent = ({ trials, failed }: Rate, name: string): string =>
  trials === 0 ? "–" : `${Number(((100 * (failed[name] ?? 0)) / trials).toFixed(1))}`;

const isLogic = ({ kind }: Trial): boolean => kind === "logic";
const mutantNames = [
  ...new Set(mutants.filter(({ trial }) => isLogic(trial)).map(({ trial }) => trial.mutant)),
];

// prettier-ignore
const detection: readonly (readonly [string, Rate])[] = [
  ...Object.keys(scales).map((scale) => [`mistakes in the mathematics, ${scale}`, of(mutants, (t) => isLogic(t) && t.scale === scale)] as const),
  ["all of these", of(mutants, isLogic)],
  ["too few digits", of(mutants, (t) => t.kind === "rounding")],
  ["right gradients (false alarms)", of(mutants, (t) => isRight(t.kind))],
];
const byMutant = mutantNames.map(
  (name) => [name, of(mutants, (t) => isLogic(t) && t.mutant === name)] as const,
);
const falseAlarms = deltas.flatMap((delta) =>
  steps.map(
    (step) =>
      [
        `Delta = ${delta}, h = ${step}`,
        of(alarms, (t) => t.mutant === `Delta = ${delta}` && t.step === step),
      ] as const,
  ),
);

function table(head: string, rows: readonly (readonly [string, Rate])[]): string {
  const lines = rows.map(
    ([name, r]) => `| ${name} | ${r.trials} | ${checkers.map((c) => percent(r, c)).join(" | ")} |`,
  );
  return [
    `| ${head} | trials | ${checkers.join(" | ")} |`,
    `| --- | ---: |${" ---: |".repeat(checkers.length)}`,
    ...lines,
  ].join("\n");
}

const page = `# What gradient checkers detect

How many wrong gradients each checker rejects, and how many right ones, in per cent. Everything is
seeded; \`npm run detection -- --seeds ${seeds} --write\` measures it again and writes this page
(PyTorch and JAX need a Python in \`DSCORE_PYTHON\` that has them).

The mistakes are those of \`lib/check/mutants/\`: each one is made at every place of the closed form of
the hinge and softmax losses where it can be made, and counts where it changes the gradient. The
columns "as …" are the others' algorithms written anew; those with a version are the real ones.

## Detected

${table("gradients", detection)}

## Detected, by mistake

${table("mistake", byMutant)}

## False alarms

Right gradients of the hinge loss with N = 100, D = 12, C = 10: 900 margins. A checker's own step is replaced by h;
dscore has none.

${table("margin and step", falseAlarms)}
`;

process.stdout.write(`${page}\n${((performance.now() - started) / 1000).toFixed(0)} s\n`);
if (values.write) {
  const folder = new URL("../../examples/", import.meta.url);
  writeFileSync(new URL("detection.md", folder), await format(page, { parser: "markdown" }));
  const data = {
    seeds,
    checkers,
    detection: Object.fromEntries(detection),
    byMutant: Object.fromEntries(byMutant),
    falseAlarms: Object.fromEntries(falseAlarms),
  };
  writeFileSync(
    new URL("detection.json", folder),
    await format(JSON.stringify(data), { parser: "json", printWidth: 110 }),
  );
}
