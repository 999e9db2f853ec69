/** A table of accuracies as a picture: one coloured square an entry, as SVG. */
import { settingText } from "./terminal.ts";

export interface HeatMap {
  readonly title: string;
  readonly rows: { readonly name: string; readonly values: readonly number[] };
  readonly columns: { readonly name: string; readonly values: readonly number[] };
  /** By row and column, 0 to 1; NaN where there is none. */
  readonly entries: readonly (readonly number[])[];
}

const cell = { width: 74, height: 40 };
const left = 92;
const top = 62;

export function heatMap({ title, rows, columns, entries }: HeatMap): string {
  const finite = entries.flat().filter(Number.isFinite);
  const [least, most] = [Math.min(...finite), Math.max(...finite)];
  const width = Math.max(300, left + columns.values.length * cell.width + 16);
  const height = top + rows.values.length * cell.height + 16;
  const square = (value: number, row: number, column: number): string => {
    const [x, y] = [left + column * cell.width, top + row * cell.height];
    const share = most > least ? (value - least) / (most - least) : 1;
    const text = Number.isFinite(value) ? `${(100 * value).toFixed(1)} %` : "diverged";
    const bold = value === most ? ` font-weight="bold"` : "";
    return (
      `<rect x="${x}" y="${y}" width="${cell.width}" height="${cell.height}" fill="${shade(share)}" stroke="#ffffff"/>` +
      `<text x="${x + cell.width / 2}" y="${y + cell.height / 2 + 4}" text-anchor="middle" fill="${share > 0.55 ? "#ffffff" : "#222222"}"${bold}>${text}</text>`
    );
  };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11" fill="#333333">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="8" y="18" font-size="13" font-weight="bold">${title}</text>`,
    `<text x="${left}" y="38">${columns.name} →</text>`,
    `<text x="8" y="${top - 8}">${rows.name} ↓</text>`,
    ...columns.values.map(
      (value, n) =>
        `<text x="${left + (n + 0.5) * cell.width}" y="${top - 8}" text-anchor="middle">${settingText(value)}</text>`,
    ),
    ...rows.values.map(
      (value, n) =>
        `<text x="${left - 8}" y="${top + (n + 0.5) * cell.height + 4}" text-anchor="end">${settingText(value)}</text>`,
    ),
    ...entries.flatMap((row, r) => row.map((value, c) => square(value, r, c))),
    "</svg>\n",
  ].join("\n");
}

/** From nearly white to a dark blue; grey where there is no value. */
function shade(share: number): string {
  if (!Number.isFinite(share)) return "#cccccc";
  const mixed = [
    [235, 16],
    [242, 66],
    [250, 140],
  ].map(([pale, deep]) => Math.round(pale! + share * (deep! - pale!)));
  return `rgb(${mixed.join(" ")})`;
}
