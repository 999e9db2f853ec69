/** A schedule in words. */
import { tiling } from "../emit/contraction.ts";
import type { Explanation, Step } from "../schedule/explain.ts";

/** Lines that say what is done when, and in which order sums are added up. */
export function scheduleText(explanation: Explanation, target: string): string {
  const { steps, scratch } = explanation;
  const contracts = allSteps(steps).some((s) => s.kind === "contract");
  const places = scratch.map(({ name, shape }) => `  ${name}  ${shape}`);
  const paragraphs = [
    ["schedule", ...steps.flatMap((s) => stepLines(s, "  "))],
    ["order of sums", ...orderLines(steps, contracts, target)],
    contracts ? ["tiles", ...(target === "wasm" ? vectorLines : tileLines)] : [],
    places.length > 0 ? ["scratch, allocated once", ...places] : [],
  ];
  return paragraphs
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => `${line}\n`).join(""))
    .join("\n");
}

const allSteps = (steps: readonly Step[]): readonly Step[] =>
  steps.flatMap((s) => (s.kind === "pass" ? [s, ...allSteps(s.steps)] : [s]));

const tileLines = [
  `  ${tiling.terms} × ${tiling.columns} elements of one array are held while the longer loop over the other runs:`,
  `  each round reads ${tiling.terms} elements and adds ${tiling.terms} terms to each of ${tiling.columns} sums`,
  "  rows that lie multiples of 4096 bytes apart are in each other's way in the cache: their blocks are copied first",
];

const vectorLines = [
  "  4 rows by 2 vectors of sums are held; values that lie apart are copied side by side first, block by block",
];

function orderLines(steps: readonly Step[], contracts: boolean, target: string): readonly string[] {
  const blocks = steps.flatMap((s) =>
    s.kind === "pass" && s.rows > 1 ? [`  over ${s.index}: block after block of ${s.rows}`] : [],
  );
  const inJs = `  in a contraction: ${tiling.terms} terms, each half added up from its first, then the next ${tiling.terms}`;
  const inWasm = "  in a contraction: in an order that depends on the sizes only";
  return [
    ...new Set(blocks),
    ...(contracts ? [target === "wasm" ? inWasm : inJs] : []),
    "  else: term after term, in the order of the indices",
  ];
}

function stepLines(step: Step, indent: string): readonly string[] {
  switch (step.kind) {
    case "clear":
      return [`${indent}set ${step.writes.join(", ")} to 0`];
    case "compute":
      return [`${indent}compute ${step.writes.join(", ")}`];
    case "contract":
      return [`${indent}contract ${contractText(step)}`];
    case "pass":
      return passLines(step, indent);
  }
}

function contractText({
  into,
  factors,
  around,
  frees,
  sums,
  skips,
}: Extract<Step, { kind: "contract" }>): string {
  const parts = [
    `${into} += ${factors.join(" * ")}`,
    ...(frees.length > 0 ? [`for all ${frees.join(", ")}`] : []),
    `summed over ${sums.join(", ")}`,
    ...(around.length > 0 ? [`for one ${around.join(", ")} after another`] : []),
  ];
  const skipped = skips === undefined ? "" : `; rows in which ${skips} is 0 throughout are skipped`;
  return `${parts.join(", ")}${skipped}`;
}

function passLines(
  { index, size, rows, reads, steps }: Extract<Step, { kind: "pass" }>,
  indent: string,
): readonly string[] {
  const inner = steps.flatMap((s) => stepLines(s, `${indent}  `));
  if (rows === 1) return [`${indent}for each ${index} < ${size}`, ...inner];
  const once =
    reads.length === 0
      ? ""
      : `; all that needs these rows of ${reads.join(", ")} is done before the next block`;
  const byRow = inner.map((line) => line.replace(/^( *)compute /u, "$1row by row, compute "));
  return [`${indent}for each block of ${rows} of the ${size} rows ${index}${once}`, ...byRow];
}
