/** What a verb talks to: the real streams, or a spec's. */
import { readFileSync } from "node:fs";

export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** All of standard input. */
  readonly readInput: () => Uint8Array;
  /** Whether standard output, and standard error, may be coloured. */
  readonly colour: { readonly out: boolean; readonly err: boolean };
}

/** The process's own streams. Colours only on a terminal, and not where NO_COLOR is set. */
export function processIo(): Io {
  const colour = (stream: NodeJS.WriteStream): boolean => stream.isTTY === true && !process.env["NO_COLOR"];
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    readInput: () => readFileSync(0),
    colour: { out: colour(process.stdout), err: colour(process.stderr) },
  };
}
