/** What a kernel gives for an array, without the case that it is a number. */
import type { Output } from "../compile.ts";

export function arrayOf(output: Output | undefined): Float64Array {
  if (typeof output !== "object") throw new Error(`an array was expected of a kernel, not ${String(output)}`);
  return output.data;
}
