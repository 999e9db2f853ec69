/** The command line called in this process, with its streams caught. */
import { run } from "../../lib/cli/run.ts";

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function called(argv: readonly string[], input = ""): Promise<Outcome> {
  let [out, err] = ["", ""];
  const code = await run(argv, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    readInput: () => new TextEncoder().encode(input),
    colour: { out: false, err: false },
  });
  return { code, out, err };
}
