/** What an operation makes of numbers, by the double field; conditions are 1 and 0. */
import type { Op } from "../../lib/expr/ops.ts";
import { double } from "../../lib/number/double.ts";
import type { Arithmetic } from "../../lib/number/field.ts";

export function applied(op: Op, of: readonly number[]): number {
  const [a, b] = of as [number, number];
  const truths: Partial<Record<Op, boolean>> = {
    lt: a < b,
    le: a <= b,
    gt: a > b,
    ge: a >= b,
    eq: a === b,
    ne: a !== b,
    and: of.every((x) => x !== 0),
    or: of.some((x) => x !== 0),
    not: a === 0,
    iverson: a !== 0,
  };
  const truth = truths[op];
  if (truth !== undefined) return truth ? 1 : 0;
  const run = double.functions[op as Arithmetic];
  return of.length === 1 ? run(a) : of.reduce((sum, x) => run(sum, x));
}
