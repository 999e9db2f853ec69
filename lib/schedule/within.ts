/** Contractions wherever they stand: what is not part of a pass over rows, or has loops of its own inside a row. */
import type { Statement } from "../loop/nest.ts";
import { gains, recognise, surrounded } from "./contraction.ts";
import { changed } from "./rewrite.ts";
import type { Windows } from "./windows.ts";

/** Statements with loops that add up products as contractions, where one load then serves several sums. */
export function contractWithin(statements: readonly Statement[], windows: Windows): readonly Statement[] {
  const inside = (body: readonly Statement[]) => contractWithin(body, windows);
  const all = statements.flatMap((s, at): readonly Statement[] => {
    if (s.kind === "if") return [changed(s, { yes: inside(s.yes), no: inside(s.no) })];
    if (s.kind !== "for") return [s];
    const found = recognise(statements, at, windows);
    if (found?.parts.every(({ contract }) => gains(contract)) === true)
      return [
        ...found.start,
        ...found.parts.map(({ contract, around }) => surrounded(contract, around)),
        ...found.finish,
      ];
    return [changed(s, { body: inside(s.body) })];
  });
  return all.length === statements.length && all.every((s, n) => s === statements[n]) ? statements : all;
}
