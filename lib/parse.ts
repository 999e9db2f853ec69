/** Text to program. */
import { expectArgument } from "./argument.ts";
import type { Program } from "./expr/program.ts";
import { resolve } from "./expr/resolve.ts";
import { parseSyntax } from "./text/parse-syntax.ts";

/** The program that a text defines. Throws a `UserError` with its place for every text that defines none. */
export function parse(text: string): Program {
  expectArgument("parse", "text", text);
  return resolve(parseSyntax(text));
}
