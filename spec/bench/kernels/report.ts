/** Measurements as tables, and as data for a file. */
import type { Candidate } from "./candidate.ts";
import { bars, type Bar } from "./bars.ts";
import type { Bound } from "./limits.ts";
import { ratio, type Measured, type Outcome } from "./measure.ts";
import type { Work } from "./problem.ts";

export interface Row extends Measured {
  readonly bound: Bound | undefined;
}

export interface CaseReport {
  readonly name: string;
  readonly work: Work;
  /** How many rows have a violated margin, where that was aimed at. */
  readonly active?: number | undefined;
  readonly rows: readonly Row[];
}

/** NumPy where there is one: it is what people would use otherwise. Failing all of these, whatever comes first. */
export const baselines = ["numpy", "naive js"] as const;

export function baselineOf(rows: readonly Measured[]): Measured | undefined {
  const measured = rows.filter((r) => r.outcome.kind === "measured");
  return (
    baselines.map((name) => measured.find((r) => r.candidate.name === name)).find((r) => r !== undefined) ??
    measured[0]
  );
}

const digits = (x: number): string => (x >= 100 ? x.toFixed(0) : x.toPrecision(3));

export function duration(seconds: number): string {
  if (seconds >= 1) return `${digits(seconds)} s`;
  return seconds >= 1e-3 ? `${digits(seconds * 1e3)} ms` : `${digits(seconds * 1e6)} µs`;
}

/** `61.6 M`. */
function counted(x: number): string {
  const [unit, name] = x >= 1e9 ? [1e9, " G"] : x >= 1e6 ? [1e6, " M"] : x >= 1e3 ? [1e3, " k"] : [1, ""];
  return digits(x / unit) + name;
}

/** Lines of a table; the first column to the left, the others to the right. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, n) => Math.max(...rows.map((row) => row[n]!.length)));
  return rows
    .map((row) =>
      row.map((cell, n) => (n === 0 ? cell.padEnd(widths[n]!) : cell.padStart(widths[n]!))).join("  "),
    )
    .join("\n");
}

/** One case: candidate, time, ratio, rate, share of the limit, error. What was left out is not repeated. */
export function caseTable({ name, work, active, rows }: CaseReport): string {
  const baseline = baselineOf(rows);
  const head = ["", "time", `/ ${baseline?.candidate.name ?? "–"}`, "GFLOP/s", "of its limit", "error"];
  const lines = rows.flatMap((row) => {
    const { candidate, outcome } = row;
    if (outcome.kind === "wrong")
      return [
        [candidate.name, `wrong, ${duration(outcome.seconds)}`, "", "", "", outcome.error.toExponential(1)],
      ];
    if (outcome.kind !== "measured") return [];
    return [
      [
        candidate.name,
        duration(outcome.seconds),
        ratioText(outcome, baseline?.outcome),
        (work.flops / outcome.seconds / 1e9).toFixed(1),
        share(row),
        outcome.error.toExponential(1),
      ],
    ];
  });
  const rowsActive = active === undefined ? "" : `, ${active} rows with a violated margin`;
  return `${name}: ${counted(work.flops)} operations on ${counted(work.reals)} numbers${rowsActive}\n${columns([head, ...lines])}\n`;
}

function share({ outcome, bound }: Row): string {
  if (outcome.kind !== "measured" || bound === undefined) return "–";
  return `${((100 * bound.seconds) / outcome.seconds).toFixed(0)} % ${bound.by}`;
}

function ratioText(outcome: Outcome, to: Outcome | undefined): string {
  const r = to === undefined ? undefined : ratio(outcome, to);
  return r === undefined ? "–" : r.toFixed(r < 0.1 ? 3 : 2);
}

/** All cases side by side, in Markdown: time over the baseline's. */
export function overview(reports: readonly CaseReport[], candidates: readonly Candidate[]): string {
  const shown = candidates.filter((c) =>
    reports.some(({ rows }) => rows.some((r) => r.candidate === c && isResult(r.outcome))),
  );
  const cell = ({ rows }: CaseReport, candidate: Candidate): string => {
    const outcome = rows.find((r) => r.candidate === candidate)?.outcome;
    if (outcome === undefined || !isResult(outcome)) return "–";
    return outcome.kind === "wrong" ? "wrong" : ratioText(outcome, baselineOf(rows)?.outcome);
  };
  return [
    `| time / ${baselineOf(reports[0]!.rows)?.candidate.name ?? "–"} | ${reports.map((r) => r.name).join(" | ")} |`,
    `| --- |${" ---: |".repeat(reports.length)}`,
    ...shown.map((c) => `| ${c.name} | ${reports.map((r) => cell(r, c)).join(" | ")} |`),
  ].join("\n");
}

const isResult = ({ kind }: Outcome): boolean => kind === "measured" || kind === "wrong";

export interface BarResult {
  readonly bar: Bar;
  readonly case: string;
  readonly reached: number;
  readonly met: boolean;
}

/** Every bar that these reports can judge. */
export function judgeBars(reports: readonly CaseReport[], on: readonly Bar[] = bars): readonly BarResult[] {
  const outcomeOf = (name: string, candidate: string): Outcome | undefined =>
    reports.find((r) => r.name === name)?.rows.find((r) => r.candidate.name === candidate)?.outcome;
  return on.flatMap((bar) =>
    reports
      .filter(({ name }) => bar.cases.test(name))
      .flatMap(({ name }) => {
        const reached = against(outcomeOf(name, bar.candidate), bar, (than) =>
          outcomeOf(bar.on ?? name, than),
        );
        return reached === undefined ? [] : [{ bar, case: name, reached, met: reached <= bar.atMost }];
      }),
  );
}

function against(
  outcome: Outcome | undefined,
  { than }: Bar,
  find: (than: string) => Outcome | undefined,
): number | undefined {
  if (outcome?.kind !== "measured") return undefined;
  if (typeof than === "number") return outcome.seconds / than;
  const other = find(than);
  if (other?.kind !== "measured") return undefined;
  return ratio(outcome, other);
}

export function barTable(results: readonly BarResult[]): string {
  return columns([
    ["bar", "case", "at most", "reached", ""],
    ...results.map(({ bar, case: name, reached, met }) => {
      const than =
        typeof bar.than === "number" ? duration(bar.than) : bar.than + (bar.on ? `, ${bar.on}` : "");
      return [
        `${bar.candidate} / ${than}`,
        name,
        bar.atMost.toPrecision(3),
        reached.toPrecision(3),
        met ? "met" : "MISSED",
      ];
    }),
  ]);
}
