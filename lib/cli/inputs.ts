/** `--input FILE`: values for the inputs of a loss. */
import type { Given } from "../bind.ts";
import { parseInputs, readInputs } from "../data/read-inputs.ts";
import type { Input } from "../expr/program.ts";
import type { Io } from "./io.ts";
import type { Flag } from "./verb.ts";

export const inputFlag: Flag = {
  value: "FILE",
  about: "values by name: JSON (nested lists, or {shape, data}) or .npz; - for standard input",
};

/** What the file holds; `-` is standard input. Throws a `UserError` that names the file. */
export const readGiven = (path: string, io: Io): Given =>
  path === "-" ? parseInputs(io.readInput(), "standard input") : readInputs(path);

/** The values for these inputs alone: a file may serve several losses. All that there is where one is missing, to find a slip in a name. */
export function only(given: Given, inputs: readonly Input[]): Given {
  const own = inputs.filter(({ name }) => Object.hasOwn(given, name));
  return own.length < inputs.length ? given : Object.fromEntries(own.map(({ name }) => [name, given[name]!]));
}
