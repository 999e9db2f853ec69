/**
 * Errors: what the user did wrong, told with its place, and what we did wrong.
 *
 * A `UserError` is the only error that bad input may cause. Its message is in
 * the user's own notation: what was found, where, and what would be right.
 */

/** A place in the user's text. Lines and columns count from 1, `offset` from 0; columns count code points. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

/** Something the user can mend. `place` is where in the text; `fix` says what would be right. */
export class UserError extends Error {
  override readonly name = "UserError";
  readonly place: Place | undefined;
  readonly fix: string | undefined;

  constructor(what: string, options: { place?: Place | undefined; fix?: string | undefined } = {}) {
    const where = options.place ? `line ${options.place.line}, column ${options.place.column}: ` : "";
    const remedy = options.fix === undefined ? "" : `\n  fix: ${options.fix}`;
    super(where + what + remedy);
    this.place = options.place;
    this.fix = options.fix;
  }
}

/** Marks a branch that the types rule out; thrown only when a stage has broken its promise. */
export function unreachable(value: never, what = "a case that no stage should produce"): never {
  throw new Error(`${what}: ${String((value as { kind?: unknown } | undefined)?.kind ?? value)}`);
}
