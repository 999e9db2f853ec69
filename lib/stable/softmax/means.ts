/** Means under the probabilities of a softmax, sum(j, p[j]*F[j]), as they stand among the terms of a sum. */
import { apply, at, freeIndices, occursFree, type Expr, type Index, type Node } from "../../expr/node.ts";
import { partsOf } from "../../expr/parts.ts";
import type { Definition } from "../../expr/program.ts";
import { fresh, instance, substitute } from "../../expr/substitute.ts";
import { expression, powersOf, quotient, shared, type Powers } from "../powers.ts";
import { sumOf, type Signed } from "../terms.ts";
import type { Families } from "./families.ts";
import type { Member } from "./family.ts";
import { exponent, isExp, probability } from "./probability.ts";
import { spread } from "./spread.ts";

/** The definitions by name, as they are written. */
export type Written = ReadonlyMap<string, Definition>;

/** ±c·Σ_j p[j]·F[j]. */
export interface Mean {
  readonly sign: 1 | -1;
  readonly c: Powers;
  readonly over: Index;
  readonly member: Member;
  readonly total: Expr;
  /** p[j]. */
  readonly p: Expr;
  /** The terms of F. */
  readonly of: readonly Signed[];
}

/** The mean that a term among others is a multiple of, perhaps by the name of its definition. */
export function meanIn(
  { sign, of }: Signed,
  among: readonly Signed[],
  families: Families,
  written: Written,
): Mean | undefined {
  const powers = powersOf(of);
  for (const [f, n] of powers) {
    const sum = n === 1 ? reduction(f, written) : undefined;
    const mean = sum && ofProbabilities(apart(sum, among), families);
    if (mean) return { ...mean, sign, c: product(quotient(powers, new Map([[f, 1]])), mean.by) };
  }
  return undefined;
}

const product = (a: Powers, b: Powers): Powers => powersOf(expression(b), 1, new Map(a));

function reduction(f: Expr, written: Written): Node<"reduce"> | undefined {
  const d = f.kind === "read" ? written.get(f.name) : undefined;
  const e = f.kind === "read" && d ? instance(d, f.at) : f;
  return e.kind === "reduce" && e.op === "sum" && e.guard === undefined ? e : undefined;
}

interface Sum {
  readonly over: Index;
  readonly body: Expr;
}

/** A sum over an index that nothing else is at. Sums that differ in their index only are one node: these are none. */
function apart({ over, body }: Sum, among: readonly Signed[]): Sum {
  const names = new Set(among.flatMap((t) => freeIndices(t.of)).map((i) => i.name));
  const own = fresh(over.name, over.extent, names);
  return own === over ? { over, body } : { over: own, body: substitute(body, new Map([[over, at(own)]])) };
}

function ofProbabilities({ over, body }: Sum, families: Families) {
  const powers = powersOf(body);
  const exps = [...powers].filter(([f]) => isExp(f));
  const [[exp, times] = [undefined, 0]] = exps;
  if (exp === undefined || !isExp(exp) || exps.length > 1 || times !== 1) return undefined;
  const p = probability(families, exponent(exp));
  if (!p || p.rest.length > 0 || p.x !== at(over) || p.member.family.lse.guard) return undefined;
  const of = spread({ sign: 1, of: expression(quotient(powers, new Map([[exp, 1]]))) });
  const all = of.map((t) => powersOf(t.of));
  const own = all.filter((_, n) => occursFree(over, of[n]!.of));
  const first: Powers = own[0] ?? new Map();
  const by = new Map([...own.reduce(shared, first)].filter(([f]) => !occursFree(over, f)));
  const inner = of.map(({ sign }, n) => ({ sign, of: expression(quotient(all[n]!, by)) }));
  return { over, p: apply("div", p.e, p.total), member: p.member, total: p.total, of: inner, by };
}

/** c·F as terms. */
export const times = (c: Powers, sign: 1 | -1, terms: readonly Signed[]): readonly Signed[] =>
  terms.map((t) => ({
    sign: t.sign === sign ? 1 : -1,
    of: expression(powersOf(t.of, 1, new Map(c))),
  }));

/** The subscripts at which terms read what F reads at its index. */
export function placesOf({ over, of }: Mean, terms: readonly Signed[]): ReadonlySet<Expr> {
  const axes = new Map<string, Set<number>>();
  for (const part of partsOf(sumOf(of)))
    if (part.kind === "read")
      part.at.forEach((s, axis) => {
        if (s === at(over)) axes.set(part.name, (axes.get(part.name) ?? new Set()).add(axis));
      });
  const places = new Set<Expr>();
  for (const part of partsOf(sumOf(terms)))
    if (part.kind === "read") for (const axis of axes.get(part.name) ?? []) places.add(part.at[axis]!);
  places.delete(at(over));
  return places;
}

/** F at a place. */
export const placed = (terms: readonly Signed[], over: Index, x: Expr): readonly Signed[] =>
  terms.map(({ sign, of }) => ({ sign, of: substitute(of, new Map([[over, x]])) }));

export const varying = ({ of, over }: Mean): readonly Signed[] => of.filter((t) => occursFree(over, t.of));

export const constant = ({ of, over }: Mean): readonly Signed[] => of.filter((t) => !occursFree(over, t.of));
