/** LOSS on the command line: a name in the catalogue, a file, standard input, or text. */
import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { definitionsOf, entry, names } from "../catalogue.ts";
import { UserError } from "../errors.ts";
import { output, type Program } from "../expr/program.ts";
import { parse } from "../parse.ts";
import { shorten } from "../text/names.ts";
import type { Io } from "./io.ts";
import { near } from "./nearest.ts";
import type { Call } from "./verb.ts";

export interface Loss {
  /** What to call it: the catalogue's name, the file's, or the output's. */
  readonly name: string;
  /** What it is, where the catalogue says. */
  readonly title: string | undefined;
  /** The definitions as they were written. */
  readonly text: string;
  readonly program: Program;
  /** The gradients to show unless others are asked for; undefined for those of all real inputs. */
  readonly wrt: readonly string[] | undefined;
  /** `work`, with errors that show the place in the text. */
  readonly within: <T>(work: () => T) => T;
}

/** Throws a `UserError` when there is no such loss, or when it is not one. */
export function readLoss(call: Call, io: Io): Loss {
  const [operand] = call.operands;
  const expression = call.value("expression");
  if (expression !== undefined && operand !== undefined)
    throw new UserError(`two losses are given, "${shorten(operand)}" and -e`, { fix: "give one of them" });
  if (expression !== undefined) return lossOf({ text: expression });
  if (operand === undefined || operand === "")
    throw new UserError("no loss is given", {
      fix: "a name in the catalogue (dscore list), a file, or -e 'text'",
    });
  if (operand === "-")
    return lossOf({ text: decode(io.readInput(), "standard input"), source: "standard input" });
  const known = entry(operand);
  if (known === undefined) return lossOf({ text: readText(operand), source: operand });
  const { name, title, wrt } = known;
  return lossOf({ text: known.text, source: name, name, title, wrt });
}

/** The gradients to take: those asked for, else those that the catalogue shows, else undefined for all. */
export function wanted(call: Call, loss: Loss): readonly string[] | undefined {
  const asked = call.values("wrt");
  if (call.has("wrt") && asked.length === 0)
    throw new UserError("--wrt names nothing", { fix: "--wrt NAME" });
  return asked.length > 0 ? [...new Set(asked)] : loss.wrt;
}

interface Source {
  readonly text: string;
  /** The file that it is from, or its like. */
  readonly source?: string;
  readonly name?: string;
  readonly title?: string;
  readonly wrt?: readonly string[] | undefined;
}

function lossOf({ text, source, name, title, wrt }: Source): Loss {
  const told = <T>(work: () => T, named: (error: UserError) => boolean): T => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw located(error, text, named(error) ? source : undefined);
    }
  };
  // What has no place is about the whole text while that is read; after that, about the rest of the command.
  const program = told(
    () => parse(text),
    () => true,
  );
  return {
    name: name ?? (source === undefined || source === "standard input" ? output(program).name : stem(source)),
    title,
    text: definitionsOf(text),
    program,
    wrt,
    within: (work) => told(work, (error) => error.place !== undefined),
  };
}

const stem = (path: string): string => basename(path).replace(/\.[^.]*$/u, "");

/** The error with the file's name and the line of the text that it is about. */
function located(error: UserError, text: string, source: string | undefined): UserError {
  const [what = ""] = error.message.split("\n  fix: ");
  const file = source === undefined ? "" : `${shorten(source)}: `;
  const line = error.place && pointed(text, error.place.line, error.place.column);
  return new UserError(file + what + (line === undefined ? "" : `\n${line}`), { fix: error.fix });
}

/** A line of the text with a mark under the column; a long line is shown around it. */
function pointed(text: string, line: number, column: number): string | undefined {
  const written = text.split(/\r\n|[\n\r]/u)[line - 1];
  if (written === undefined || written.trim() === "") return undefined;
  const characters = Array.from(written, (c) => (/[\p{C}\p{Zl}\p{Zp}]/u.test(c) ? " " : c));
  const start = Math.max(0, column - 60);
  const shown = characters
    .slice(start, start + 100)
    .join("")
    .trimEnd();
  return `  ${shown}\n  ${" ".repeat(column - 1 - start)}^`;
}

const largest = 1_000_000;

function readText(path: string): string {
  let size: number;
  try {
    const file = statSync(path);
    if (file.isDirectory()) throw new UserError(`${shorten(path)} is a folder`, { fix: "give a file in it" });
    size = file.size;
  } catch (error) {
    throw error instanceof UserError ? error : unknownLoss(path);
  }
  if (size > largest) throw new UserError(`${shorten(path)} is too large for a definition: ${size} bytes`);
  return decode(read(path), path);
}

function read(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch {
    throw new UserError(`${shorten(path)} cannot be read`);
  }
}

function decode(bytes: Uint8Array, source: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UserError(`${shorten(source)} is not text in UTF-8`);
  }
}

function unknownLoss(operand: string): UserError {
  const shown = shorten(operand);
  const what = `there is no ${shown} in the catalogue, and no such file`;
  if (/[=()[\]+*^;?]/u.test(operand))
    return new UserError(what, { fix: `to give a loss as text, write -e '${shown}'` });
  const similar = near(operand, names());
  const fix =
    similar.length > 0
      ? `did you mean ${similar.slice(0, 3).join(", ")}?`
      : `the catalogue has ${names().join(", ")}`;
  return new UserError(what, { fix });
}
