/** Arrays to files. A file is whole or absent: it is written under another name, then renamed. */
import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { Tensor } from "../binding.ts";
import { UserError } from "../errors.ts";
import { formatNpy } from "./npy.ts";
import { formatNpz } from "./npz.ts";
import { reason } from "./read-inputs.ts";

export const writeNpy = (path: string, array: Tensor): void => writeWhole(path, formatNpy(array));

export const writeNpz = (path: string, arrays: ReadonlyMap<string, Tensor>): void =>
  writeWhole(path, formatNpz(arrays));

/** Writes a file that is never seen half-written. Throws a `UserError` that names it when it cannot be. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  try {
    if (isDevice(path)) writeFileSync(path, content);
    else replace(path, content);
  } catch (error) {
    throw new UserError(`cannot write ${path}: ${reason(error)}`);
  }
}

/** Throws a `UserError` when `writeWhole` would: what is written after another file is asked for before it. */
export function checkWritable(path: string): void {
  try {
    if (!isDevice(path)) probe(path);
  } catch (error) {
    throw new UserError(`cannot write ${path}: ${reason(error)}`);
  }
}

function refuseFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new UserError("it is a directory");
}

function probe(path: string): void {
  refuseFolder(path);
  const draft = draftOf(path);
  writeFileSync(draft, "");
  rmSync(draft);
}

const draftOf = (path: string): string => `${path}.${process.pid}.part`;

function replace(path: string, content: string | Uint8Array): void {
  refuseFolder(path);
  const draft = draftOf(path);
  try {
    writeFileSync(draft, content);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** Whether the path is a pipe, a terminal or the like: to be written to, not to be replaced. */
function isDevice(path: string): boolean {
  const file = statSync(path, { throwIfNoEntry: false });
  return file !== undefined && !file.isFile() && !file.isDirectory();
}
