/** `dscore tour`: all of it once, on a built-in example, then how to do it with a loss of one's own. */
import { definitionsOf, entry } from "../catalogue.ts";
import type { Derivation } from "../diff/derivation.ts";
import { differentiate } from "../diff/differentiate.ts";
import { passes } from "../check/judge.ts";
import { generate } from "../generate.ts";
import { parse } from "../parse.ts";
import { printProgram } from "../text/print.ts";
import { checkMany } from "./check-many.ts";
import { manyJson, manyText } from "./check-report.ts";
import { ink } from "./ink.ts";
import type { Io } from "./io.ts";
import { writeJson } from "./json.ts";
import { legendOf } from "./legend.ts";
import type { Call, Verb } from "./verb.ts";

export const verb: Verb = {
  name: "tour",
  usage: "",
  about: "Derives, generates and checks a built-in example, then says how to do it with your own.",
  operands: 0,
  flags: {},
  exits: "Exit code 0: the check passes. 1: it does not.",
  examples: ["dscore tour"],
  run,
};

const example = "hinge";
const points = 200;
const codeLines = 16;

function run(call: Call, io: Io): number {
  const { title, text, wrt } = entry(example)!;
  const program = parse(text);
  const derivation = differentiate(program, { wrt });
  const { code } = generate(derivation, { target: "ts", style: "loops" });
  const checked = checkMany(program, derivation.wrt, points, 1);
  if (call.has("json")) {
    writeJson(io, { example, code, check: manyJson(checked) });
    return passes(checked.verdict) ? 0 : 1;
  }
  const paint = ink(io.colour.out);
  const lines = excerpt(code, derivation);
  io.out(`${paint.heading("1. A loss, written as mathematics")}  ${paint.aside(`(${title})`)}

${indented(definitionsOf(text))}

${paint.heading("2. Its gradient in closed form")}  ${paint.aside(`dscore derive ${example}`)}

${indented(printProgram(derivation.definitions, legendOf(derivation).options))}

${paint.heading("3. Code for it")}  ${paint.aside(`dscore generate ${example} --target ts -o ${example}.ts`)}

${indented(lines.slice(0, codeLines).join("\n"))}
  ${paint.aside(`… ${code.split("\n").length} lines in all, with nothing to import`)}

${paint.heading("4. Evidence that the code is right")}  ${paint.aside(`dscore check ${example}`)}

${indented(manyText(example, checked, paint))}
${paint.heading("Now with yours")}

  npx dscore derive -e 'mean(i, log(1 + exp(-t[i] * sum(d, X[i,d] * w[d]))))' --wrt w
  npx dscore list                 what is in the catalogue
  npx dscore derive --help        every verb has help
`);
  return passes(checked.verdict) ? 0 : 1;
}

const indented = (of: string): string => of.replaceAll(/^(?=.)/gmu, "  ");

/** The lines of emitted code from the first definition on that the derivation has added. */
function excerpt(code: string, { program, definitions }: Derivation): readonly string[] {
  const given = new Set(program.definitions.map(({ name }) => name));
  const added = definitions.find(({ name }) => !given.has(name));
  const lines = code.split("\n");
  return lines.slice(lines.findIndex((line) => line.includes(`// ${added?.name}[`)));
}
