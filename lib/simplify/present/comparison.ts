/** Comparisons, with each side positive. */
import { apply, num, type Expr } from "../../expr/node.ts";
import type { Algebra } from "../algebra.ts";
import { isNum, summands, termOf } from "../term.ts";
import { isNegative, orderTerms } from "./order.ts";
import { joinTerms } from "./sum.ts";
import type { Go } from "./writer.ts";

/** `form op 0` with each side positive: k == y[i], p <= h; three real terms and more stay on the left. */
export function writeComparison(e: Expr & { kind: "apply" }, go: Go, s: Algebra): Expr {
  const form = withoutRoot(e.args[0]!);
  const terms = orderTerms(summands(form), s);
  const strict = form.type === "int" && e.op === "ge" && terms.some((t) => isNum(t, -1)) && terms.length > 1;
  const op = strict ? "gt" : e.op;
  const kept = strict ? terms.filter((t) => !isNum(t, -1)) : terms;
  const [plus, minus] = [kept.filter((t) => !isNegative(t)), kept.filter(isNegative)];
  const negated = minus.map((t) => s.mul([num(-1), t]));
  const flip = { gt: "lt", ge: "le", eq: "eq", ne: "ne" } as const;
  const symmetric = op === "gt" || op === "ge" || op === "eq" || op === "ne" ? flip[op] : "eq";
  const side = (ts: readonly Expr[]): Expr =>
    ts.length === 0 ? num(0) : ts.length === 1 ? go(ts[0]!) : joinTerms(ts, go);
  if (form.type !== "int" && kept.length > 2)
    return plus.length > 0
      ? apply(op as "gt", joinTerms(kept, go), num(0))
      : apply(symmetric, joinTerms(negated, go), num(0));
  if ((op === "eq" || op === "ne") && isBareIndex(negated) && !isBareIndex(plus))
    return apply(op, side(negated), side(plus));
  if (plus.length === 0) return apply(symmetric, side(negated), num(0));
  if (minus.length > 0 && plus.every(isScalar) && !minus.every(isScalar))
    return apply(symmetric, side(negated), side(plus));
  return apply(op as "gt", side(plus), side(negated));
}

/** x for √x where x has a name: both are 0, or greater, together. */
function withoutRoot(form: Expr): Expr {
  if (form.kind !== "apply" || form.op !== "pow") return form;
  const [x, exponent] = form.args as [Expr, Expr];
  return x.kind === "read" && isNum(exponent, 0.5) ? x : form;
}

/** Made of scalars, sizes and numbers only. */
const isScalar = (t: Expr): boolean =>
  termOf(t).factors.every((f) => f.kind === "size" || (f.kind === "read" && f.at.length === 0));

const isBareIndex = (terms: readonly Expr[]): boolean => terms.length === 1 && terms[0]!.kind === "index";
