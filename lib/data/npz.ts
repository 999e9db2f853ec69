/** NumPy's .npz: a zip archive of .npy files, one for each name. */
import type { Tensor } from "../binding.ts";
import { UserError } from "../errors.ts";
import { formatNpy, parseNpy } from "./npy.ts";
import { formatZip, parseZip } from "./zip.ts";

export { isZip as isNpz } from "./zip.ts";

/** The arrays of an archive by name. `file` is what errors call it. */
export function parseNpz(
  bytes: Uint8Array,
  file: string,
): Map<string, { shape: number[]; data: Float64Array }> {
  const arrays = new Map<string, { shape: number[]; data: Float64Array }>();
  for (const [path, content] of parseZip(bytes, file)) {
    if (!path.endsWith(".npy")) throw new UserError(`${file} holds ${path}, which is not a .npy file`);
    arrays.set(path.slice(0, -".npy".length), parseNpy(content, `${path} in ${file}`));
  }
  return arrays;
}

export const formatNpz = (arrays: ReadonlyMap<string, Tensor>): Uint8Array =>
  formatZip(new Map([...arrays].map(([name, array]) => [`${name}.npy`, formatNpy(array)])));
