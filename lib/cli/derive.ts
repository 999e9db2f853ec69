/** `dscore derive`: the closed form, and how it came. */
import type { Derivation } from "../diff/derivation.ts";
import { differentiate } from "../diff/differentiate.ts";
import { hessian, hessianVectorProduct } from "../diff/higher.ts";
import { UserError } from "../errors.ts";
import { derivationHtml } from "./derivation-html.ts";
import { derivationJson } from "./derivation-json.ts";
import { derivationLatex } from "./derivation-latex.ts";
import { derivationText } from "./derivation-text.ts";
import { ink } from "./ink.ts";
import type { Io } from "./io.ts";
import { writeJson } from "./json.ts";
import { stableJson, stableLatex, stableText } from "./derivation-stable.ts";
import { readLoss, wanted, type Loss } from "./loss.ts";
import { lossAbout, lossFlags, wrtFlag, type Call, type Verb } from "./verb.ts";

export const verb: Verb = {
  name: "derive",
  usage:
    "LOSS [--wrt NAME…] [--hessian NAME] [--hvp NAME] [--format text|latex|html|json] [--steps] [--stable]",
  about: `The gradient of LOSS in closed form.\n${lossAbout}.`,
  operands: 1,
  flags: {
    ...lossFlags,
    wrt: wrtFlag,
    hessian: { value: "NAME", about: "the second derivative by NAME instead, every entry" },
    hvp: { value: "NAME", about: "the Hessian-vector product by NAME instead, with an input v of its shape" },
    format: {
      value: "FORMAT",
      among: ["text", "latex", "html", "json"],
      about: "text (default), latex, html or json",
    },
    stable: { about: "how the code computes it in floating point, and what that gains" },
    steps: { about: "every rule that was applied, with the expression before and after" },
  },
  examples: [
    "dscore derive hinge --wrt W",
    "dscore derive softmax --steps",
    "dscore derive softmax --stable",
    "dscore derive -e 'mean(i, (x[i] - t[i])^2)' --format latex",
    "dscore derive -e 'logsumexp(j, s[j]) - s[y]' --hessian s",
  ],
  run,
};

function run(call: Call, io: Io): number {
  const loss = readLoss(call, io);
  const derivation = loss.within(() => derivationOf(call, loss));
  const [steps, stable] = [call.has("steps"), call.has("stable")];
  switch (call.has("json") ? "json" : (call.value("format") ?? "text")) {
    case "json":
      writeJson(io, {
        ...derivationJson(derivation),
        ...(stable ? { stable: stableJson(derivation) } : {}),
      });
      break;
    case "latex":
      io.out(derivationLatex(derivation, steps));
      if (stable) io.out(`\n${stableLatex(derivation)}\n`);
      break;
    case "html":
      io.out(derivationHtml(loss, derivation, { steps, stable }));
      break;
    default:
      io.out(derivationText(loss, derivation, ink(io.colour.out), steps));
      if (stable) io.out(`\n${stableText(derivation, ink(io.colour.out))}\n`);
  }
  return 0;
}

function derivationOf(call: Call, loss: Loss): Derivation {
  const [second, product] = [call.value("hessian"), call.value("hvp")];
  if (second !== undefined && product !== undefined)
    throw new UserError("--hessian and --hvp exclude each other");
  if ((second ?? product) !== undefined && call.has("wrt"))
    throw new UserError(`--wrt and ${second === undefined ? "--hvp" : "--hessian"} exclude each other`, {
      fix: "the second derivative is by the name after its own flag",
    });
  if (second !== undefined) return hessian(loss.program, second);
  if (product !== undefined) return hessianVectorProduct(loss.program, product);
  return differentiate(loss.program, { wrt: wanted(call, loss) });
}
