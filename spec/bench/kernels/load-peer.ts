/** A package from the folder that DSCORE_PEERS names: it is not among the project's own. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Absent } from "./host.ts";

const require = createRequire(join(process.env["DSCORE_PEERS"] ?? ".", "package.json"));

/** Where a file of a package is. Throws `Absent` when the package is not installed. */
export function peerFile(request: string): string {
  try {
    return require.resolve(request);
  } catch {
    throw new Absent(`run npm i ${request} in ${process.env["DSCORE_PEERS"]}`);
  }
}

/**
 * Loads a package. Its types are not at hand where this is compiled: `T` is what we use of it,
 * and that it is so is shown by the results.
 */
export const loadPeer = <T>(name: string): T => require(peerFile(name)) as T;

/** The same for a package that is an ES module. */
export const importPeer = async <T>(name: string): Promise<T> =>
  (await import(pathToFileURL(peerFile(name)).href)) as T;
