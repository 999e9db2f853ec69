/** Terms: coefficient · factors, the summands of a normal form. */
import { apply, num, type Expr } from "../expr/node.ts";
import { one, ratio, type Ratio, mulRatio, invertRatio } from "./ratio.ts";

export interface Term {
  readonly coefficient: Ratio;
  /** Sorted; never a number, a sum of one term or another product. */
  readonly factors: readonly Expr[];
}

/** The summands of an expression in normal form. */
export const summands = (e: Expr): readonly Expr[] => (e.kind === "apply" && e.op === "add" ? e.args : [e]);

/** The factors of an expression in normal form, its numeric ones included. */
export const factorsOf = (e: Expr): readonly Expr[] => (e.kind === "apply" && e.op === "mul" ? e.args : [e]);

export function termOf(e: Expr): Term {
  let coefficient = one;
  const factors: Expr[] = [];
  for (const f of factorsOf(e)) {
    const c = numeric(f);
    const folded = c && mulRatio(coefficient, c);
    if (folded) coefficient = folded;
    else factors.push(f);
  }
  return { coefficient, factors };
}

/** The exact value of a number or of the inverse of one, as they stand in a product. */
export function numeric(e: Expr): Ratio | undefined {
  if (e.kind === "num") return ratio(e.value);
  if (e.kind !== "apply" || e.op !== "pow" || !isNum(e.args[1]!, -1)) return undefined;
  const base = e.args[0]!;
  return base.kind === "num" ? invertRatio(ratio(base.value)) : undefined;
}

export const isNum = (e: Expr, value: number): boolean => e.kind === "num" && Object.is(e.value, value);

export function exprOf({ coefficient, factors }: Term): Expr {
  if (coefficient.n === 1 && coefficient.d === 1 && factors.length > 0)
    return factors.length === 1 ? factors[0]! : apply("mul", ...factors);
  const numbers: Expr[] = [];
  if (coefficient.n !== 1 || (factors.length === 0 && coefficient.d === 1)) numbers.push(num(coefficient.n));
  if (coefficient.d !== 1) numbers.push(apply("pow", num(coefficient.d), num(-1)));
  const all = [...numbers, ...factors];
  return all.length === 1 ? all[0]! : apply("mul", ...all);
}

export const scaled = (term: Term, by: Ratio): Term | undefined => {
  const coefficient = mulRatio(term.coefficient, by);
  return coefficient && { coefficient, factors: term.factors };
};
