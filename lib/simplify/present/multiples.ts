/**
 * Multiples of sums that the program has: the derivative of (a − c − 1/(2β))² is 2·(a − c − 1/(2β)), as one would
 * write it, not 2a − 2c − 1/β. What is written alike is also computed once.
 */
import { canonicalOf } from "../../expr/canonical.ts";
import { apply, type Expr } from "../../expr/node.ts";
import { partsOf } from "../../expr/parts.ts";
import { invertRatio, mulRatio, type Ratio } from "../ratio.ts";
import { exprOf, scaled, summands, termOf } from "../term.ts";

/** A sum as scale · sum. */
export interface Multiple {
  readonly scale: Ratio;
  readonly sum: Expr;
}

export interface Multiples {
  /** The multiple of a sum of the program's that an expression in normal form is; undefined where it is none, or such a sum itself. */
  readonly of: (e: Expr) => Multiple | undefined;
  /** Whether an expression is a sum of the program's so long that one would not write it again with other signs. */
  readonly stays: (e: Expr) => boolean;
}

export const noMultiples: Multiples = { of: () => undefined, stays: () => false };

/** So many terms has a sum that stays as it is. */
const long = 3;

/** The multiples of all sums in these expressions, which are in normal form. Sums that are there stay as they are. */
export function multiplesOf(bodies: readonly Expr[]): Multiples {
  const scales = new Map<Expr, readonly Ratio[]>();
  for (const e of partsOf(...bodies)) {
    const own = primitiveOf(e);
    if (own) scales.set(own.primitive, [...(scales.get(own.primitive) ?? []), own.scale]);
  }
  const isThere = ({ scale, primitive }: Primitive): boolean =>
    scales.get(primitive)?.some(({ n, d }) => n === scale.n && d === scale.d) === true;
  return {
    of: (e) => {
      const own = primitiveOf(e);
      const [first] = (own && !isThere(own) && scales.get(own.primitive)) || [];
      const inverse = first && invertRatio(first);
      const scale = inverse && mulRatio(own!.scale, inverse);
      // One writes t - x, not -(x - t).
      if (scale === undefined || (scale.n === -1 && summands(e).length < long)) return undefined;
      const back = invertRatio(scale);
      const sum = back && times(e, back);
      return sum && { scale, sum };
    },
    stays: (e) => {
      const own = summands(e).length >= long ? primitiveOf(e) : undefined;
      return own !== undefined && isThere(own);
    },
  };
}

interface Primitive {
  readonly scale: Ratio;
  readonly primitive: Expr;
}

/** A sum as a multiple of one whose first coefficient is 1, whatever its indices are called. */
function primitiveOf(e: Expr): Primitive | undefined {
  if (e.kind !== "apply" || e.op !== "add") return undefined;
  const scale = termOf(e.args[0]!).coefficient;
  const inverse = invertRatio(scale);
  const sum = inverse && times(e, inverse);
  if (sum === undefined) return undefined;
  return { scale, primitive: canonicalOf(sum) };
}

/** A sum with each coefficient times a number; undefined where one cannot be held exactly. */
function times(sum: Expr, by: Ratio): Expr | undefined {
  const terms = summands(sum).map((t) => scaled(termOf(t), by));
  return terms.every((t) => t !== undefined) ? apply("add", ...terms.map(exprOf)) : undefined;
}
