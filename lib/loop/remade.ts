/**
 * Statements and ranges with other parts; the very same object where nothing is new.
 *
 * Each kind is written out here with its parts in one order, so that the engine knows all statements of a kind by one
 * layout. A spread, `{ ...s, body }`, gives what each place makes a layout of its own: with hundreds of them whatever
 * reads a statement has to search for its parts.
 */
import type { Range, Scalar, Statement } from "./nest.ts";

type Of<K extends Statement["kind"]> = Extract<Statement, { kind: K }>;
type Body = readonly Statement[];

/** A loop of the same steps. */
export function remadeLoop(s: Of<"for">, index: string, from: Scalar, to: Scalar, body: Body): Of<"for"> {
  if (index === s.index && from === s.from && to === s.to && body === s.body) return s;
  const { step } = s;
  return step === undefined
    ? { kind: "for", index, from, to, body }
    : { kind: "for", index, from, to, step, body };
}

export const withBody = (s: Of<"for">, body: Body): Of<"for"> => remadeLoop(s, s.index, s.from, s.to, body);

export const remadeIf = (s: Of<"if">, guard: Scalar, yes: Body, no: Body): Of<"if"> =>
  guard === s.guard && yes === s.yes && no === s.no ? s : { kind: "if", guard, yes, no };

export const withBranches = (s: Of<"if">, yes: Body, no: Body): Of<"if"> => remadeIf(s, s.guard, yes, no);

export const remadeLet = (s: Of<"let">, name: string, value: Scalar): Of<"let"> =>
  name === s.name && value === s.value ? s : { kind: "let", name, type: s.type, value, mutable: s.mutable };

export const remadeAssign = (s: Of<"assign">, name: string, value: Scalar): Of<"assign"> =>
  name === s.name && value === s.value ? s : { kind: "assign", name, by: s.by, value };

export const remadeStore = (s: Of<"store">, offset: Scalar, value: Scalar): Of<"store"> =>
  offset === s.offset && value === s.value ? s : { kind: "store", buffer: s.buffer, offset, by: s.by, value };

export const remadeFill = (s: Of<"fill">, buffer: string, value: Scalar): Of<"fill"> =>
  buffer === s.buffer && value === s.value ? s : { kind: "fill", buffer, value };

export function remadeContract(
  s: Of<"contract">,
  offset: Scalar,
  frees: readonly Range[],
  sums: readonly Range[],
  factors: readonly Scalar[],
): Of<"contract"> {
  if (offset === s.offset && frees === s.frees && sums === s.sums && factors === s.factors) return s;
  return { kind: "contract", buffer: s.buffer, offset, frees, sums, factors };
}

export const remadeRange = (r: Range, from: Scalar, to: Scalar): Range =>
  from === r.from && to === r.to ? r : { index: r.index, from, to };
