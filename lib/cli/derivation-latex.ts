/** A derivation as LaTeX: what one would paste into a paper. */
import { casesOf } from "../diff/cases.ts";
import { matrixForm } from "../diff/contraction.ts";
import type { Derivation } from "../diff/derivation.ts";
import { latex, latexDefinition, latexProgram } from "../text/latex.ts";
import { latexName } from "../text/latex-name.ts";
import { legendOf } from "./legend.ts";

/** The closed form, its cases and matrix forms, and its steps when asked for: an `aligned` block each. */
export function derivationLatex(derivation: Derivation, steps: boolean): string {
  const { options } = legendOf(derivation);
  const { program, definitions } = derivation;
  const blocks = [latexProgram(definitions, options)];
  for (const definition of definitions) {
    const cases = casesOf(program, definition);
    const left = latexDefinition(definition, options).split(" = ")[0]!;
    if (cases !== undefined)
      blocks.push(
        aligned(
          cases.map(
            ({ condition, body }, n) =>
              `${n === 0 ? left : ""} &= ${latex(body, options)} && ${latex(condition, options)}`,
          ),
        ),
      );
    const form = matrixForm(definition);
    if (form !== undefined) blocks.push(`${latexName(definition.name)} = ${form.latex}`);
  }
  if (steps)
    for (const { rule, before, after } of derivation.steps)
      blocks.push(aligned([`& ${latex(before, options)} && \\text{${rule}}`, `&= ${latex(after, options)}`]));
  return `${blocks.join("\n\n")}\n`;
}

export const aligned = (lines: readonly string[]): string =>
  `\\begin{aligned}\n${lines.map((line) => `  ${line.trim()}`).join(" \\\\\n")}\n\\end{aligned}`;
