/** .npy files as numpy writes them, byte by byte. */

/** A .npy file of this header and these numbers' bytes. */
export function npy(header: string, content: ArrayBufferView, version: 1 | 2 | 3 = 1): Uint8Array {
  const text = new TextEncoder().encode(`${header}\n`);
  const length =
    version === 1 ? [text.length & 255, text.length >> 8] : [text.length & 255, text.length >> 8, 0, 0];
  const numbers = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  return Uint8Array.of(0x93, ...Buffer.from("NUMPY"), version, 0, ...length, ...text, ...numbers);
}

export const header = (descr: string, shape: string, fortran = "False"): string =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;

/** What is thrown, as text. */
export function message(f: () => unknown): string {
  try {
    f();
  } catch (error) {
    if (error instanceof Error && error.name === "UserError") return error.message;
    throw error;
  }
  return "nothing is thrown";
}
