/**
 * Pictures as PNG files: 8 bits a channel, three channels.
 *
 * PNG (ISO/IEC 15948), sections 9.2 for the filters, 12.8 for how one is chosen for each row.
 */
import { crc32, deflateSync } from "node:zlib";
import type { Picture } from "./picture.ts";

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Bytes from one pixel to the next. */
const bpp = 3;

/** What is predicted of a byte, from the one to the left, the one above, and the one above left. */
// prettier-ignore
const predictions: readonly ((left: number, above: number, aboveLeft: number) => number)[] = [
  () => 0,
  (left) => left,
  (_, above) => above,
  (left, above) => (left + above) >> 1,
  paeth,
];

function paeth(left: number, above: number, aboveLeft: number): number {
  const [byLeft, byAbove] = [Math.abs(above - aboveLeft), Math.abs(left - aboveLeft)];
  const byBoth = Math.abs(left + above - 2 * aboveLeft);
  if (byLeft <= byAbove && byLeft <= byBoth) return left;
  return byAbove <= byBoth ? above : aboveLeft;
}

/** The bytes of a PNG file. */
export function formatPng({ width, height, rgb }: Picture): Uint8Array {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 2, 0, 0, 0], 8); // 8 bits, RGB, the only compression, filters a row, not interlaced
  const rows = filtered(rgb, width * bpp, height);
  const chunks = [
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", new Uint8Array(0)),
  ];
  return Buffer.concat([Uint8Array.from(signature), ...chunks]);
}

/** Each row with the filter whose result is smallest in sum, and the number of the filter before it. */
function filtered(rgb: Uint8Array, stride: number, height: number): Uint8Array {
  const result = new Uint8Array(height * (stride + 1));
  const trial = new Uint8Array(stride);
  for (let row = 0; row < height; row++) {
    const at = row * (stride + 1);
    let least = Infinity;
    for (const [number, predict] of predictions.entries()) {
      const size = filterRow(rgb, stride, row, predict, trial);
      if (size >= least) continue;
      least = size;
      result[at] = number;
      result.set(trial, at + 1);
    }
  }
  return result;
}

function filterRow(
  rgb: Uint8Array,
  stride: number,
  row: number,
  predict: (typeof predictions)[number],
  into: Uint8Array,
): number {
  const at = row * stride;
  let size = 0;
  for (let n = 0; n < stride; n++) {
    const left = n < bpp ? 0 : rgb[at + n - bpp]!;
    const above = row === 0 ? 0 : rgb[at + n - stride]!;
    const aboveLeft = row === 0 || n < bpp ? 0 : rgb[at + n - stride - bpp]!;
    const rest = (rgb[at + n]! - predict(left, above, aboveLeft)) & 255;
    into[n] = rest;
    size += Math.min(rest, 256 - rest);
  }
  return size;
}

function chunk(type: string, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + content.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(content, 8);
  view.setUint32(8 + content.length, crc32(bytes.subarray(4, 8 + content.length)));
  return bytes;
}
