/**
 * Mutants: known mistakes in gradients, as transformations of a program, of its closed
 * form, or of the numbers that come out. Each applies wherever its pattern is found.
 */
import type { Derivation } from "../../diff/derivation.ts";
import type { Expr } from "../../expr/node.ts";
import type { Definition, Program } from "../../expr/program.ts";
import type { Claim } from "../check.ts";
import type { Point } from "../point.ts";

/**
 * `logic`: a mistake in the mathematics. `rare`: one that shows at ties, or for some values only.
 * `rounding`: too few digits. `equivalent`: no mistake, and must pass.
 */
export type Kind = "logic" | "rare" | "rounding" | "equivalent";

interface Row {
  readonly name: string;
  readonly kind: Kind;
}

/** A mistake in the loss: the gradient is right, but of another program. */
export interface ProgramRow extends Row {
  readonly apply: (program: Program) => readonly Change<Program>[];
}

/** A mistake in the closed form: one expression stands for another. */
export interface FormRow extends Row {
  readonly apply: (e: Expr, place: FormPlace) => readonly Replacement[];
}

/** A mistake in the numbers. */
export interface NumberRow extends Row {
  /** In words, for the gradient by this input. */
  readonly when: (name: string) => string;
  /** The wrong values; undefined where the mistake cannot be made. */
  readonly apply: (gradient: Claim) => ArrayLike<number> | undefined;
}

/** What a mistake makes, and how to say it: "your dW is what you get when …". */
export interface Change<T> {
  readonly to: T;
  readonly when: string;
}

export interface Replacement extends Change<Expr> {
  /** What is replaced, when it is not the expression that was looked at. */
  readonly from?: Expr;
}

/** Where in a closed form an expression stands. */
export interface FormPlace {
  readonly definition: Definition;
  readonly definitions: readonly Definition[];
  /** Whether the definition holds a gradient that was asked for. */
  readonly isGradient: boolean;
  /** Whether a name is a real stage on the way to the loss, not a gradient. */
  readonly isForward: (name: string) => boolean;
}

/** One mistake made at one place. */
export interface Mutant extends Row {
  /** "your dW is what you get when …" */
  readonly when: string;
  /** The gradients that come out. */
  readonly gradients: (point: Point) => ReadonlyMap<string, Claim>;
  /** For a mistake in the closed form: what stands in which definition, instead of what. */
  readonly site?: { readonly definition: Definition; readonly from: Expr; readonly to: Expr };
}

/** What mutants are made of. */
export interface Subject {
  readonly program: Program;
  readonly derivation: Derivation;
}
