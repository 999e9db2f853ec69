/** Pictures: rows of pixels, three bytes each, and what is made of them. */
import { imageBytes, plane, side } from "./image-set.ts";

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue of each pixel, row by row. */
  readonly rgb: Uint8Array;
}

/** A picture of an image of a set: its planes side by side. */
export function pictureOf(image: ArrayLike<number>): Picture {
  const rgb = new Uint8Array(imageBytes);
  for (let n = 0; n < imageBytes; n++) rgb[n] = image[(n % 3) * plane + Math.floor(n / 3)]!;
  return { width: side, height: side, rgb };
}

/** A picture in which each pixel is a square of so many. */
export function enlarge({ width, height, rgb }: Picture, times: number): Picture {
  const large = new Uint8Array(rgb.length * times * times);
  for (let row = 0, at = 0; row < height * times; row++)
    for (let column = 0; column < width * times; column++, at += 3) {
      const from = 3 * (Math.floor(row / times) * width + Math.floor(column / times));
      large.set(rgb.subarray(from, from + 3), at);
    }
  return { width: width * times, height: height * times, rgb: large };
}

/** Pictures of one size side by side, rows of them, on white with gaps; rows may differ in length. */
export function sheet(rows: readonly (readonly Picture[])[], gap = 2): Picture {
  const first = rows.flat()[0];
  const [wide, high] = [first?.width ?? 0, first?.height ?? 0];
  const width = gap + Math.max(0, ...rows.map((row) => row.length)) * (wide + gap);
  const height = gap + rows.length * (high + gap);
  const rgb = new Uint8Array(3 * width * height).fill(255);
  for (const [r, row] of rows.entries())
    for (const [c, picture] of row.entries())
      for (let line = 0; line < high; line++) {
        const at = (gap + r * (high + gap) + line) * width + gap + c * (wide + gap);
        rgb.set(picture.rgb.subarray(3 * line * wide, 3 * (line + 1) * wide), 3 * at);
      }
  return { width, height, rgb };
}

/** A picture on a terminal with 24-bit colours: two rows of pixels a line of text. */
export function terminalText({ width, height, rgb }: Picture): string {
  const colour = (row: number, column: number): string =>
    row < height ? [...rgb.subarray(3 * (row * width + column)).subarray(0, 3)].join(";") : "255;255;255";
  const line = (row: number): string =>
    Array.from(
      { length: width },
      (_, c) => `\x1b[38;2;${colour(row, c)}m\x1b[48;2;${colour(row + 1, c)}m▀`,
    ).join("");
  return Array.from({ length: Math.ceil(height / 2) }, (_, n) => `${line(2 * n)}\x1b[0m\n`).join("");
}
