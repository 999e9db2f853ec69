/** `dscore derive`: the closed form, and how it came. */
import { differentiate } from "../diff/differentiate.ts";
import { derivationHtml } from "./derivation-html.ts";
import { derivationJson } from "./derivation-json.ts";
import { derivationLatex } from "./derivation-latex.ts";
import { derivationText } from "./derivation-text.ts";
import { ink } from "./ink.ts";
import type { Io } from "./io.ts";
import { writeJson } from "./json.ts";
import { readLoss, wanted } from "./loss.ts";
import { lossAbout, lossFlags, wrtFlag, type Call, type Verb } from "./verb.ts";

export const verb: Verb = {
  name: "derive",
  usage: "LOSS [--wrt NAME…] [--format text|latex|html|json] [--steps]",
  about: `The gradient of LOSS in closed form.\n${lossAbout}.`,
  operands: 1,
  flags: {
    ...lossFlags,
    wrt: wrtFlag,
    format: { value: "FORMAT", among: ["text", "latex", "html", "json"], about: "text (default), latex, html or json" },
    steps: { about: "every rule that was applied, with the expression before and after" },
  },
  examples: [
    "dscore derive hinge --wrt W",
    "dscore derive softmax --steps",
    "dscore derive -e 'mean(i, (x[i] - t[i])^2)' --format latex",
  ],
  run,
};

function run(call: Call, io: Io): number {
  const loss = readLoss(call, io);
  const derivation = loss.within(() => differentiate(loss.program, { wrt: wanted(call, loss) }));
  const steps = call.has("steps");
  switch (call.has("json") ? "json" : (call.value("format") ?? "text")) {
    case "json":
      writeJson(io, derivationJson(derivation));
      break;
    case "latex":
      io.out(derivationLatex(derivation, steps));
      break;
    case "html":
      io.out(derivationHtml(loss, derivation, steps));
      break;
    default:
      io.out(derivationText(loss, derivation, ink(io.colour.out), steps));
  }
  return 0;
}
