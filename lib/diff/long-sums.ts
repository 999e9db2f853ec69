/**
 * Long sums inside of something that is not linear, as definitions of their own.
 *
 * In (Σ of 60 terms − y)² every term's gradient has the whole sum for a factor: written out, the
 * gradient would grow with the square of the definition. As a stage the sum has one adjoint,
 * which all of its terms share.
 */
import { namesRead } from "../expr/names-read.ts";
import { at, freeIndices, read, rebuild, type Expr } from "../expr/node.ts";
import { writtenSize } from "../expr/parts.ts";
import type { Definition } from "../expr/program.ts";

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
 * A body in normal form with its long sums read. `computable` tells what may be computed for all values
 * of its indices, `nameFor` gives a name that is not taken.
 */
export function withoutLongSums(body: Expr, computable: (e: Expr) => boolean, nameFor: () => string): Parted {
  const sums: Definition[] = [];
  const linear = new Map<Expr, Expr>();
  const others = new Map<Expr, Expr>();
  const visit = (e: Expr, isLinear: boolean): Expr => {
    const memo = isLinear ? linear : others;
    let out = memo.get(e);
    if (out === undefined) memo.set(e, (out = part(e, isLinear)));
    return out;
  };
  const part = (e: Expr, isLinear: boolean): Expr => {
    if (writtenSize(e) <= mostRepeated) return e;
    const stays = isLinear && passes(e);
    const inner = rebuild(e, (child) => visit(child, stays));
    if (isLinear || !isLong(inner) || !computable(e)) return inner;
    const indices = freeIndices(inner);
    const name = nameFor();
    sums.push({ name, indices, body: inner });
    return read(name, indices.map(at), "real");
  };
  return { body: visit(body, true), sums };
}

/** What a gradient passes through with no more than a number for a factor: the terms of a sum do not meet in it. */
const passes = (e: Expr): boolean =>
  (e.kind === "apply" && e.op === "add") ||
  (e.kind === "reduce" && e.op === "sum") ||
  (e.kind === "apply" && e.op === "mul" && e.args.filter((f) => namesRead(f).size > 0).length === 1);
