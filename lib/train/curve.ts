/** The course of a training run as a picture: loss and accuracy by epoch, as SVG. */
import type { Epoch } from "./descent.ts";

interface Line {
  readonly name: string;
  readonly colour: string;
  readonly values: readonly number[];
}

const width = 360;
const height = 240;
const margin = { left: 52, right: 76, top: 34, bottom: 34 };
const ink = "#333333";

/** An SVG file. Epochs whose loss is not finite are left out. */
export function curve(title: string, epochs: readonly Epoch[]): string {
  const losses = [{ name: "", colour: "#1f6feb", values: epochs.map(({ loss }) => loss) }];
  const accuracies = [
    { name: "training", colour: "#8250df", values: epochs.map(({ training }) => 100 * training) },
    { name: "validation", colour: "#d1571b", values: epochs.map(({ validation }) => 100 * validation) },
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${2 * width} ${height}" font-family="sans-serif" font-size="11" fill="${ink}">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    panel("loss", losses, 0),
    panel("accuracy, %", accuracies, width),
    "</svg>\n",
  ].join("\n");
}

function panel(title: string, lines: readonly Line[], left: number): string {
  const finite = lines.flatMap(({ values }) => values.filter(Number.isFinite));
  const count = Math.max(1, ...lines.map(({ values }) => values.length));
  const ticks = niceTicks(Math.min(...finite, Infinity), Math.max(...finite, -Infinity));
  const [low, high] = [ticks[0]!, ticks.at(-1)!];
  const x = (epoch: number): number =>
    margin.left + ((epoch - 1) / Math.max(1, count - 1)) * (width - margin.left - margin.right);
  const y = (value: number): number =>
    height - margin.bottom - ((value - low) / (high - low)) * (height - margin.top - margin.bottom);
  const steps = niceTicks(1, count).filter((n) => Number.isInteger(n) && n >= 1 && n <= count);
  return [
    `<g transform="translate(${left} 0)">`,
    `<text x="${margin.left}" y="18" font-size="13" font-weight="bold">${escaped(title)}</text>`,
    ...ticks.map((tick) => grid(y(tick), String(Number(tick.toPrecision(4))))),
    ...steps.map((n) => `<text x="${at(x(n))}" y="${height - 18}" text-anchor="middle">${n}</text>`),
    `<text x="${at((margin.left + width - margin.right) / 2)}" y="${height - 4}" text-anchor="middle">epoch</text>`,
    ...lines.map((line) => drawn(line, x, y)),
    ...labels(lines, x(count), y),
    "</g>",
  ].join("\n");
}

const grid = (y: number, text: string): string =>
  `<line x1="${margin.left}" x2="${width - margin.right}" y1="${at(y)}" y2="${at(y)}" stroke="#dddddd"/>` +
  `<text x="${margin.left - 6}" y="${at(y + 4)}" text-anchor="end">${text}</text>`;

function drawn({ colour, values }: Line, x: (n: number) => number, y: (value: number) => number): string {
  const points = values.flatMap((value, n) =>
    Number.isFinite(value) ? [`${at(x(n + 1))},${at(y(value))}`] : [],
  );
  const [first] = points;
  if (points.length === 1)
    return `<circle cx="${first!.split(",")[0]}" cy="${first!.split(",")[1]}" r="2.5" fill="${colour}"/>`;
  return `<polyline fill="none" stroke="${colour}" stroke-width="1.8" points="${points.join(" ")}"/>`;
}

/** The names of lines beside their ends, apart from each other. */
function labels(lines: readonly Line[], x: number, y: (value: number) => number): string[] {
  const ends = lines
    .filter(({ name, values }) => name !== "" && Number.isFinite(values.at(-1)))
    .map(({ name, colour, values }) => ({ name, colour, at: y(values.at(-1)!) }))
    .toSorted((a, b) => a.at - b.at);
  let above = -Infinity;
  return ends.map(({ name, colour, at: wanted }) => {
    above = Math.max(wanted, above + 12);
    return `<text x="${at(x + 6)}" y="${at(above + 4)}" fill="${colour}">${name}</text>`;
  });
}

/** About five round numbers that enclose the range. */
function niceTicks(least: number, most: number): readonly number[] {
  if (!(least <= most)) return [0, 1];
  const range = most - least || Math.abs(most) || 1;
  const rough = range / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough)!;
  const from = Math.floor(least / step);
  const to = Math.max(from + 1, Math.ceil(most / step));
  return Array.from({ length: to - from + 1 }, (_, n) => (from + n) * step);
}

const at = (value: number): string => value.toFixed(1);
const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
