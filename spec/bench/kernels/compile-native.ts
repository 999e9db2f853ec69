/** The C of `native/`, compiled into a folder of its own for the kind of processor that it is to use. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Absent } from "./host.ts";
import { temporary } from "./temporary.ts";

export interface Build {
  readonly name: string;
  /** How wide its registers are. */
  readonly bytes: number;
  readonly flags: readonly string[];
}

export const builds = {
  sse2: { name: "sse2", bytes: 16, flags: [] },
  fma: { name: "fma", bytes: 16, flags: ["-mfma"] },
  avx2: { name: "avx2", bytes: 32, flags: ["-mavx2", "-mfma"] },
  native: { name: "native", bytes: 64, flags: ["-march=native"] },
} satisfies Record<string, Build>;

const source = fileURLToPath(new URL("native/native.c", import.meta.url));
const compiled = new Map<string, string>();
let folder: string | undefined;

/** The path of the program. Throws `Absent` where there is no compiler, or not for this processor. */
export function compileNative({ name, bytes, flags }: Build): string {
  const known = compiled.get(name);
  if (known !== undefined) return known;
  folder ??= temporary();
  const path = join(folder, name);
  const argv = ["-O3", "-ffast-math", ...flags, `-DVECTOR_BYTES=${bytes}`, source, "-o", path, "-lm"];
  const { error, status, stderr } = spawnSync("cc", argv, { encoding: "utf8" });
  if (error !== undefined) throw new Absent("install a C compiler named cc");
  if (status !== 0) throw new Absent(`cc ${flags.join(" ")}: ${stderr.trim().split("\n")[0]}`);
  compiled.set(name, path);
  return path;
}
