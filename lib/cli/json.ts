/** JSON as the command line prints it. */
import type { Io } from "./io.ts";

/** A value as JSON. Numbers that JSON lacks are the texts "NaN", "Infinity" and "-Infinity". */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_, v: unknown) => (typeof v === "number" && !Number.isFinite(v) ? String(v) : v));

export const writeJson = (io: Io, value: unknown): void => io.out(`${toJson(value)}\n`);
