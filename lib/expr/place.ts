/** Second places in messages: `margin (line 2, column 1)`. */
import type { Place } from "../errors.ts";

/** ` (line 2, column 1)`, or nothing when there is no text. */
export const seen = (place: Place | undefined): string =>
  place === undefined ? "" : ` (line ${place.line}, column ${place.column})`;

export const plural = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;
