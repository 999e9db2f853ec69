/** The version that the package says it has. */
import { readFileSync } from "node:fs";

export function version(): string {
  // From lib/cli when run from source, from dist/lib/cli when built.
  for (const path of ["../../package.json", "../../../package.json"])
    try {
      const parsed: unknown = JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
      if (typeof parsed === "object" && parsed !== null && "version" in parsed) return String(parsed.version);
    } catch {
      continue;
    }
  return "unknown";
}
