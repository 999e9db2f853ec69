/**
 * What a derivation was rewritten to, for arithmetic in single precision.
 *
 * Rows bound sizes and choose units for doubles: squares above 2^-400, units of 2^600. Single precision ends at 2^128
 * and 2^-126, at an eighth of a double's exponents; there such a bound would be 0, and such a unit infinite.
 */
import type { Derivation } from "../diff/derivation.ts";
import { num, rebuild, type Expr } from "../expr/node.ts";
import { partsOf, rewriting } from "../expr/parts.ts";

/** `rewritten` with the bounds and units that it has and `given` has not brought to an eighth of their exponents. */
export function inSinglePrecision(given: Derivation, rewritten: Derivation): Derivation {
  const own = partsOf(...given.definitions.map((d) => d.body));
  const brought = rewriting((e: Expr, go) =>
    e.kind === "num" && isBeyondSingle(e.value) && !own.has(e)
      ? num(Math.sign(e.value) * Math.abs(e.value) ** (1 / 8), "real")
      : rebuild(e, go),
  );
  return {
    ...rewritten,
    definitions: rewritten.definitions.map((d) => ({ ...d, body: brought(d.body) })),
  };
}

/** Whether single precision has no normal number near `x`. */
export const isBeyondSingle = (x: number): boolean =>
  x !== 0 && Number.isFinite(x) && (Math.abs(x) > 2 ** 127 || Math.abs(x) < 2 ** -126);
