/**
 * Expressions to normal form, from the inside out, each distinct node once.
 *
 * Every rule preserves the value over the reals; where a rule fires, `record` is told
 * its name and both sides, which is what a derivation shows as its steps.
 */
import { apply, children, listKey, num, rebuild, where, type Expr } from "../expr/node.ts";
import { substitute } from "../expr/substitute.ts";
import type { Extent } from "../expr/extent.ts";
import { addition } from "./addition.ts";
import type { Algebra, Facts } from "./algebra.ts";
import { assume } from "./assume.ts";
import { always, both, compare, conjuncts, either, negate, never } from "./condition.ts";
import { callFunction } from "./functions.ts";
import { sizeExpr } from "./linear.ts";
import { orderBy } from "./order.ts";
import { power } from "./power.ts";
import { product } from "./product.ts";
import { reduction } from "./reductions.ts";
import { sumOver } from "./sums.ts";

export type Recorder = (rule: string, before: Expr, after: Expr) => void;

export const noFacts: Facts = { labelBelow: () => [], shapeOf: () => undefined, position: () => 0 };

/** A simplifier with these facts; it remembers what it has simplified. */
export function algebra(facts: Facts = noFacts, record: Recorder = () => {}): Algebra {
  const memo = new Map<Expr, Expr>();
  const sizes = new Map<Extent, Expr>();
  const positions = new Map<Expr, number>();
  const sums = new Map<string | number, Expr>();
  const products = new Map<string | number, Expr>();
  const assumed = new Map<string, Expr>();
  const s: Algebra = {
    facts,
    compare: orderBy(facts.position),
    earliest: (e) =>
      remember(positions, e, () =>
        Math.min(e.kind === "read" ? facts.position(e.name) : Infinity, ...children(e).map(s.earliest)),
      ),
    simplify: (e) => remember(memo, e, () => normal(e, s, sizes)),
    add: (terms) => remember(sums, listKey(terms), () => addition(terms, s)),
    mul: (factors) => remember(products, listKey(factors), () => product(factors, s)),
    pow: (base, exponent) => power(base, exponent, s),
    call: (op, args) => callFunction(op, args, s),
    where: (guard, then, otherwise) => choice(guard, then, otherwise, s),
    iverson: (condition) =>
      condition === always
        ? num(1)
        : condition === never
          ? num(0)
          : product(
              conjuncts(condition).map((c) => apply("iverson", c)),
              s,
            ),
    reduce: (op, over, guard, body) => reduction(op, over, guard, body, s),
    sum: (over, body) => sumOver(over, body, s),
    substitute: (e, by) => s.simplify(substitute(e, by)),
    assume: (e, conditions) =>
      remember(assumed, `${e.id} ${listKey(conditions)}`, () => assume(e, conditions, s)),
    record: (rule, before, after) => {
      if (before !== after) record(rule, before, after);
      return after;
    },
  };
  return s;
}

function remember<K, V>(memo: Map<K, V>, key: K, make: () => V): V {
  const known = memo.get(key);
  if (known !== undefined) return known;
  const value = make();
  memo.set(key, value);
  return value;
}

function normal(e: Expr, s: Algebra, sizes: Map<Extent, Expr>): Expr {
  switch (e.kind) {
    case "num":
      return num(e.value);
    case "index":
      return e;
    case "size":
      return remember(sizes, e.extent, () => sizeExpr(e.extent, s));
    case "read":
      return rebuild(e, s.simplify);
    case "where":
      return s.where(s.simplify(e.guard), s.simplify(e.then), s.simplify(e.else));
    case "reduce":
      return s.reduce(e.op, e.over, e.guard && s.simplify(e.guard), s.simplify(e.body));
    case "apply":
      return normalApply(e, e.args.map(s.simplify), s);
  }
}

function normalApply(e: Expr & { kind: "apply" }, args: readonly Expr[], s: Algebra): Expr {
  switch (e.op) {
    case "add":
      return s.add(args);
    case "mul":
      return s.mul(args);
    case "pow":
      return s.pow(args[0]!, args[1]!);
    case "lt":
    case "le":
    case "gt":
    case "ge":
    case "eq":
    case "ne":
      return compare(e.op, args[0]!, args[1]!, s);
    case "and":
      return both(args, s);
    case "or":
      return either(args, s);
    case "not":
      return negate(args[0]!, s);
    default:
      return s.call(e.op, args);
  }
}

/** cond ? a : b, with each side simplified where it is taken. */
function choice(guard: Expr, then: Expr, otherwise: Expr, s: Algebra): Expr {
  if (guard === always) return then;
  if (guard === never) return otherwise;
  const [a, b] = [s.assume(then, conjuncts(guard)), s.assume(otherwise, conjuncts(negate(guard, s)))];
  if (a === b) return a;
  if (then === s.assume(otherwise, [negate(guard, s)])) return then;
  if (b.kind === "num" && b.value === 0 && a.type !== "bool") return s.mul([a, s.iverson(guard)]);
  if (a.kind === "num" && a.value === 0 && b.type !== "bool") return s.mul([b, s.iverson(negate(guard, s))]);
  return where(guard, a, b);
}
