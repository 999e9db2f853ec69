/** A thread of the campaign: runs one part after another and sends back what it counted. */
import { parentPort } from "node:worker_threads";
import { entry } from "../../lib/catalogue.ts";
import { campaign, tally, type Gradients } from "../../lib/check/campaign.ts";
import { kernelGradients } from "../../lib/cli/check-many.ts";
import type { Program } from "../../lib/expr/program.ts";
import { parse } from "../../lib/parse.ts";

/** Points of one loss, from a seed on. */
export interface Part {
  readonly name: string;
  /** The inputs whose gradients are checked; all real ones when undefined. */
  readonly wrt: readonly string[] | undefined;
  readonly points: number;
  readonly seed: number;
}

const known = new Map<string, { program: Program; gradients: Gradients }>();

function lossOf({ name, wrt }: Part): { program: Program; gradients: Gradients } {
  const key = [name, ...(wrt ?? [])].join(" ");
  let loss = known.get(key);
  if (loss === undefined) {
    const program = parse(entry(name)!.text);
    const reals = program.inputs.filter(({ type }) => type === "real").map(({ name }) => name);
    known.set(key, (loss = { program, gradients: kernelGradients({ program, wrt: wrt ?? reals }) }));
  }
  return loss;
}

parentPort!.on("message", (part: Part) => {
  const { program, gradients } = lossOf(part);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort!.postMessage(tally(campaign(program, gradients, part.points, part.seed)));
});
