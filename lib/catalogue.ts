/**
 * The catalogue: one definition per loss or layer, each a file of the language in `derivations/`.
 *
 * The comment lines at the head of a file say what it is: the first is its title, those
 * that begin with `wrt:` and `source:` say which gradients are shown by default and
 * where the formula is from, the others describe it.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface Entry {
  readonly name: string;
  /** The file that defines it. */
  readonly path: string;
  readonly text: string;
  readonly title: string;
  /** One paragraph; empty when there is none. */
  readonly description: string;
  /** The inputs whose gradients are shown by default; undefined for all real ones. */
  readonly wrt: readonly string[] | undefined;
  readonly sources: readonly string[];
}

/** Where the definitions are: beside `lib/`, and beside `dist/` once built. */
export const folder: string = ["../derivations/", "../../derivations/"]
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((path) => existsSync(path))!;

const extension = ".dscore";

/** The names in the catalogue, in alphabetical order. */
export const names = (): readonly string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith(extension))
    .map((file) => file.slice(0, -extension.length))
    .toSorted();

/** The entry of that name, if there is one. */
export function entry(name: string): Entry | undefined {
  if (!names().includes(name)) return undefined;
  const path = folder + name + extension;
  return readEntry(name, path, readFileSync(path, "utf8"));
}

export const catalogue = (): readonly Entry[] => names().map((name) => entry(name)!);

function readEntry(name: string, path: string, text: string): Entry {
  const [title = name, ...lines] = headOf(text);
  const marked = (mark: string): string[] =>
    lines.filter((line) => line.startsWith(mark)).map((line) => line.slice(mark.length).trim());
  const wrt = marked("wrt:").flatMap((line) => line.split(/[\s,]+/u));
  return {
    name,
    path,
    text,
    title,
    description: lines.filter((line) => !/^(?:wrt|source):/u.test(line)).join(" "),
    wrt: wrt.length === 0 ? undefined : wrt,
    sources: marked("source:"),
  };
}

/** A line ends as the language has it. */
const lineEnd = /\r\n|[\n\r\u2028\u2029]/u;

/** The comment lines before the first definition, without their marks. */
function headOf(text: string): readonly string[] {
  const lines = text.split(lineEnd);
  const end = lines.findIndex((line) => !line.startsWith("#"));
  return lines.slice(0, end < 0 ? lines.length : end).map((line) => line.slice(1).trim());
}

/** The definitions of a text without the comment lines at its head. */
export const definitionsOf = (text: string): string =>
  text.split(lineEnd).slice(headOf(text).length).join("\n").trim();
