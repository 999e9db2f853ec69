/** Folders that are gone when this process is. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let root: string | undefined;

export function temporary(): string {
  root ??= rooted();
  return mkdtempSync(join(root, "part-"));
}

function rooted(): string {
  const made = mkdtempSync(join(tmpdir(), "dscore-bench-"));
  process.on("exit", () => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Does something with a folder that is gone afterwards. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = temporary();
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
