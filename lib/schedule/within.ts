/**
 * Contractions wherever they stand: what is not part of a pass over rows, or has loops of its own inside a row. Where
 * one load serves one sum only, the sum stays one in a variable, and its loops run along the memory.
 */
import { call } from "../loop/integer.ts";
import type { Names } from "../loop/identifier.ts";
import { constant, named, type Statement } from "../loop/nest.ts";
import { withBody, withBranches } from "../loop/remade.ts";
import { surrounded, surroundedAll } from "./around.ts";
import { gains, isAsWellAround, recognise, type ContractionPart, type Recognised } from "./contraction.ts";
import { isBeside } from "./plain.ts";
import type { Windows } from "./windows.ts";

/** Statements with loops that add up products as contractions, where one load then serves several sums. */
export function contractWithin(
  statements: readonly Statement[],
  windows: Windows,
  names: Names,
): readonly Statement[] {
  const inside = (body: readonly Statement[]) => contractWithin(body, windows, names);
  const all = statements.flatMap((s, at): readonly Statement[] => {
    if (s.kind === "if") return [withBranches(s, inside(s.yes), inside(s.no))];
    if (s.kind !== "for") return [s];
    const found = recognise(statements, at, windows);
    const rest = (): readonly Statement[] => [withBody(s, inside(s.body))];
    if (found === undefined) return rest();
    if (!found.parts.every(({ contract }) => gains(contract))) return alongMemory(s, found, names) ?? rest();
    const isOutermost = ({ contract, around }: ContractionPart) =>
      around.length > 0 && isAsWellAround(contract, s.index, windows);
    if (found.parts.every(isOutermost)) return rest();
    return [
      ...found.start,
      ...found.parts.map(({ contract, around }) => surrounded(contract, around)),
      ...found.finish,
    ];
  });
  return all.length === statements.length && all.every((s, n) => s === statements[n]) ? statements : all;
}

/** Sums of products with the loop along neighbours innermost, where it was another; undefined where there is no such loop. */
function alongMemory(
  s: Extract<Statement, { kind: "for" }>,
  { parts, start, finish }: Recognised,
  names: Names,
): readonly Statement[] | undefined {
  const [part, ...others] = parts;
  if (part === undefined || others.length > 0) return undefined;
  const { sums } = part.contract;
  const inner = sums.find((r) => isBeside(part.contract, r));
  if (inner === undefined || isBeside(part.contract, { index: innermost(s) })) return undefined;
  return [
    ...start,
    ...summedUp(part, [...sums.filter((r) => r !== inner), inner], names.fresh("sum")),
    ...finish,
  ];
}

const innermost = (s: Extract<Statement, { kind: "for" }>): string =>
  s.body.flatMap((t) => (t.kind === "for" ? [innermost(t)] : [])).at(-1) ?? s.index;

/** A variable for each sum, in loops in this order. */
function summedUp(
  { contract, around }: ContractionPart,
  sums: ContractionPart["contract"]["sums"],
  variable: string,
): readonly Statement[] {
  const { buffer, offset, frees, factors } = contract;
  const value = factors.reduce((product, factor) => call("mul", product, factor));
  const add: Statement = { kind: "assign", name: variable, by: "add", value };
  const statements: readonly Statement[] = [
    { kind: "let", name: variable, type: "real", value: constant(0, "real"), mutable: true },
    surrounded(add, sums),
    { kind: "store", buffer, offset, by: "add", value: named(variable, "real") },
  ];
  return surroundedAll(statements, [...around, ...frees]);
}
