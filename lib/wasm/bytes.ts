/** Bytes of the binary format: numbers in LEB128, floats, strings, vectors. */

export type Bytes = readonly number[] | Uint8Array;

/** Bytes one part after another. */
export function joined(parts: readonly Bytes[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The bytes of what fits in one. */
const singles: readonly (readonly number[])[] = Array.from({ length: 128 }, (_, value) => [value]);

/** An integer from 0 on, seven bits a byte, the least first (unsigned LEB128). */
export function unsigned(value: number): readonly number[] {
  if (value < 128) return singles[value]!;
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest === 0 ? low : low + 128);
  } while (rest > 0);
  return bytes;
}

/** An integer of either sign (signed LEB128). */
export function signed(value: number | bigint): readonly number[] {
  if (value >= -64 && value < 64) return [Number(value) & 127];
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (;;) {
    const low = Number(rest & 127n);
    rest >>= 7n;
    const done = rest === 0n ? low < 64 : rest === -1n && low >= 64;
    bytes.push(done ? low : low + 128);
    if (done) return bytes;
  }
}

const place = new DataView(new ArrayBuffer(8));
const placed = new Uint8Array(place.buffer);

/** A double, the least byte first. */
export function float64(value: number): readonly number[] {
  place.setFloat64(0, value, true);
  return [...placed];
}

export function float32(value: number): readonly number[] {
  place.setFloat32(0, value, true);
  return [...placed.subarray(0, 4)];
}

/** Bytes with their number before them. */
export const counted = (bytes: Bytes): Uint8Array<ArrayBuffer> => joined([unsigned(bytes.length), bytes]);

export const text = (value: string): Bytes => counted(new TextEncoder().encode(value));

/** Items with their number before them. */
export const vector = (items: readonly Bytes[]): Bytes => joined([unsigned(items.length), ...items]);
