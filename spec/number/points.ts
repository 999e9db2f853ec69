/** Points at which functions are tried: their edges, and random ones of several sizes from a seed. */
import fc from "fast-check";
import type { Arithmetic } from "../../lib/number/field.ts";
import { ops } from "../../lib/expr/ops.ts";

// prettier-ignore
const edges = [0, -0, 1, -1, 0.5, -0.5, 2, -2, 3, -3, 1 / 3, 0.46875, 1e-3, 1e-20, -1e-20, 1e-310, 1e300, -1e300, 4, 12.5, -26, 50, 710, -745,
  0.9999999, 1.0000001, 1e22, Infinity, -Infinity, NaN];

const random = (count: number): number[] =>
  fc.sample(
    fc
      .tuple(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), fc.constantFrom(40, 37, 34))
      .map(([n, scale]) => n / 2 ** scale),
    { numRuns: count, seed: 7 },
  );

export const arity = (op: Arithmetic): number => ops[op].arity[0];

/** Arguments for an operation. */
export function pointsFor(op: Arithmetic): number[][] {
  if (arity(op) === 1) return [...edges, ...random(30)].map((x) => [x]);
  if (op === "quotient")
    return [-7, -6, -1, 0, 1, 5, 6, 2 ** 40 + 1].flatMap((x) => [1, 2, 3].map((y) => [x, y]));
  const few = edges.filter((_, n) => n % 2 === 0 || n > 25);
  const [xs, ys] = [random(60).slice(0, 30), random(60).slice(30)];
  return [...few.flatMap((x) => few.map((y) => [x, y])), ...xs.map((x, n) => [x, ys[n]!])];
}
