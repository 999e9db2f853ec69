/** ∂(node)/∂(child), for each child that a derivative flows into. */
import { apply, at, num, reduce, rebuild, type Expr, type Node } from "../expr/node.ts";
import type { Op, Reduction } from "../expr/ops.ts";
import { output } from "../expr/program.ts";
import { fresh } from "../expr/substitute.ts";
import type { Algebra } from "../simplify/algebra.ts";
import { isPositive } from "../simplify/sign.ts";
import { parse } from "../parse.ts";
import { awayFromMinimum } from "./roots.ts";
import { rules } from "./rules.ts";

export interface Local {
  readonly child: Expr;
  /** The derivative; for a reduction it is a function of the bound index. */
  readonly derivative: Expr;
  /** The row of the table that gave it. */
  readonly rule: string;
}

/** The children that a derivative flows into, each with ∂e/∂child in normal form. */
export function localDerivatives(e: Expr, s: Algebra): readonly Local[] {
  switch (e.kind) {
    case "num":
    case "index":
    case "size":
    case "read":
      return [];
    case "where":
      return [
        { child: e.then, derivative: s.iverson(e.guard), rule: "where" },
        { child: e.else, derivative: s.iverson(s.simplify(apply("not", e.guard))), rule: "where" },
      ];
    case "reduce": {
      const derivative = reductionRules[e.op](e, s);
      if (!derivative) return [];
      return [
        {
          child: e.body,
          derivative: e.guard ? s.mul([derivative, s.iverson(e.guard)]) : derivative,
          rule: e.op,
        },
      ];
    }
    case "apply":
      return e.args.flatMap((child, n) => {
        const factors = [...awayFromMinimum(e, s), ...awayFromConstant(e, n, s)];
        const derivative = s.mul([argumentDerivative(e, n, s), ...factors]);
        return derivative.kind === "num" && derivative.value === 0 ? [] : [{ child, derivative, rule: e.op }];
      });
  }
}

/**
 * [y ≠ 0] for ∂(x^y)/∂x and [x ≠ 0] for ∂(x^y)/∂y, as factors, where y varies: x⁰ is 1 everywhere and 0^y is 0 for all y > 0,
 * while y·x^(y−1) and x^y·log x are 0·∞ there. So Σ_k c[k]·x^k has a slope at 0, and a focal loss one at γ = 0.
 */
function awayFromConstant({ op, args }: Node<"apply">, n: number, s: Algebra): readonly Expr[] {
  const [base, exponent] = args;
  if (op !== "pow" || !base || !exponent || exponent.kind === "num") return [];
  const other = n === 0 ? exponent : base;
  if (isPositive(other) || isApplied(other, "pow")) return [];
  return [s.iverson(s.simplify(apply("ne", other, num(0))))];
}

const isApplied = (e: Expr, op: Op): boolean => e.kind === "apply" && e.op === op;

/**
 * ∂op(arguments)/∂(argument n). With more than two arguments, op(a, b, c) is
 * op(op(a, b), c): what comes before argument n is its first operand, what comes after meets it later.
 */
function argumentDerivative(e: Node<"apply">, n: number, s: Algebra): Expr {
  const { op, args } = e;
  if (op === "add") return num(1); // the row, without folding hundreds of terms
  if (args.length <= 2) return instantiate(op, n, args[0]!, args[1], e, s);
  const fold = (part: readonly Expr[]): Expr =>
    part.length === 1 ? part[0]! : s.simplify(apply(op, ...part));
  const own =
    n === 0 ? num(1) : instantiate(op, 1, fold(args.slice(0, n)), args[n], fold(args.slice(0, n + 1)), s);
  const rest = args.slice(n + 1);
  if (rest.length === 0) return own;
  const through = instantiate(op, 0, fold(args.slice(0, n + 1)), fold(rest), e, s);
  return s.mul([own, through]);
}

/** Row `op`, derivative `n`, with x, y and f put in. */
function instantiate(op: Op, n: number, x: Expr, y: Expr | undefined, f: Expr, s: Algebra): Expr {
  const by = new Map([
    ["x", x],
    ["y", y],
    ["f", f],
  ] as const);
  const put = (e: Expr): Expr =>
    e.kind === "read" && e.at.length === 0 ? (by.get(e.name as "x") ?? e) : rebuild(e, put);
  return s.simplify(put(template(op, n)));
}

const templates = new Map<string, Expr>();

function template(op: Op, n: number): Expr {
  const text = rules[op].d[n]!;
  let known = templates.get(text);
  if (known === undefined) templates.set(text, (known = output(parse(`derivative = ${text}`)).body));
  return known;
}

type ReductionRule = (e: Node<"reduce">, s: Algebra) => Expr | undefined;

/** [this index is the first to attain the extremum]: at a tie, the subgradient of the first. */
const firstAttains =
  (op: "argmax" | "argmin"): ReductionRule =>
  (e, s) => {
    const position = s.reduce(op, e.over, e.guard, e.body);
    return s.iverson(s.simplify(apply("eq", at(e.over), position)));
  };

/** ∂/∂body of every reduction, as a function of the bound index; the guard is put on by the caller. */
// prettier-ignore
const reductionRules: Record<Reduction, ReductionRule> = {
  sum:       () => num(1),
  prod:      (e, s) => others(e, s),
  max:       firstAttains("argmax"),
  min:       firstAttains("argmin"),
  logsumexp: (e, s) => s.call("exp", [s.add([e.body, s.mul([num(-1), e])])]),
  argmax:    () => undefined,
  argmin:    () => undefined,
};

/** Π over all other values of the index: right where a factor is 0, unlike the product divided by the factor. */
function others(e: Node<"reduce">, s: Algebra): Expr {
  const taken = new Set([e.over.name]);
  const other = fresh(e.over.name, e.over.extent, taken);
  const by = new Map([[e.over, at(other)]]);
  const apart = s.simplify(apply("ne", at(other), at(e.over)));
  const guard = e.guard ? s.simplify(apply("and", s.substitute(e.guard, by), apart)) : apart;
  return reduce("prod", other, guard, s.substitute(e.body, by));
}
