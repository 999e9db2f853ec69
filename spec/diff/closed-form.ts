/** Closed forms as they are printed, whatever else the process has built. */
import { differentiate } from "../../lib/diff/differentiate.ts";
import type { Program } from "../../lib/expr/program.ts";
import type { Definition } from "../../lib/expr/program.ts";
import { parse } from "../../lib/parse.ts";
import { printDefinition } from "../../lib/text/print.ts";

let tags = 0;

/**
 * The program of a text with a tag on the names of its inputs and definitions. Expressions are
 * interned with the names that their indices had first, so that names of other programs would show.
 */
export function taggedProgram(text: string): Program {
  const plain = parse(text);
  const names = [...plain.inputs, ...plain.definitions].map((named) => named.name);
  const tag = `_tag${++tags}`;
  return parse(text.replace(new RegExp(`(?<![\\w.])(${names.join("|")})(?!\\w)`, "gu"), `$1${tag}`));
}

/** One definition a line, without tags. */
export const printed = (definitions: readonly Definition[]): readonly string[] =>
  definitions.map((d) => printDefinition(d).replaceAll(/_tag\d+/gu, ""));

/** The closed form of a text. */
export const closedForm = (text: string, wrt?: readonly string[]): readonly string[] => {
  const program = taggedProgram(text);
  const tag = /_tag\d+$/u.exec(program.definitions[0]!.name)![0];
  return printed(differentiate(program, wrt ? { wrt: wrt.map((name) => name + tag) } : {}).definitions);
};
