/** The page of a catalogue entry: definition, closed form, steps, code. `npm run pages` writes them all. */
import { definitionsOf, type Entry } from "../lib/catalogue.ts";
import { derivationLatex } from "../lib/cli/derivation-latex.ts";
import { stableText } from "../lib/cli/derivation-stable.ts";
import { derivationText } from "../lib/cli/derivation-text.ts";
import { ink } from "../lib/cli/ink.ts";
import { legendOf } from "../lib/cli/legend.ts";
import type { Derivation } from "../lib/diff/derivation.ts";
import { differentiate } from "../lib/diff/differentiate.ts";
import { generate } from "../lib/generate.ts";
import { parse } from "../lib/parse.ts";
import { print } from "../lib/text/print.ts";

/** The page as Markdown. */
export function page(entry: Entry): string {
  const derivation = differentiate(parse(entry.text), { wrt: entry.wrt });
  const loss = { name: entry.name, title: undefined, text: definitionsOf(entry.text) };
  const [, closed = ""] = derivationText(loss, derivation, ink(false), false).split("\nclosed form\n");
  const math = derivationLatex(derivation, false).trim().split("\n\n");
  const sections = [
    `<!-- Made from ${entry.name}.dscore by \`npm run pages\`. -->`,
    `# ${entry.title}`,
    entry.description,
    ...entry.sources.map((source) => `Source: ${source}.`),
    "## Definition",
    fenced("text", loss.text),
    "## Closed form",
    fenced("text", closed.trimEnd().replaceAll(/^ {2}/gmu, "")),
    ...math.map((block) => fenced("math", block)),
    "## Steps",
    stepsOf(derivation),
    "## In floating point",
    inFloatingPoint(derivation),
    "## Code",
    folded("TypeScript", fenced("ts", generate(derivation, { target: "ts", style: "loops" }).code.trimEnd())),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function stepsOf(derivation: Derivation): string {
  const { options } = legendOf(derivation);
  if (derivation.steps.length === 0) return "The closed form stands as soon as it is written down.";
  const lines = derivation.steps.map(
    ({ definition, rule, before, after }) =>
      `${definition}  ${rule}\n    ${print(before, options)}\n  = ${print(after, options)}`,
  );
  return folded(`${lines.length} applications of a rule`, fenced("text", lines.join("\n\n")));
}

function inFloatingPoint(derivation: Derivation): string {
  const [, ...lines] = stableText(derivation, ink(false)).split("\n");
  if (lines.length <= 1)
    return "Fused code computes the closed form as it stands: nothing in it cancels or overflows early.";
  return [
    "Fused code computes what is equal to the closed form over the reals, and does not overflow or cancel before the",
    "value does. On the right what that gains at a sampled point, in units of the last place:",
    "",
    fenced("text", lines.map((line) => line.slice(2)).join("\n")),
  ].join("\n");
}

const fenced = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``;

const folded = (summary: string, text: string): string =>
  `<details>\n<summary>${summary}</summary>\n\n${text}\n\n</details>`;
