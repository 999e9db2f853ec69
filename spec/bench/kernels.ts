/**
 * `npm run bench`: kernels beside what people use otherwise, in one run.
 *
 *   npm run bench -- [--quick] [--only CASE[,CASE…]] [--candidates NAME[,NAME…]] [--json FILE]
 *                     [--page FILE] [--list]
 *
 * Cases are chosen by a part of their name, candidates by its first words. Peers are looked for where DSCORE_PYTHON
 * (a Python) and DSCORE_PEERS (a folder with node_modules) say; what is missing is left out with a line.
 */
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { format } from "prettier";
import { candidates, type Candidate } from "./kernels/candidate.ts";
import { workOf, type Case } from "./kernels/case.ts";
import { cases } from "./kernels/cases.ts";
import { Hosts } from "./kernels/hosts.ts";
import { bound, limits, type Limits } from "./kernels/limits.ts";
import { measure, type Effort, type Measured } from "./kernels/measure.ts";
import { machineLine, page } from "./kernels/page.ts";
import { naive } from "./kernels/naive.ts";
import { problems } from "./kernels/problem.ts";
import { barTable, caseTable, judgeBars, overview, type CaseReport } from "./kernels/report.ts";
import { HostedRunner } from "./kernels/runner.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
    candidates: { type: "string", multiple: true, default: [] },
    json: { type: "string" },
    page: { type: "string" },
    list: { type: "boolean", default: false },
  },
});

const thorough: Effort = { turn: 0.02, budget: 0.4, leastTurns: 5 };
const hasty: Effort = { turn: 0.006, budget: 0.06, leastTurns: 5 };

/** Those that one of the parts fits, or all when no part is given. */
function chosen<T extends { readonly name: string; readonly quick: boolean }>(
  from: readonly T[],
  parts: readonly string[],
  fits: (name: string, part: string) => boolean,
): readonly T[] {
  const wanted = parts.flatMap((part) => part.split(",")).map((part) => part.trim().replaceAll("×", "x"));
  if (wanted.length === 0) return from.filter(({ quick }) => quick || !values.quick);
  return from.filter(({ name }) => wanted.some((part) => fits(name, part)));
}

/** `wasm` fits `wasm f32`, but not `tfjs wasm`. */
const begins = (name: string, part: string): boolean => `${name} `.startsWith(`${part} `);
const contains = (name: string, part: string): boolean => name.includes(part);

/** Reasons that have been told already. */
const told = new Set<string>();

async function reportOn(one: Case, on: readonly Candidate[], hosts: Hosts, machine: Limits) {
  const made = one.make();
  const reference = naive[one.problem](made.inputs)();
  const competitors = on.map((candidate) => ({ candidate, runner: new HostedRunner(candidate, hosts) }));
  const measured = await measure(
    one.problem,
    made.inputs,
    reference,
    competitors,
    values.quick ? hasty : thorough,
  );
  const rows = [];
  tell(one, measured);
  for (const m of measured) {
    const work = workOf(one.problem, made, m.candidate.precision === "f32" ? 4 : 8);
    const measuredHere = m.outcome.kind === "measured";
    rows.push({ ...m, bound: measuredHere ? await bound(m.candidate, work, machine) : undefined });
  }
  const { inputs, active } = made;
  const report: CaseReport = {
    name: one.name,
    work: problems[one.problem].work(inputs, active),
    active,
    rows,
  };
  return report;
}

/** One line a reason, and each reason once. */
function tell(one: Case, measured: readonly Measured[]): void {
  const byReason = new Map<string, string[]>();
  for (const { candidate, outcome } of measured) {
    if (outcome.kind !== "absent" && outcome.kind !== "failed") continue;
    const line = `${outcome.kind === "absent" ? "left out" : `failed on ${one.name}`}: ${outcome.reason}`;
    byReason.set(line, [...(byReason.get(line) ?? []), candidate.name]);
  }
  for (const [line, names] of byReason) if (!told.has(line)) console.log(`${names.join(", ")} ${line}`);
  for (const line of byReason.keys()) told.add(line);
}

async function run(): Promise<void> {
  const on = chosen(candidates, values.candidates, begins);
  const these = chosen(cases, values.only, contains);
  if (values.list || on.length === 0 || these.length === 0) {
    console.log(`cases\n${these.map((c) => `  ${c.name}`).join("\n")}`);
    console.log(`candidates\n${on.map((c) => `  ${c.name}`).join("\n")}`);
    return;
  }
  const started = performance.now();
  const machine = limits();
  const system = {
    processor: cpus()[0]?.model.trim() ?? "a processor",
    cores: availableParallelism(),
    node: process.version,
    by: machine.by,
  };
  const reports: CaseReport[] = [];
  try {
    console.log(`${machineLine(system)}\n`);
    for (const one of these) {
      // Processes that have done nothing before: what a case leaves in memory makes another up to twice as fast or as slow.
      const hosts = new Hosts();
      try {
        reports.push(await reportOn(one, on, hosts, machine));
      } finally {
        hosts.stop();
      }
      console.log(caseTable(reports.at(-1)!));
    }
  } finally {
    machine.stop();
  }
  const judged = judgeBars(reports);
  console.log(`${overview(reports, on)}\n`);
  if (judged.length > 0) console.log(`${barTable(judged)}\n`);
  console.log(`${((performance.now() - started) / 1000).toFixed(0)} s`);
  if (values.json !== undefined)
    writeFileSync(values.json, await pretty(JSON.stringify({ system, reports, bars: judged }), "json"));
  if (values.page !== undefined) {
    const command = ["npm run bench --", ...process.argv.slice(2)].join(" ");
    writeFileSync(values.page, await pretty(page(system, command, reports, on, judged), "markdown"));
  }
}

const pretty = (text: string, parser: "json" | "markdown"): Promise<string> =>
  format(text, { parser, printWidth: 110 });

// Ended from outside, it still removes its folders; its processes end with their input.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));

await run();
