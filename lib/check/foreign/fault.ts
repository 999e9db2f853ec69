/** Exceptions in the user's own code, told without a stack. */
import { UserError } from "../../errors.ts";

export interface Fault {
  /** Where it happened: on loading the file, or in the call. */
  readonly stage: "load" | "call" | "numpy";
  /** The name of its class. */
  readonly kind: string;
  readonly message: string;
  /** The line in the user's file, when it is known. */
  readonly line: number | null;
}

export function faultError(file: string, { stage, kind, message, line }: Fault): UserError {
  const where = line === null ? "" : `, line ${line}`;
  const when = stage === "load" ? "cannot be loaded" : "failed";
  return new UserError(`${file}${where} ${when}: ${kind}: ${message.split("\n")[0]!.slice(0, 300)}`);
}
