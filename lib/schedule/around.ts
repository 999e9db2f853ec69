/** Loops and conditions that something stands in. */
import type { Range, Scalar, Statement } from "../loop/nest.ts";

/** A loop or a condition that something stands in. */
export type Around = Range | { readonly guard: Scalar };

/** Puts a statement into loops and conditions, the first outermost. */
export const surrounded = (statement: Statement, around: readonly Around[]): Statement =>
  surroundedAll([statement], around)[0]!;

/** Puts statements into loops and conditions, the first outermost. */
export const surroundedAll = (
  statements: readonly Statement[],
  around: readonly Around[],
): readonly Statement[] =>
  around.reduceRight<readonly Statement[]>(
    (inner, a) =>
      "guard" in a
        ? [{ kind: "if", guard: a.guard, yes: inner, no: [] }]
        : [{ kind: "for", index: a.index, from: a.from, to: a.to, body: inner }],
    statements,
  );

export const rangesOf = (around: readonly Around[]): readonly Range[] =>
  around.flatMap((a) => ("guard" in a ? [] : [a]));
