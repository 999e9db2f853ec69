/** A file of gradients that are claimed: `{"W": …}`, .npz, or what `dscore eval --json` prints. */
import type { InputValue } from "../bind/array.ts";
import { parseInputs, readBytes } from "../data/read-inputs.ts";

/** The arrays by the names that they have in the file. Throws a `UserError` that names the file. */
export const readGradients = (path: string): Record<string, InputValue> =>
  parseInputs(readBytes(path), path, gradientsOf);

/** The object under "gradients", where JSON is a result with a value and gradients; all of it otherwise. */
function gradientsOf(whole: unknown): unknown {
  if (!isObject(whole) || !Object.hasOwn(whole, "gradients") || !("gradients" in whole)) return whole;
  const { gradients } = whole;
  return isObject(gradients) && !("shape" in gradients) ? gradients : whole;
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
