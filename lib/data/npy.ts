/**
 * NumPy's .npy: one array of numbers a file.
 *
 * Format: numpy.lib.format, versions 1 to 3. Every number is read as a double;
 * 64-bit integers must be such that a double holds them.
 */
import { volume, type Tensor } from "../binding.ts";
import { UserError } from "../errors.ts";

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY

interface Kind {
  readonly bytes: number;
  readonly get: (view: DataView, at: number, little: boolean) => number;
}

// prettier-ignore
const kinds: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ["f8", { bytes: 8, get: (view, at, little) => view.getFloat64(at, little) }],
  ["f4", { bytes: 4, get: (view, at, little) => view.getFloat32(at, little) }],
  ["i8", { bytes: 8, get: (view, at, little) => Number(view.getBigInt64(at, little)) }],
  ["i4", { bytes: 4, get: (view, at, little) => view.getInt32(at, little) }],
  ["i2", { bytes: 2, get: (view, at, little) => view.getInt16(at, little) }],
  ["i1", { bytes: 1, get: (view, at) => view.getInt8(at) }],
  ["u8", { bytes: 8, get: (view, at, little) => Number(view.getBigUint64(at, little)) }],
  ["u4", { bytes: 4, get: (view, at, little) => view.getUint32(at, little) }],
  ["u2", { bytes: 2, get: (view, at, little) => view.getUint16(at, little) }],
  ["u1", { bytes: 1, get: (view, at) => view.getUint8(at) }],
  ["b1", { bytes: 1, get: (view, at) => view.getUint8(at) }],
]);

export const isNpy = (bytes: Uint8Array): boolean => magic.every((byte, n) => bytes[n] === byte);

/** Reads an array. `file` is what errors call it. */
export function parseNpy(bytes: Uint8Array, file: string): { shape: number[]; data: Float64Array } {
  if (!isNpy(bytes)) throw new UserError(`${file} is not a .npy file`);
  const { text, end } = header(bytes, file);
  const { kind, little } = numberKind(field(text, "descr", /^'([^']*)'/, file), file);
  const columnMajor = field(text, "fortran_order", /^(True|False)/, file) === "True";
  const shape = field(text, "shape", /^\(([\d\s,L]*)\)/, file)
    .split(",")
    .filter((size) => size.trim() !== "")
    .map((size) => Number.parseInt(size, 10));
  const wanted = volume(shape) * kind.bytes;
  if (bytes.length - end !== wanted)
    throw new UserError(
      `${file} has ${bytes.length - end} bytes of numbers, but its shape (${shape.join(", ")}) wants ${wanted}`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset + end, wanted);
  const data = new Float64Array(volume(shape));
  for (let n = 0; n < data.length; n++) data[n] = kind.get(view, n * kind.bytes, little);
  if (kind.bytes === 8 && kind !== kinds.get("f8")) refuseRounded(data, file);
  return { shape, data: columnMajor ? toRowMajor(data, shape) : data };
}

function header(bytes: Uint8Array, file: string): { text: string; end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const version = bytes[6];
  const start = version === 1 ? 10 : 12;
  if (version === undefined || version < 1 || version > 3)
    throw new UserError(`${file} is .npy of version ${version}`, { fix: "versions 1 to 3 are read" });
  if (bytes.length < start) throw new UserError(`${file} ends within its header`);
  const end = start + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (bytes.length < end) throw new UserError(`${file} ends within its header`);
  return { text: new TextDecoder().decode(bytes.subarray(start, end)), end };
}

/** An entry of the header, which is a Python dictionary. */
function field(text: string, key: string, form: RegExp, file: string): string {
  const entry = text.indexOf(`'${key}':`);
  const value = entry < 0 ? null : form.exec(text.slice(entry + key.length + 3).trimStart());
  if (value === null)
    throw new UserError(`the header of ${file} has no ${key} that can be read: ${text.trim().slice(0, 80)}`);
  return value[1]!;
}

function numberKind(descr: string, file: string): { kind: Kind; little: boolean } {
  const kind = kinds.get(descr.replace(/^[<>|=]/, ""));
  if (kind === undefined)
    throw new UserError(`${file} holds elements of type ${descr}`, {
      fix: "save float64, float32, integers or booleans",
    });
  return { kind, little: !descr.startsWith(">") };
}

function refuseRounded(data: Float64Array, file: string): void {
  const rounded = data.find((x) => !Number.isSafeInteger(x));
  if (rounded !== undefined)
    throw new UserError(`${file} holds the integer ${BigInt(rounded)}, which a double cannot hold exactly`);
}

function toRowMajor(data: Float64Array, shape: readonly number[]): Float64Array {
  const out = new Float64Array(data.length);
  const at = shape.map(() => 0);
  const strides = shape.map((_, axis) => volume(shape.slice(0, axis)));
  for (let n = 0, from = 0; n < out.length; n++) {
    out[n] = data[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++at[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      at[axis] = 0;
    }
  }
  return out;
}

/** A .npy file of version 1: float64 or int32, little endian, row-major. */
export function formatNpy({ shape, data }: Tensor): Uint8Array {
  const descr = data instanceof Int32Array ? "<i4" : "<f8";
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const length = Math.ceil((text.length + 11) / 64) * 64 - 10; // numbers begin at a multiple of 64
  const bytes = new Uint8Array(10 + length + data.byteLength);
  bytes.set([...magic, 1, 0, length & 255, length >> 8]);
  bytes.set(new TextEncoder().encode(`${text.padEnd(length - 1)}\n`), 10);
  bytes.set(littleEndian(data), 10 + length);
  return bytes;
}

function littleEndian(data: Float64Array | Int32Array): Uint8Array {
  const bytes = new Uint8Array(data.byteLength);
  const view = new DataView(bytes.buffer);
  const size = data.BYTES_PER_ELEMENT;
  data.forEach((x, n) => (size === 8 ? view.setFloat64(n * 8, x, true) : view.setInt32(n * 4, x, true)));
  return bytes;
}
