/** What a derivation becomes for floating point: the stable form beside the textbook form. */
import type { Derivation } from "../diff/derivation.ts";
import { partsOf } from "../expr/parts.ts";
import type { Definition } from "../expr/program.ts";
import { gained, report, type Report } from "../stable/report.ts";
import { latex } from "../text/latex.ts";
import { latexName } from "../text/latex-name.ts";
import { print } from "../text/print.ts";
import { aligned } from "./derivation-latex.ts";
import type { Ink } from "./ink.ts";
import { legendOf } from "./legend.ts";

type Line = Report["rewrites"][number];

/** Longer forms are told by the rule alone, which says the same in fewer letters. */
const longest = 160;

export const stableText = (derivation: Derivation, paint: Ink): string =>
  [paint.heading("in floating point"), ...stableLines(derivation, paint)].join("\n");

/** Each rewrite once, with what it gains, or that there is none. */
export function stableLines(derivation: Derivation, paint: Ink): readonly string[] {
  const { rewrites } = report(derivation);
  if (rewrites.length === 0) return [`  ${asItStands(derivation)}`];
  const { options } = legendOf(derivation);
  const lines = rewrites.map((rewrite) => {
    const gain = gained(rewrite);
    const [from, to] = shown(rewrite, (e) => print(e, options));
    return [
      `  ${paint.name(rewrite.definition)}  ${rewrite.row}${gain === undefined ? "" : paint.aside(`   ${gain}`)}`,
      `      ${from}`,
      `    → ${to}`,
    ].join("\n");
  });
  return [...new Set(lines)];
}

/** That there is nothing to rewrite, and which functions that floating point asks for the closed form has by itself. */
function asItStands({ program, definitions }: Derivation): string {
  const given = functionsIn(program.definitions);
  const better = [...functionsIn(definitions)].filter((name) => careful.has(name) && !given.has(name));
  return better.length === 0
    ? "as it stands"
    : `as it stands: the closed form has ${better.join(" and ")} already`;
}

/** Functions that stay exact where a longer form of them cancels or overflows. */
const careful: ReadonlySet<string> = new Set([
  "log1p",
  "expm1",
  "softplus",
  "sigmoid",
  "hypot",
  "erfc",
  "logsumexp",
  "tanh",
]);

const functionsIn = (definitions: readonly Definition[]): ReadonlySet<string> =>
  new Set(
    [...partsOf(...definitions.map((d) => d.body))].flatMap((e) =>
      e.kind === "apply" || e.kind === "reduce" ? [e.op] : [],
    ),
  );

/** The rewrites as one `aligned` block: the form in the paper, that in the code, the rule and its gain. */
export function stableLatex(derivation: Derivation): string {
  const { rewrites } = report(derivation);
  if (rewrites.length === 0) return `\\text{in floating point ${asItStands(derivation)}}`;
  const { options } = legendOf(derivation);
  const lines = rewrites.map((rewrite) => {
    const gain = gained(rewrite);
    const own = [latex(rewrite.before, options), latex(rewrite.after, options)];
    const forms =
      differs(rewrite, (e) => print(e, options)) && own[0] !== own[1]
        ? own
        : [inText(rewrite.reason.from), inText(rewrite.reason.to)];
    return `${latexName(rewrite.definition)}:\\ & ${forms[0]} && ${inText(rewrite.row + (gain === undefined ? "" : `, ${gain}`))} \\\\\n  &\\to ${forms[1]}`;
  });
  return aligned([...new Set(lines)]);
}

/** Words, or a form in the language, as text in LaTeX. */
const inText = (text: string): string =>
  `\\text{${text
    .replaceAll(/[#$%&_{}]/gu, "\\$&")
    .replaceAll("^", "\\textasciicircum{}")
    .replaceAll("→", "$\\to$")}}`;

function shown(
  { before, after, reason }: Line,
  written: (e: Line["before"]) => string,
): readonly [from: string, to: string] {
  return differs({ before, after }, written) ? [written(before), written(after)] : [reason.from, reason.to];
}

/** Whether both forms are short, and differ as they are written: a compensated exponential is written as the plain one is. */
function differs(
  { before, after }: Pick<Line, "before" | "after">,
  written: (e: Line["before"]) => string,
): boolean {
  const own = [written(before), written(after)];
  return own[0] !== own[1] && own.every((text) => text.length <= longest);
}

/** Each rewrite with its row and errors at sampled points, in ulp; an error of null is a result that is lost altogether. */
export const stableJson = (derivation: Derivation): unknown =>
  report(derivation).rewrites.map(({ definition, row, before, after, gain, reason }) => ({
    definition,
    rewrite: row,
    from: reason.from,
    to: reason.to,
    holds: reason.holds,
    counterexample: reason.counterexample,
    before: print(before),
    after: print(after),
    ulp: gain && { before: finite(gain.most.before), after: finite(gain.most.after) },
  }));

const finite = (ulp: number): number | null => (Number.isFinite(ulp) ? ulp : null);
