/**
 * Zip archives, as far as .npz files go: entries stored or deflated, read into memory.
 *
 * Format: PKWARE APPNOTE 6.3, sections 4.3 and 4.4. Archives of 4 GiB and more
 * (Zip64), encrypted ones and those of several disks are refused.
 */
import { crc32, inflateRawSync } from "node:zlib";
import { UserError } from "../errors.ts";

const localHeader = 0x04034b50;
const centralHeader = 0x02014b50;
const endRecord = 0x06054b50;

/** What marks a size that stands elsewhere, in a Zip64 record. */
const elsewhere = 0xffffffff;

export const isZip = (bytes: Uint8Array): boolean =>
  bytes.length >= 22 && [localHeader, endRecord].includes(viewOf(bytes).getUint32(0, true));

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** The entries of an archive by name. `file` is what errors call it. */
export function parseZip(bytes: Uint8Array, file: string): Map<string, Uint8Array> {
  try {
    return entries(bytes, file);
  } catch (error) {
    // offsets that lead outside
    if (error instanceof RangeError) throw new UserError(`${file} is a damaged zip archive`);
    throw error;
  }
}

function entries(bytes: Uint8Array, file: string): Map<string, Uint8Array> {
  const view = viewOf(bytes);
  const end = findEnd(view);
  if (end === undefined) throw new UserError(`${file} is a zip archive without its end: cut off?`);
  const found = new Map<string, Uint8Array>();
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (view.getUint32(at, true) !== centralHeader) throw new UserError(`${file} is a damaged zip archive`);
    const entry = readEntry(bytes, view, at);
    if (found.has(entry.name)) throw new UserError(`${file} has two entries named ${entry.name}`);
    found.set(entry.name, content(bytes, view, entry, file));
    at = entry.next;
  }
  return found;
}

/** The end record stands last, but for a comment of at most 65535 bytes. */
function findEnd(view: DataView): number | undefined {
  const least = Math.max(0, view.byteLength - 22 - 65535);
  for (let at = view.byteLength - 22; at >= least; at--)
    if (view.getUint32(at, true) === endRecord) return at;
  return undefined;
}

interface Entry {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly local: number;
  readonly next: number;
}

function readEntry(bytes: Uint8Array, view: DataView, at: number): Entry {
  const nameEnd = at + 46 + view.getUint16(at + 28, true);
  return {
    name: new TextDecoder().decode(bytes.subarray(at + 46, nameEnd)),
    flags: view.getUint16(at + 8, true),
    method: view.getUint16(at + 10, true),
    crc: view.getUint32(at + 16, true),
    packed: view.getUint32(at + 20, true),
    size: view.getUint32(at + 24, true),
    local: view.getUint32(at + 42, true),
    next: nameEnd + view.getUint16(at + 30, true) + view.getUint16(at + 32, true),
  };
}

function content(bytes: Uint8Array, view: DataView, entry: Entry, file: string): Uint8Array {
  const { name, flags, method, crc, packed, size, local } = entry;
  if ([packed, size, local].includes(elsewhere))
    throw new UserError(`${name} in ${file} is 4 GiB or larger`, { fix: "save it as .npy, or in parts" });
  if ((flags & 1) !== 0) throw new UserError(`${name} in ${file} is encrypted`);
  if (view.getUint32(local, true) !== localHeader) throw new UserError(`${file} is a damaged zip archive`);
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (start + packed > bytes.length) throw new UserError(`${name} in ${file} is cut off`);
  const whole = unpack(bytes.subarray(start, start + packed), method, size, `${name} in ${file}`);
  if (whole.length !== size || crc32(whole) !== crc)
    throw new UserError(`${name} in ${file} is damaged: its check sum differs`);
  return whole;
}

function unpack(packed: Uint8Array, method: number, size: number, what: string): Uint8Array {
  if (method === 0) return packed;
  if (method !== 8)
    throw new UserError(`${what} is compressed by method ${method}`, { fix: "store it, or deflate it" });
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });
  } catch {
    throw new UserError(`${what} is damaged: it cannot be inflated`);
  }
}

/** An archive of stored entries. */
export function formatZip(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [name, content] of files) {
    const path = new TextEncoder().encode(name);
    const common = [u16(20), u16(1 << 11), u16(0), u32(earliest)]; // version 2.0, name in UTF-8, stored
    const sizes = [u32(crc32(content)), u32(content.length), u32(content.length), u16(path.length), u16(0)];
    const head = joined([u32(localHeader), ...common, ...sizes, path]);
    directory.push(
      joined([u32(centralHeader), u16(20), ...common, ...sizes, new Uint8Array(10), u32(offset), path]),
    );
    parts.push(head, content);
    offset += head.length + content.length;
  }
  const index = joined(directory);
  const count = u16(files.size);
  const end = joined([
    u32(endRecord),
    new Uint8Array(4),
    count,
    count,
    u32(index.length),
    u32(offset),
    new Uint8Array(2),
  ]);
  return joined([...parts, index, end]);
}

/** 1 January 1980, midnight: archives of equal arrays are equal. */
const earliest = 0x00210000;

const u16 = (x: number): Uint8Array => new Uint8Array([x & 255, x >>> 8]);
const u32 = (x: number): Uint8Array => new Uint8Array([x & 255, (x >>> 8) & 255, (x >>> 16) & 255, x >>> 24]);

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
