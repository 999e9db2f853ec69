/** A derivation as a page of text. */
import { casesOf } from "../diff/cases.ts";
import { matrixForm } from "../diff/contraction.ts";
import type { Derivation, Step } from "../diff/derivation.ts";
import type { Definition } from "../expr/program.ts";
import { print, printProgram } from "../text/print.ts";
import type { Ink } from "./ink.ts";
import { legendOf, notable, type Legend } from "./legend.ts";
import type { Loss } from "./loss.ts";

/** The definition, the closed form, what its letters stand for and, when asked for, the steps. */
export function derivationText(
  loss: Pick<Loss, "name" | "title" | "text">,
  derivation: Derivation,
  paint: Ink,
  steps: boolean,
): string {
  const legend = legendOf(derivation);
  const title = loss.title === undefined ? [] : [`${paint.name(loss.name)}  ${loss.title}`, ""];
  return [
    ...title,
    paint.heading("definition"),
    indented(loss.text),
    "",
    paint.heading("closed form"),
    closedForm(derivation, legend, paint),
    ...legendLines(legend, paint),
    ...(steps ? ["", paint.heading("steps"), ...stepLines(derivation.steps, legend, paint)] : []),
    "",
  ].join("\n");
}

/** One definition a line, with its cases and its matrix form below it. */
function closedForm(derivation: Derivation, { options }: Legend, paint: Ink): string {
  const lines = printProgram(derivation.definitions, options).split("\n");
  return derivation.definitions
    .flatMap((definition, n) => [
      `  ${lines[n]!}`,
      ...caseLines(derivation, definition, options).map((line) => paint.aside(line)),
      ...matrixLines(definition, lines[n]!).map((line) => paint.aside(line)),
    ])
    .join("\n");
}

function caseLines(
  { program }: Derivation,
  definition: Definition,
  options: Legend["options"],
): readonly string[] {
  const cases = casesOf(program, definition);
  if (cases === undefined) return [];
  const shown = cases.map(
    ({ condition, body }) => [print(condition, options), print(body, options)] as const,
  );
  const width = Math.max(...shown.map(([condition]) => condition.length));
  return shown.map(([condition, body]) => `      ${condition.padEnd(width)}   ${body}`);
}

function matrixLines(definition: Definition, line: string): readonly string[] {
  const form = matrixForm(definition);
  return form === undefined ? [] : [`  ${" ".repeat(line.indexOf(" = "))} = ${form.text}`];
}

function legendLines(legend: Legend, paint: Ink): readonly string[] {
  const inputs = notable(legend);
  if (inputs.length + legend.sizes.length === 0) return [];
  const width = Math.max(
    ...inputs.map(({ name }) => name.length),
    ...legend.sizes.map(({ name }) => name.length),
  );
  const shapes = Math.max(0, ...inputs.map(({ shape }) => shape.length));
  return [
    "",
    paint.heading("where"),
    ...inputs.map(({ name, shape, about }) =>
      `  ${name.padEnd(width)}   ${shape.padEnd(shapes)}   ${about}`.trimEnd(),
    ),
    ...legend.sizes.map(({ name, value }) => `  ${name.padEnd(width)} = ${value}`),
  ];
}

function stepLines(steps: readonly Step[], { options }: Legend, paint: Ink): readonly string[] {
  return steps.flatMap(({ definition, rule, before, after }) => [
    `  ${paint.name(definition)}  ${rule}`,
    `      ${print(before, options)}`,
    `    = ${print(after, options)}`,
  ]);
}

const indented = (text: string): string =>
  text
    .split("\n")
    .map((line) => `  ${line}`.trimEnd())
    .join("\n");
