/**
 * Every stage of one derivation in one text: what was written, its closed form, the steps
 * that led there, the code. Run as a program it prints the text; with `--write` it writes
 * `hinge.txt`: `npm run golden`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { definitionsOf, entry } from "../../lib/catalogue.ts";
import type { Step } from "../../lib/diff/derivation.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { generate } from "../../lib/generate.ts";
import { parse } from "../../lib/parse.ts";
import { print, printProgram } from "../../lib/text/print.ts";

export const path = new URL("hinge.txt", import.meta.url);
export const kept = (): string => readFileSync(path, "utf8");

export function golden(name: string): string {
  const { text, wrt } = entry(name)!;
  const derivation = differentiate(parse(text), wrt ? { wrt } : {});
  const { code } = generate(derivation, { target: "ts", style: "loops" });
  const sections: readonly (readonly [title: string, text: string])[] = [
    ["definition", definitionsOf(text)],
    ["closed form", printProgram(derivation.definitions, derivation)],
    ["steps", derivation.steps.map(stepText).join("\n")],
    ["code", code.trimEnd()],
  ];
  return sections.map(([title, body]) => `== ${title}\n\n${body}\n`).join("\n");
}

const stepText = ({ definition, rule, before, after, by }: Step): string =>
  [
    `${definition}: ${rule}${by ? `, by ${print(by)}` : ""}`,
    `    ${print(before)}`,
    `  ${by ? "→" : "="} ${print(after)}`,
    "",
  ].join("\n");

if (process.argv[1] === import.meta.filename) {
  if (process.argv.includes("--write")) writeFileSync(path, golden("hinge"));
  else process.stdout.write(golden("hinge"));
}
