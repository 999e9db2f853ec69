/** Arrays to read on a terminal: rows below each other, long ones cut in the middle. */
import type { Ink } from "./ink.ts";

export interface Shaped {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** As many rows, and as many numbers in a row, as are shown. */
const mostRows = 12;
const mostColumns = 8;

/** `name = 1.25`, or `name  3 × 2` and a line for each row. */
export function arrayText(name: string, { shape, data }: Shaped, paint: Ink): string {
  if (shape.length === 0) return `${paint.name(name)} = ${String(data[0])}`;
  const columns = shape.at(-1)!;
  const rows = columns === 0 ? 0 : data.length / columns;
  const row = (n: number): string[] =>
    cut(Array.from(data.slice(n * columns, (n + 1) * columns), shown), mostColumns);
  const lines = cut([...Array(rows).keys()], mostRows).map((n) => (typeof n === "number" ? row(n) : [n]));
  const width = Math.max(0, ...lines.flat().map((cell) => cell.length));
  const head = `${paint.name(name)}  ${paint.aside(shape.join(" × "))}`;
  return [head, ...lines.map((cells) => `  ${cells.map((cell) => cell.padStart(width)).join("  ")}`)].join(
    "\n",
  );
}

const shown = (x: number): string => String(Number(x.toPrecision(6)));

/** The first and the last of many, with `…` between. */
function cut<T>(items: readonly T[], most: number): (T | "…")[] {
  const half = most / 2;
  return items.length <= most ? [...items] : [...items.slice(0, half), "…", ...items.slice(-half)];
}
