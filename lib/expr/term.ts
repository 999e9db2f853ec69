/**
 * Terms: expressions whose names are known, but not yet their types and extents.
 *
 * An index is a `Variable`, one object for each binder, so two sums over `j` never
 * mix. Terms live inside `resolve` only: `elaborate` turns them into nodes.
 */
import type { Place } from "../errors.ts";
import type { Op, Reduction } from "./ops.ts";

/** An index as bound at one place: by a definition's left-hand side, or by a binder. */
export interface Variable {
  readonly id: number;
  readonly name: string;
  readonly place: Place | undefined;
}

// prettier-ignore
export type Term =
  | { readonly kind: "num";    readonly place: Place | undefined; readonly value: number; readonly integer: boolean }
  | { readonly kind: "index";  readonly place: Place | undefined; readonly variable: Variable }
  | { readonly kind: "size";   readonly place: Place | undefined; readonly array: string; readonly axis: number }            // extent(X, 0)
  | { readonly kind: "read";   readonly place: Place | undefined; readonly name: string; readonly at: readonly Term[] }
  | { readonly kind: "apply";  readonly place: Place | undefined; readonly op: Op; readonly args: readonly Term[] }
  | { readonly kind: "where";  readonly place: Place | undefined; readonly guard: Term; readonly then: Term; readonly else: Term }
  | { readonly kind: "reduce"; readonly place: Place | undefined; readonly op: Reduction | "mean"; readonly over: readonly Variable[]; readonly guard: Term | undefined; readonly body: Term };

export type TermOf<K extends Term["kind"]> = Extract<Term, { kind: K }>;

export interface TermDefinition {
  readonly name: string;
  readonly place: Place | undefined;
  readonly indices: readonly Variable[];
  /** What the left-hand side says of them: `i < 3`, of indices that are bounded there. */
  readonly bounds: readonly IndexBound[];
  readonly body: Term;
}

/** `of < below`. */
export interface IndexBound {
  readonly of: Variable;
  readonly below: Term;
}

/** A free name, as its uses show it. */
export interface TermInput {
  readonly name: string;
  /** The first use. */
  readonly place: Place | undefined;
  /** How many subscripts it takes. */
  readonly rank: number;
}

/** A program whose names are resolved. Inputs are in the order of their first use. */
export interface Terms {
  readonly definitions: readonly TermDefinition[];
  readonly inputs: readonly TermInput[];
}

/** The direct subterms, in the order they are written. */
export function subterms(t: Term): readonly Term[] {
  switch (t.kind) {
    case "num":
    case "index":
    case "size":
      return [];
    case "read":
      return t.at;
    case "apply":
      return t.args;
    case "where":
      return [t.guard, t.then, t.else];
    case "reduce":
      return t.guard ? [t.guard, t.body] : [t.body];
  }
}

/** A text that is equal for terms that are written alike. */
export function termKey(t: Term): string {
  const inner = subterms(t).map(termKey).join(",");
  switch (t.kind) {
    case "num":
      return String(t.value);
    case "index":
      return `#${t.variable.id}`;
    case "size":
      return `|${t.array}.${t.axis}|`;
    case "read":
      return `${t.name}[${inner}]`;
    case "apply":
      return `${t.op}(${inner})`;
    case "where":
      return `where(${inner})`;
    case "reduce":
      return `${t.op}{${t.over.map((v) => v.id).join(",")}}(${inner})`;
  }
}
