/** The measurements as a page. */
import { barTable, caseTable, overview, type BarResult, type CaseReport } from "./report.ts";
import type { Candidate } from "./candidate.ts";

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly node: string;
  /** What measured its limits. */
  readonly by: string;
}

export const machineLine = ({ processor, cores, node, by }: Machine): string =>
  `${processor}, ${cores} cores, Node ${node}; limits measured by ${by}`;

const fenced = (text: string): string => `\`\`\`text\n${text.trimEnd()}\n\`\`\``;

export function page(
  machine: Machine,
  command: string,
  reports: readonly CaseReport[],
  candidates: readonly Candidate[],
  judged: readonly BarResult[],
): string {
  const met = judged.filter((b) => b.met).length;
  return [
    "# Kernels beside what people use otherwise",
    `Written by \`${command}\`: ${machineLine(machine)}.`,
    "Every candidate was compared with naive loops before it was timed, and they took turns in one run. [How to read it](README.md).",
    "## Overview",
    overview(reports, candidates),
    ...(judged.length === 0 ? [] : [`## Bars: ${met} of ${judged.length} met`, fenced(barTable(judged))]),
    "## Case by case",
    ...reports.map((report) => fenced(caseTable(report))),
  ].join("\n\n");
}
