/** Inputs from a file: JSON, .npz, or one array as .npy. What is in the file counts, not how it is named. */
import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import type { InputValue } from "../bind/array.ts";
import { UserError } from "../errors.ts";
import { parseJson } from "./json.ts";
import { isNpy, parseNpy } from "./npy.ts";
import { isNpz, parseNpz } from "./npz.ts";

/** What fits into one buffer of Node's. */
const mostBytes = 2 ** 32;

/**
 * Values by name; nothing is inherited, so any name is safe. The array of a .npy
 * file takes the name of the file without its extension.
 *
 * @throws UserError that names the file when it cannot be read or is not as its format says.
 */
export const readInputs = (path: string): Record<string, InputValue> => parseInputs(readBytes(path), path);

/** The same of a file's bytes; `path` is what errors call it. Of JSON, `part` chooses what holds the values. */
export function parseInputs(
  bytes: Uint8Array,
  path: string,
  part?: (whole: unknown) => unknown,
): Record<string, InputValue> {
  const file = basename(path);
  if (isNpy(bytes)) return named([[file.replace(/\.[^.]*$/, ""), parseNpy(bytes, path)]]);
  if (isNpz(bytes)) return named(parseNpz(bytes, path));
  const text = utf8(bytes, path);
  if (/\.np[yz]$/u.test(path) && !/^\uFEFF?\s*\{/u.test(text)) throw unknownFormat(path);
  return parseJson(text, path, part);
}

function named(values: Iterable<readonly [string, InputValue]>): Record<string, InputValue> {
  const record: Record<string, InputValue> = Object.create(null);
  for (const [name, value] of values) record[name] = value;
  return record;
}

/** The bytes of a file. Throws a `UserError` that names it. */
export function readBytes(path: string): Uint8Array {
  try {
    const { size } = statSync(path);
    if (size > mostBytes) throw new UserError(`${path} is larger than 4 GiB`);
    return readFileSync(path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`cannot read ${path}: ${reason(error)}`);
  }
}

// prettier-ignore
const reasons: ReadonlyMap<unknown, string> = new Map([
  ["ENOENT",  "there is no such file or folder"],
  ["EISDIR",  "it is a directory"],
  ["ENOTDIR", "there is no such directory"],
  ["EACCES",  "permission denied"],
  ["ENOSPC",  "no space is left"],
  ["EROFS",   "it is on a read-only file system"],
]);

/** Why the file system refused, in words. */
export function reason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return reasons.get(code) ?? (error instanceof Error ? error.message : String(error));
}

function utf8(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw unknownFormat(path);
  }
}

const unknownFormat = (path: string): UserError => new UserError(`${path} is neither JSON nor .npz nor .npy`);
