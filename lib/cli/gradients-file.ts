/** A file of gradients that are claimed: `{"W": …}`, .npz, or what `dscore eval --json` prints. */
import type { InputValue } from "../bind/array.ts";
import { parseInputs, readBytes } from "../data/read-inputs.ts";

/** The arrays by the names that they have in the file. Throws a `UserError` that names the file. */
export function readGradients(path: string): Record<string, InputValue> {
  const bytes = readBytes(path);
  const inner = gradientsOfResult(bytes);
  return parseInputs(inner === undefined ? bytes : new TextEncoder().encode(JSON.stringify(inner)), path);
}

/** The object under "gradients", where the file is a result with a value and gradients; undefined for all others. */
function gradientsOfResult(bytes: Uint8Array): object | undefined {
  if (bytes[0] !== "{".charCodeAt(0)) return undefined;
  try {
    const whole: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (
      typeof whole !== "object" ||
      whole === null ||
      !Object.hasOwn(whole, "gradients") ||
      !("gradients" in whole)
    )
      return undefined;
    const { gradients } = whole;
    return typeof gradients === "object" &&
      gradients !== null &&
      !Array.isArray(gradients) &&
      !("shape" in gradients)
      ? gradients
      : undefined;
  } catch {
    return undefined; // the reader of files says what is wrong with it
  }
}
