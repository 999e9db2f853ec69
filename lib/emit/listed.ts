/** The lines of an array of numbers in emitted code, filled as formatters fill them. */
export function listed(numbers: readonly number[]): string {
  const lines: string[] = [];
  let line = " ";
  for (const n of numbers) {
    const item = ` ${n},`;
    if (line.length + item.length > width) {
      lines.push(line);
      line = " ";
    }
    line += item;
  }
  return [...lines, line].join("\n");
}

const width = 110;
