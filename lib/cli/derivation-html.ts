/** A derivation as one page of HTML that needs nothing else. */
import { casesOf } from "../diff/cases.ts";
import { matrixForm } from "../diff/contraction.ts";
import type { Derivation } from "../diff/derivation.ts";
import { print, printProgram } from "../text/print.ts";
import { derivationLatex } from "./derivation-latex.ts";
import { stableLines } from "./derivation-stable.ts";
import { ink } from "./ink.ts";
import { legendOf, notable } from "./legend.ts";
import type { Loss } from "./loss.ts";

const style = `
  body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; color: #222; }
  pre { overflow-x: auto; padding: .75rem 1rem; border-radius: 4px; background: #f5f5f2; line-height: 1.4; }
  table { border-collapse: collapse; } td, th { padding: .2rem 1rem .2rem 0; text-align: left; vertical-align: top; }
  code, pre { font-family: ui-monospace, monospace; font-size: 14px; } summary { cursor: pointer; }
  @media (prefers-color-scheme: dark) { body { background: #1b1b1b; color: #ddd; } pre { background: #262626; } }`;

/** What a page shows beside the closed form. */
interface Parts {
  readonly steps: boolean;
  readonly stable: boolean;
}

export function derivationHtml(loss: Loss, derivation: Derivation, { steps, stable }: Parts): string {
  const legend = legendOf(derivation);
  const { options } = legend;
  const rows = (cells: readonly (readonly string[])[]): string =>
    cells
      .map((row) => `<tr>${row.map((cell) => `<td><code>${escaped(cell)}</code></td>`).join("")}</tr>`)
      .join("\n");
  const cases = derivation.definitions.flatMap((d) =>
    (casesOf(derivation.program, d) ?? []).map(({ condition, body }) => [
      d.name,
      print(condition, options),
      print(body, options),
    ]),
  );
  const matrices = derivation.definitions.flatMap((d) => {
    const form = matrixForm(d);
    return form === undefined ? [] : [`${d.name} = ${form.text}`];
  });
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(loss.name)}</title>
<style>${style}
</style>
<h1>${escaped(loss.title ?? loss.name)}</h1>
<h2>Definition</h2>
<pre>${escaped(loss.text)}</pre>
<h2>Closed form</h2>
<pre>${escaped(printProgram(derivation.definitions, options))}</pre>
${cases.length > 0 ? `<h3>Case by case</h3>\n<table>\n${rows(cases)}\n</table>\n` : ""}${
    matrices.length > 0 ? `<h3>As matrices</h3>\n<pre>${escaped(matrices.join("\n"))}</pre>\n` : ""
  }<h2>Where</h2>
<table>
${rows([...notable(legend).map(({ name, shape, about }) => [name, shape, about]), ...legend.sizes.map(({ name, value }) => [name, value, ""])])}
</table>
<h2>LaTeX</h2>
<pre>${escaped(derivationLatex(derivation, false))}</pre>
${stable ? stableHtml(derivation) : ""}${steps ? stepsHtml(derivation, options) : ""}</html>
`;
}

const stableHtml = (derivation: Derivation): string =>
  `<h2>In floating point</h2>\n<pre>${escaped(stableLines(derivation, ink(false)).join("\n"))}</pre>\n`;

const stepsHtml = ({ steps }: Derivation, options: Parameters<typeof print>[1]): string =>
  `<h2>Steps</h2>\n${steps
    .map(
      ({ definition, rule, before, after }) =>
        `<details open><summary>${escaped(definition)}: ${escaped(rule)}</summary><pre>${escaped(
          `  ${print(before, options)}\n= ${print(after, options)}`,
        )}</pre></details>`,
    )
    .join("\n")}\n`;

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escaped = (text: string): string => text.replaceAll(/[&<>"]/gu, (c) => entities[c]!);
