/** Tables and bars of text. */

/** A progress bar of so many characters. */
export const bar = (share: number, width = 24): string => {
  const full = Math.round(Math.max(0, Math.min(1, share)) * width);
  return "█".repeat(full) + "░".repeat(width - full);
};

/** 0.4567 as `45.7 %`; `–` where there is no value. */
export const percent = (share: number): string =>
  Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : "–";

/** A setting as people write it: 1e-6, 0.01, 1000, 3e4. */
export const settingText = (x: number): string => {
  const [plain, scientific] = [String(x), x.toExponential().replace("e+", "e")];
  return plain.length <= scientific.length ? plain : scientific;
};

/** Rows of texts in columns, right aligned but for the first. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, c) => Math.max(...rows.map((row) => (row[c] ?? "").length)));
  const line = (row: readonly string[]): string =>
    row.map((text, c) => (c === 0 ? text.padEnd(widths[c]!) : text.padStart(widths[c]!))).join("  ");
  return rows.map((row) => `${line(row).trimEnd()}\n`).join("");
}
