/**
 * From normal form to what one would write: quotients, differences, roots, log1p and
 * expm1, common factors in front, conditions as cases. The value stays the same; what
 * a condition rules out is not evaluated (`0 · ∞` cannot arise from a mask).
 */
import { apply, num, rebuild, reduce, type Expr, type Node } from "../../expr/node.ts";
import { rewriting } from "../../expr/parts.ts";
import type { Algebra } from "../algebra.ts";
import { conjuncts } from "../condition.ts";
import { mulRatio, ratio } from "../ratio.ts";
import { isNum, termOf, type Term } from "../term.ts";
import { writeComparison } from "./comparison.ts";
import { aboutIndices, inOrder, readDepth, writeAll } from "./conditions.ts";
import { noMultiples, type Multiples } from "./multiples.ts";
import { flipped, underCases, writeProduct } from "./product.ts";
import { writeSum } from "./sum.ts";
import { writer, type Go } from "./writer.ts";

export interface PresentOptions {
  /** Whether conditions select (`p ? x : 0`, which evaluates x only where p holds) or stand as factors `[p]`. */
  readonly indicators?: "select" | "factors";
  /** The sums that others are written as multiples of. */
  readonly multiples?: Multiples;
}

export function present(
  e: Expr,
  s: Algebra,
  { indicators = "select", multiples = noMultiples }: PresentOptions = {},
): Expr {
  const go: Go = writer(
    rewriting((e) => write(e, go, s)),
    indicators === "factors",
    multiples,
  );
  return go(e);
}

function write(e: Expr, go: Go, s: Algebra): Expr {
  if (e.kind === "num" && e.value < 0) return apply("neg", num(-e.value));
  if (e.kind === "reduce") return writeReduction(e, go);
  if (e.kind !== "apply") return rebuild(e, go);
  switch (e.op) {
    case "add": {
      const multiple = go.multiples.of(e);
      if (multiple) return writeProduct({ coefficient: multiple.scale, factors: [multiple.sum] }, go);
      const apart = s.add(e.args.map((t) => underCases(termOf(t), s) ?? t));
      return apart === e ? writeSum(e, go, s) : go(apart);
    }
    case "mul": {
      const apart = underCases(termOf(e), s);
      return apart ? go(apart) : writeProduct(flipped(ofMultiples(termOf(e), go), s, go.multiples), go);
    }
    case "pow":
      return writeProduct({ coefficient: ratio(1), factors: [e] }, go);
    case "gt":
    case "ge":
    case "eq":
    case "ne":
      return writeComparison(e, go, s);
    case "and":
      return writeAll(e.args, go);
    case "or":
      return apply("or", ...inOrder(e.args).map(go));
    case "log": {
      const rest = withoutOne(e.args[0]!, s);
      return rest ? apply("log1p", go(rest)) : rebuild(e, go);
    }
    default:
      return rebuild(e, go);
  }
}

/** A product whose sums are those of the program's that they are multiples of. */
function ofMultiples(term: Term, go: Go): Term {
  let { coefficient } = term;
  const factors = term.factors.map((f) => {
    const multiple = go.multiples.of(f);
    const scale = multiple && mulRatio(coefficient, multiple.scale);
    if (scale === undefined) return f;
    coefficient = scale;
    return multiple!.sum;
  });
  return { coefficient, factors };
}

/** A count says what it counts: Σ_{j ≠ y} [score > 0], not a sum of ones. */
function writeReduction(e: Node<"reduce">, go: Go): Expr {
  const conditions = conjuncts(e.guard);
  const real = conditions.filter((c) => !aboutIndices(c));
  if (e.op === "sum" && isNum(e.body, 1) && real.length === 0 && conditions.length > 0)
    return reduce("sum", e.over, undefined, apply("iverson", writeAll(conditions, go)));
  if (e.op !== "sum" || !isNum(e.body, 1) || real.length === 0)
    return reduce(e.op, e.over, e.guard && go(e.guard), go(e.body));
  const first = Math.min(...real.map(readDepth));
  const range = conditions.filter((c) => aboutIndices(c) && readDepth(c) <= first);
  const values = conditions.filter((c) => !range.includes(c));
  return reduce(
    "sum",
    e.over,
    range.length > 0 ? writeAll(range, go) : undefined,
    apply("iverson", writeAll(values, go)),
  );
}

/** x when e is 1 + x. */
function withoutOne(e: Expr, s: Algebra): Expr | undefined {
  if (e.kind !== "apply" || e.op !== "add" || !e.args.some((t) => isNum(t, 1))) return undefined;
  return s.add(e.args.filter((t) => !isNum(t, 1)));
}
