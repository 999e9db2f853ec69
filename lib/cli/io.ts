/** What a verb talks to: the real streams, or a spec's. */
import { readFileSync } from "node:fs";

export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** All of standard input. */
  readonly readInput: () => Uint8Array;
  /** Whether standard output, and standard error, may be coloured. */
  readonly colour: { readonly out: boolean; readonly err: boolean };
  /** Whether standard error is a terminal, where a line may be written over. */
  readonly live?: boolean;
}

/** The process's own streams. Colours only on a terminal, and not where NO_COLOR is set. */
export function processIo(): Io {
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    readInput: () => readFileSync(0),
    colour: { out: coloured(process.stdout), err: coloured(process.stderr) },
    live: process.stderr.isTTY === true,
  };
}

const coloured = (stream: NodeJS.WriteStream): boolean => stream.isTTY === true && !process.env["NO_COLOR"];
