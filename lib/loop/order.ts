/** The order of loops whose terms go to different elements of an array. */
import { occursFree, type Expr, type Index } from "../expr/node.ts";
import { rangeOf } from "./affine.ts";

/**
 * The indices as given, except that one that conditions can bound comes after those that
 * the bounds need: of `2·p + r < H`, r < H − 2·p is a bound of a loop inside that over p. Where two
 * need each other, the first of them to be asked comes later; those that have come `later` do not change again.
 */
export function ordered(
  indices: readonly Index[],
  conditions: readonly Expr[],
  later: readonly Index[] = [],
): readonly Index[] {
  const [first, ...others] = indices;
  if (first === undefined) return [];
  const needed = others.find(
    (other) =>
      !later.includes(other) &&
      conditions.some(
        (c) => occursFree(first, c) && occursFree(other, c) && bounds(first, c) && !bounds(other, c),
      ),
  );
  if (needed === undefined) return [first, ...ordered(others, conditions)];
  return ordered([needed, first, ...others.filter((i) => i !== needed)], conditions, [...later, first]);
}

const bounds = (i: Index, c: Expr): boolean => rangeOf(i, [c]).rest.length === 0;
