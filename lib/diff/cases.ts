/**
 * The case split of a textbook: a definition with [k = y] in it, once where k is y
 * and once where it is not.
 */
import { apply, children, occursFree, rebuild, type Expr, type Index } from "../expr/node.ts";
import { rewriting } from "../expr/parts.ts";
import type { Definition, Program } from "../expr/program.ts";
import { cost, type Algebra } from "../simplify/algebra.ts";
import { negate } from "../simplify/condition.ts";
import { solveFor } from "../simplify/linear.ts";
import { present } from "../simplify/present/present.ts";
import { algebra } from "../simplify/simplify.ts";
import { factsOf } from "./facts.ts";

export interface Case {
  /** Where it holds: `k == y[i]`, `k != y[i]`. */
  readonly condition: Expr;
  readonly body: Expr;
}

/**
 * Both cases of a definition whose body asks for one equality between integers and one of
 * its indices; undefined when there is none, or more than one.
 */
export function casesOf(program: Program, { indices, body }: Definition): readonly [Case, Case] | undefined {
  const s = algebra(factsOf(program));
  const asked = new Set(equalitiesIn(body, indices, s));
  const [equal] = asked;
  if (equal === undefined || asked.size > 1) return undefined;
  const under = (condition: Expr): Case => {
    const written = take(body, condition, s);
    const settled = present(s.assume(s.simplify(body), [condition]), s);
    // What is written already stays as it is written, unless there is less to write.
    const decided = s.assume(s.simplify(written), [condition]) === s.simplify(written);
    const kept = decided && equalitiesIn(written, indices, s).length === 0 && cost(written) <= cost(settled);
    return { condition: present(condition, s), body: kept ? written : settled };
  };
  return [under(equal), under(negate(equal, s))];
}

/** The equalities with an index of `own` that an expression asks for outside of its reductions, in normal form. */
function equalitiesIn(root: Expr, own: readonly Index[], s: Algebra): readonly Expr[] {
  const found: Expr[] = [];
  const seen = new Set<Expr>();
  const visit = (e: Expr): void => {
    if (e.kind === "reduce" || seen.has(e)) return;
    seen.add(e);
    if (e.kind === "apply" && (e.op === "eq" || e.op === "ne") && e.args[0]!.type === "int") {
      const equal = e.op === "eq" ? s.simplify(e) : negate(s.simplify(e), s);
      if (saysWhich(equal, own, s)) found.push(equal);
    }
    children(e).forEach(visit);
  };
  visit(root);
  return found;
}

/** Whether an equality fixes one of the indices: k = y[i] does, y[i] = 0 does not. */
const saysWhich = (equal: Expr, own: readonly Index[], s: Algebra): boolean =>
  equal.kind === "apply" &&
  own.some((i) => occursFree(i, equal) && solveFor(i, equal.args[0]!, s) !== undefined);

/** Each `?:` that asks for the condition replaced by the side that is taken. */
function take(root: Expr, condition: Expr, s: Algebra): Expr {
  const go = rewriting((e, go) => {
    if (e.kind === "reduce") return e;
    if (e.kind === "where") {
      const guard = s.simplify(e.guard);
      if (guard === condition) return go(e.then);
      if (guard === negate(condition, s)) return go(e.else);
    }
    const taken = rebuild(e, go);
    return taken === e ? e : signFirst(taken);
  });
  return go(root);
}

/** (−a)/b as −(a/b), c·(−a) as −(c·a). */
function signFirst(e: Expr): Expr {
  if (e.kind !== "apply" || (e.op !== "div" && e.op !== "mul")) return e;
  const n = e.args.findIndex((a) => a.kind === "apply" && a.op === "neg");
  const negative = e.args[n];
  if (negative?.kind !== "apply" || (e.op === "div" && n > 0)) return e;
  return apply("neg", apply(e.op, ...e.args.with(n, negative.args[0]!)));
}
