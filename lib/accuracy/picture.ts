/**
 * Accuracy as a picture: an SVG with a line for each quantity and regime. A bar goes from the 99th
 * percentile to the worst error on a logarithmic scale of ulp; what was lost altogether ends at the right edge.
 */
import type { Accuracy, Errors, Measured } from "./measure.ts";

const left = 190;
const width = 560;
const line = 22;
const top = 64;

/** 10^16 ulp is more than all digits. */
const most = 16;

const colours = { stable: "#1a7f37", naive: "#cf222e" } as const;

export function picture(title: string, { rows, points }: Accuracy): string {
  const height = top + rows.length * line + 48;
  const body = [
    `<text x="16" y="26" font-size="16" font-weight="bold">${escape(title)}: error in ulp</text>`,
    `<text x="16" y="44" fill="#57606a">${points} points a regime; bars from the 99th percentile to the worst</text>`,
    ...legend(),
    ...axis(top + rows.length * line),
    ...rows.flatMap((row, n) => lineOf(row, top + n * line + 4)),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${left + width + 120}" height="${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    ...body,
    "</svg>",
    "",
  ].join("\n");
}

/** Errors from 0.1 ulp on. */
function across(ulp: number): number {
  const exponent = ulp === Infinity ? most + 0.6 : Math.min(most, Math.max(-1, Math.log10(ulp)));
  return left + ((exponent + 1) / (most + 2)) * width;
}

function legend(): readonly string[] {
  const x = left + width - 200;
  return (["stable", "naive"] as const).flatMap((form, n) => [
    `<rect x="${x + 110 * n}" y="17" width="14" height="8" rx="3" fill="${colours[form]}"/>`,
    `<text x="${x + 110 * n + 20}" y="25">${form}</text>`,
  ]);
}

function axis(bottom: number): readonly string[] {
  const ticks = [0, 4, 8, 12, 16];
  return [
    ...ticks.flatMap((n) => [
      `<line x1="${across(10 ** n)}" x2="${across(10 ** n)}" y1="${top - 6}" y2="${bottom}" stroke="#d0d7de"/>`,
      `<text x="${across(10 ** n)}" y="${bottom + 18}" text-anchor="middle">${n === 0 ? "1 ulp" : `1e${n}`}</text>`,
    ]),
    `<text x="${across(Infinity)}" y="${bottom + 36}" text-anchor="middle">lost</text>`,
  ];
}

function lineOf(row: Measured, y: number): readonly string[] {
  return [
    `<text x="16" y="${y + 11}">${escape(row.quantity)}</text>`,
    `<text x="90" y="${y + 11}" fill="#57606a">${escape(row.regime)}</text>`,
    bar(row.naive, y + 8, colours.naive),
    bar(row.stable, y + 1, colours.stable),
  ];
}

function bar({ p99, worst }: Errors, y: number, colour: string): string {
  const [from, to] = [across(p99), across(worst)];
  return `<rect x="${(from - 3).toFixed(1)}" y="${y}" width="${(to - from + 6).toFixed(1)}" height="6" rx="3" fill="${colour}"/>`;
}

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
