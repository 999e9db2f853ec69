/**
 * Loop nests: what a kernel does, step by step, over flat row-major buffers.
 *
 *   nest       ::= sizes, parameters, buffers, door, body, results
 *   statement  ::= comment text
 *                | let name = scalar                    a constant, or a variable when `mutable`
 *                | name update scalar                   update is one of = += *= max= min=
 *                | buffer[offset] update scalar
 *                | fill buffer with scalar
 *                | for index from … to … by step { statements }  from ≤ index < to; steps of one where none is given
 *                | contract buffer[offset] += factors over ranges  a sum of products, in an order that the target chooses
 *                | if guard { statements } else { statements }
 *                | require guard, message               only at the door, where inputs are checked
 *   scalar     ::= constant | name | buffer[offset] | op(scalars) | guard ? scalar : scalar
 *
 * Left out on purpose: calls with effects, early exits, pointers, more than one
 * type of real number. Every name is already a legal identifier of every target
 * and means one thing in the whole nest, loop indices excepted (siblings may share
 * one). `verify` checks what is promised here.
 */
import type { Extent } from "../expr/extent.ts";
import type { Op, Type } from "../expr/ops.ts";

// prettier-ignore
export type Scalar =
  | { readonly kind: "const";  readonly type: Type; readonly value: number }
  | { readonly kind: "name";   readonly type: Type; readonly name: string }                                       // a let, a loop index, a size or a scalar input
  | { readonly kind: "load";   readonly type: Type; readonly buffer: string; readonly offset: Scalar }
  | { readonly kind: "apply";  readonly type: Type; readonly op: Op; readonly args: readonly Scalar[] }
  | { readonly kind: "select"; readonly type: Type; readonly guard: Scalar; readonly yes: Scalar; readonly no: Scalar }; // evaluates one side only

/** How a new value meets the old one. */
export type Update = "set" | "add" | "mul" | "max" | "min";

/**
 * `contract` adds the sum, over all values of `sums`, of the product of `factors` to buffer[offset], for
 * every combination of values of `frees`; different combinations have different offsets, and the buffer is
 * none that a factor reads.
 */
// prettier-ignore
export type Statement =
  | { readonly kind: "comment"; readonly text: string }
  | { readonly kind: "let";     readonly name: string; readonly type: Type; readonly value: Scalar; readonly mutable: boolean }
  | { readonly kind: "assign";  readonly name: string; readonly by: Update; readonly value: Scalar }
  | { readonly kind: "store";   readonly buffer: string; readonly offset: Scalar; readonly by: Update; readonly value: Scalar }
  | { readonly kind: "fill";    readonly buffer: string; readonly value: Scalar }
  | { readonly kind: "for";     readonly index: string; readonly from: Scalar; readonly to: Scalar; readonly step?: number; readonly body: readonly Statement[] }
  | { readonly kind: "contract"; readonly buffer: string; readonly offset: Scalar; readonly frees: readonly Range[]; readonly sums: readonly Range[]; readonly factors: readonly Scalar[] }
  | { readonly kind: "if";      readonly guard: Scalar; readonly yes: readonly Statement[]; readonly no: readonly Statement[] }
  | { readonly kind: "require"; readonly guard: Scalar; readonly message: readonly (string | Scalar)[] };

/** The values from ≤ index < to. The bounds do not depend on other ranges of the same statement. */
export interface Range {
  readonly index: string;
  readonly from: Scalar;
  readonly to: Scalar;
}

/** How many values an index takes, under the name that the nest calls it by. */
export interface Size {
  readonly name: string;
  readonly extent: Extent;
}

/** A scalar input. `of` is the user's name for it. */
export interface Parameter {
  readonly name: string;
  readonly of: string;
  readonly type: "real" | "int";
}

/**
 * An array. An `input` is given by the caller and never written, a `result` is the
 * caller's to keep, a `scratch` lives no longer than a call. `of` is the user's name.
 */
export interface Buffer {
  readonly name: string;
  readonly of: string;
  readonly role: "input" | "result" | "scratch";
  readonly type: Type;
  readonly shape: readonly Extent[];
}

/** Where the output's value, or the gradient with respect to an input, is when the body is done. */
export interface Result {
  /** The input that it is the gradient of; undefined for the value. */
  readonly wrt: string | undefined;
  /** A buffer with role `result`, or a name when it is a scalar. */
  readonly name: string;
  readonly scalar: boolean;
  readonly type: Type;
}

export interface Nest {
  readonly sizes: readonly Size[];
  readonly parameters: readonly Parameter[];
  readonly buffers: readonly Buffer[];
  /** Checks of the inputs, before anything is computed. */
  readonly door: readonly Statement[];
  readonly body: readonly Statement[];
  readonly results: readonly Result[];
}

export const constant = (value: number, type: Type = Number.isInteger(value) ? "int" : "real"): Scalar => ({
  kind: "const",
  type,
  value,
});

export const named = (name: string, type: Type): Scalar => ({ kind: "name", type, name });

export const load = (buffer: string, offset: Scalar, type: Type): Scalar => ({
  kind: "load",
  type,
  buffer,
  offset,
});

export const operation = (
  op: Op,
  type: Type,
  args: readonly Scalar[],
): Extract<Scalar, { kind: "apply" }> => ({
  kind: "apply",
  type,
  op,
  args,
});

export const select = (
  guard: Scalar,
  yes: Scalar,
  no: Scalar,
  type: Type = yes.type === no.type ? yes.type : "real",
): Scalar => ({
  kind: "select",
  type,
  guard,
  yes,
  no,
});

/** The direct parts of a scalar. */
export function parts(s: Scalar): readonly Scalar[] {
  switch (s.kind) {
    case "const":
    case "name":
      return nothing;
    case "load":
      return [s.offset];
    case "apply":
      return s.args;
    case "select":
      return [s.guard, s.yes, s.no];
  }
}

/** What an associative operation joins, however it is nested. */
export const operands = (op: Op, s: Scalar): readonly Scalar[] =>
  s.kind === "apply" && s.op === op ? s.args.flatMap((a) => operands(op, a)) : [s];

/** The scalars that a statement evaluates, without those of statements inside it. */
export function scalarsOf(s: Statement): readonly Scalar[] {
  switch (s.kind) {
    case "comment":
      return [];
    case "let":
    case "assign":
    case "fill":
      return [s.value];
    case "store":
      return [s.offset, s.value];
    case "for":
      return [s.from, s.to];
    case "contract":
      return [s.offset, ...s.factors, ...[...s.frees, ...s.sums].flatMap((r) => [r.from, r.to])];
    case "if":
      return [s.guard];
    case "require":
      return [s.guard, ...s.message.filter((m) => typeof m !== "string")];
  }
}

/** The statements inside a statement. */
export function bodiesOf(s: Statement): readonly Statement[] {
  if (s.kind === "for") return s.body;
  if (s.kind !== "if") return nothing;
  return s.no.length === 0 ? s.yes : [...s.yes, ...s.no];
}

const nothing: readonly never[] = [];
