/**
 * Sums inside of something that is not linear, as definitions of their own: long ones, and those over windows.
 *
 * In (Σ of 60 terms − y)² every term's gradient has the whole sum for a factor: written out, the
 * gradient would grow with the square of the definition. As a stage the sum has one adjoint,
 * which all of its terms share.
 *
 * In relu(Σ_r X[p+r]·K[r]) the gradient by X[i] asks the sign of the sum at i − r, for each r: written out, every
 * window around i would be added up again.
 */
import { namesRead } from "../expr/names-read.ts";
import { at, read, rebuild, type Expr, type Index } from "../expr/node.ts";
import { anywhere, writtenSize } from "../expr/parts.ts";
import type { Definition } from "../expr/program.ts";

/** Whether a sum that takes so many nodes to write out is long. */
const isLong = (e: Expr): boolean => e.kind === "apply" && e.op === "add" && writtenSize(e) > mostRepeated;

/** A sum that takes more nodes than this to write out is not repeated in every gradient. */
const mostRepeated = 150;

/** A read at a place that moves with several indices: X[p + r]. */
const moves = (e: Expr): boolean =>
  e.kind === "read" && e.at.some((x) => x.type === "int" && x.free.length > 1);

/** A read at a place that moves with the index and with another one. */
export const isInWindow = (over: Index, e: Expr): boolean =>
  e.kind === "read" && e.at.some((x) => x.type === "int" && x.free.length > 1 && x.free.includes(over));

/** A sum, perhaps of sums, whose terms are read in a window that moves with an index from outside. */
function isOverWindow(e: Expr): boolean {
  const own = new Set<Index>();
  let body = e;
  for (; body.kind === "reduce" && body.op === "sum"; body = body.body) own.add(body.over);
  const isMoved = ({ free }: Expr): boolean =>
    free.some((i) => own.has(i)) && free.some((i) => !own.has(i) && e.free.includes(i));
  return own.size > 0 && anywhere(body, (r) => moves(r) && r.kind === "read" && r.at.some(isMoved));
}

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
  computable: (e: Expr) => boolean,
  nameFor: () => string,
): Parted {
  const sums: Definition[] = [];
  const linear = new Map<Expr, Expr>();
  const others = new Map<Expr, Expr>();
  const hasWindows = anywhere(body, moves);
  const visit = (e: Expr, isLinear: boolean): Expr => {
    const memo = isLinear ? linear : others;
    let out = memo.get(e);
    if (out === undefined) memo.set(e, (out = part(e, isLinear)));
    return out;
  };
  const part = (e: Expr, isLinear: boolean): Expr => {
    if (!hasWindows && writtenSize(e) <= mostRepeated) return e;
    const isWindow = hasWindows && !isLinear && isOverWindow(e);
    const stays = (isLinear || isWindow) && passes(e);
    const inner = rebuild(e, (child) => visit(child, stays));
    if (isLinear || !(isWindow || isLong(inner)) || !computable(e)) return inner;
    // In the order of the definition that it is part of, as far as that has its indices.
    const own = indices.filter((i) => inner.free.includes(i));
    const all = [...own, ...inner.free.filter((i) => !own.includes(i))];
    const name = nameFor();
    sums.push({ name, indices: all, body: inner });
    return read(name, all.map(at), "real");
  };
  return { body: visit(body, true), sums };
}

/** What a gradient passes through with no more than a number for a factor: the terms of a sum do not meet in it. */
const passes = (e: Expr): boolean =>
  (e.kind === "apply" && e.op === "add") ||
  (e.kind === "reduce" && e.op === "sum") ||
  (e.kind === "apply" && e.op === "mul" && e.args.filter((f) => namesRead(f).size > 0).length === 1);
