/** What a derivation gives: the closed form, one definition a stage, and how it came. */
import type { Expr } from "../expr/node.ts";
import type { Bound, Definition, Input, Program } from "../expr/program.ts";

/**
 * One application of a rule to part of a definition's right-hand side. Without `by`, both
 * sides have the same value; with it, `after` is the derivative of `before` by `by`, a
 * subexpression of it (for a reduction: by its body, as a function of the bound index).
 */
export interface Step {
  /** The definition that was being worked on, e.g. `dscore`. */
  readonly definition: string;
  /** The rule's name, a row of a rule table. */
  readonly rule: string;
  readonly before: Expr;
  readonly after: Expr;
  readonly by?: Expr | undefined;
}

export interface Derivation {
  /** The program as it was written. */
  readonly program: Program;
  /** The inputs that gradients are taken of. */
  readonly wrt: readonly string[];
  /** The program's inputs, and `d<output>` when the output is a layer. */
  readonly inputs: readonly Input[];
  /** Subscripts to be checked once at the door. */
  readonly bounds: readonly Bound[];
  /**
   * The closed form in order of computation: forward stages, the output's value,
   * shared expressions (such as p), adjoints of stages (`dscore`), gradients (`dW`).
   * Each reads inputs and earlier definitions only.
   */
  readonly definitions: readonly Definition[];
  /** The definition that holds the output's value. */
  readonly value: string;
  /** For each name in `wrt`, the definition that holds its gradient (`W` → `dW`), of the input's shape. */
  readonly gradients: ReadonlyMap<string, string>;
  /** Made when they are first read, which takes as long as much of the derivation: what copies a derivation may leave them unread. */
  readonly steps: readonly Step[];
}
