/** What a derivation becomes for floating point: the stable form beside the textbook form. */
import type { Derivation } from "../diff/derivation.ts";
import { gained, report, type Report } from "../stable/report.ts";
import { print } from "../text/print.ts";
import type { Ink } from "./ink.ts";
import { legendOf } from "./legend.ts";

type Line = Report["rewrites"][number];

/** Longer forms are told by the rule alone, which says the same in fewer letters. */
const longest = 160;

export function stableText(derivation: Derivation, paint: Ink): string {
  const { rewrites } = report(derivation);
  if (rewrites.length === 0) return `${paint.heading("in floating point")}\n  as it stands`;
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
  return [paint.heading("in floating point"), ...new Set(lines)].join("\n");
}

function shown(
  { before, after, reason }: Line,
  written: (e: Line["before"]) => string,
): readonly [from: string, to: string] {
  const own = [written(before), written(after)] as const;
  // A compensated exponential is written as the plain one is.
  return own[0] === own[1] || own.some((text) => text.length > longest) ? [reason.from, reason.to] : own;
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
