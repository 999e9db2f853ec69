/**
 * Sums inside of something that is not linear, as definitions of their own: long ones, and contractions.
 *
 * In (Σ of 60 terms − y)² every term's gradient has the whole sum for a factor: written out, the
 * gradient would grow with the square of the definition. As a stage the sum has one adjoint,
 * which all of its terms share.
 *
 * In relu(Σ_r X[p+r]·K[r]) the gradient by X[i] asks the sign of the sum at i − r, for each r: written out, every
 * window around i would be added up again. In exp(Σ_d Q[i,d]·K[j,d]) the adjoint of the sum is a matrix that both
 * gradients contract.
 */
import { namesRead } from "../expr/names-read.ts";
import { at, read, rebuild, type Expr } from "../expr/node.ts";
import { anywhere, writtenSize } from "../expr/parts.ts";
import type { Definition } from "../expr/program.ts";
import { unify } from "../simplify/unify.ts";
import { contracts, contractsAndAdds } from "./contracts.ts";

/** Whether a sum that takes so many nodes to write out is long. */
const isLong = (e: Expr): boolean => e.kind === "apply" && e.op === "add" && writtenSize(e) > mostRepeated;

/** A sum that takes more nodes than this to write out is not repeated in every gradient. */
const mostRepeated = 150;

export interface Parted {
  readonly body: Expr;
  /** In order of computation. */
  readonly sums: readonly Definition[];
}

/**
 * The body of a definition in normal form with such sums read. `computable` tells what may be computed for all
 * values of its indices, `nameFor` gives a name that is not taken.
 */
export function withSumsApart(
  { indices, body }: Definition,
  before: readonly Definition[],
  computable: (e: Expr) => boolean,
  nameFor: () => string,
): Parted {
  const sums: Definition[] = [];
  const linear = new Map<Expr, Expr>();
  const others = new Map<Expr, Expr>();
  const isLarge = anywhere(body, (e) => contracts(e)) || writtenSize(body) > mostRepeated;
  const visit = (e: Expr, isLinear: boolean): Expr => {
    const memo = isLinear ? linear : others;
    let out = memo.get(e);
    if (out === undefined) memo.set(e, (out = part(e, isLinear)));
    return out;
  };
  const part = (e: Expr, isLinear: boolean): Expr => {
    const isContraction = !isLinear && (contracts(e) || contractsAndAdds(e)) && !anywhere(e, isExp);
    const stays = (isLinear || isContraction) && passes(e);
    const inner = rebuild(e, (child) => visit(child, stays));
    if (isLinear || !(isContraction || isLong(inner)) || !computable(e)) return inner;
    for (const known of [...before, ...sums]) {
      const at = known.body.kind === inner.kind ? unify(known.body, inner, known.indices, never) : undefined;
      if (at)
        return read(
          known.name,
          known.indices.map((i) => at.get(i)!),
          "real",
        );
    }
    // In the order of the definition that it is part of, as far as that has its indices.
    const own = indices.filter((i) => inner.free.includes(i));
    const all = [...own, ...inner.free.filter((i) => !own.includes(i))];
    const name = nameFor();
    sums.push({ name, indices: all, body: inner });
    return read(name, all.map(at), "real");
  };
  return { body: isLarge ? visit(body, true) : body, sums };
}

/** What a gradient passes through with no more than a number for a factor: the terms of a sum do not meet in it. */
const passes = (e: Expr): boolean =>
  (e.kind === "apply" && e.op === "add") ||
  (e.kind === "reduce" && e.op === "sum") ||
  (e.kind === "apply" && e.op === "mul" && e.args.filter((f) => namesRead(f).size > 0).length === 1);

const never = (): boolean => false;

/** A weighted sum of exponentials belongs to the logarithm around it: computed by itself it may overflow. */
const isExp = (e: Expr): boolean => e.kind === "apply" && e.op === "exp";
