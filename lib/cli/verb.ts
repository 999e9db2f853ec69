/** A verb of the command line: what it takes, what it says of itself, what it does. */
import type { Io } from "./io.ts";

export interface Flag {
  /** One letter. */
  readonly short?: string;
  /** What stands for the value in the help; a flag without one is a switch. */
  readonly value?: string;
  /** Whether it may be given more than once, and with several names at a time. */
  readonly many?: boolean;
  /** The values that it may have; any when absent. */
  readonly among?: readonly string[];
  readonly about: string;
}

export type Flags = Readonly<Record<string, Flag>>;

/** What was asked for, checked against the verb's flags. */
export interface Call {
  readonly operands: readonly string[];
  readonly has: (flag: string) => boolean;
  readonly value: (flag: string) => string | undefined;
  /** All values of a flag that may be given more than once. */
  readonly values: (flag: string) => readonly string[];
}

export interface Verb {
  readonly name: string;
  /** What follows the name on the command line. */
  readonly usage: string;
  /** One or a few lines. */
  readonly about: string;
  /** How many operands it takes at most. */
  readonly operands: number;
  readonly flags: Flags;
  /** What the exit codes mean, where there are others than 0 and 2. */
  readonly exits?: string;
  readonly examples: readonly string[];
  /** The exit code: 0, or 1 where the answer is no. Throws a `UserError` for bad input. */
  readonly run: (call: Call, io: Io) => number | Promise<number>;
}

/** Flags that every verb has. */
export const common: Flags = {
  json: { about: "print JSON" },
  help: { short: "h", about: "print this help" },
};

/** How every verb that wants a loss is told which. */
export const lossFlags: Flags = {
  expression: { short: "e", value: "TEXT", about: "the loss itself, instead of LOSS" },
};

export const lossAbout =
  "LOSS is a name in the catalogue (`dscore list`), a file, - for standard input, or -e 'text'";

export const wrtFlag: Flag = {
  value: "NAME",
  many: true,
  about: "the inputs (or definitions) to differentiate by; may be repeated, or a list W,b",
};
