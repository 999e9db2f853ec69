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
import { at, occursFree, read, rebuild, type Expr, type Index } from "../expr/node.ts";
import { anywhere, readsAtSums, rewriting, writtenSize } from "../expr/parts.ts";
import type { Definition } from "../expr/program.ts";
import { unify, type Inside } from "../simplify/unify.ts";
import { contracts, contractsAndAdds } from "./contracts.ts";
import { slid, type Slid } from "./sliding.ts";

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
 * values of its indices, `inRange` what may stand for an index, `nameFor` gives a name like this that is not taken.
 */
export function withSumsApart(
  { indices, body }: Definition,
  before: readonly Definition[],
  computable: (e: Expr) => boolean,
  inRange: Inside,
  nameFor: (stem: string) => string,
): Parted {
  const sums: Definition[] = [];
  const inLinear = new Map<Expr, Expr>();
  const inOthers = new Map<Expr, Expr>();
  const isLarge = anywhere(body, (e) => contracts(e)) || writtenSize(body) > mostRepeated;
  const visit = (e: Expr, isLinear: boolean): Expr => {
    const memo = isLinear ? inLinear : inOthers;
    let out = memo.get(e);
    if (out === undefined) memo.set(e, (out = part(e, isLinear)));
    return out;
  };
  const part = (e: Expr, isLinear: boolean): Expr => {
    const isContraction = !isLinear && (contracts(e) || contractsAndAdds(e)) && !anywhere(e, isExp);
    const stays = (isLinear || isContraction) && passes(e);
    const inner = rebuild(e, (child) => visit(child, stays));
    const isSum = !isLinear && (isContraction || isLong(inner));
    if (!isSum && !isUnit(inner, before, sums)) return inner;
    if (!computable(e)) return inner;
    const known = readOf(inner, [...before, ...sums], never);
    if (known !== undefined) return known;
    const { body, at: places } = slid(inner, indices);
    const all = inOrder(body, new Set(indices.map((i) => nowOf(i, places))));
    const name = nameFor(isSum ? "total" : "unit");
    sums.push({ name, indices: all, body });
    return read(
      name,
      all.map((i) => places.get(i) ?? at(i)),
      "real",
    );
  };
  const apart = isLarge ? visit(body, true) : body;
  if (sums.length === 0) return { body: apart, sums };
  // Σ_d X[i,d]·W[d,y[i]] is no contraction, but one at y[i] where there is one for all columns.
  const again = rewriting((e, go) => (e.kind === "reduce" && readOf(e, sums, inRange)) || rebuild(e, go));
  return { body: again(apart), sums };
}

/** An expression as a read of the stage that it is the body of, at some subscripts. */
function readOf(e: Expr, stages: readonly Definition[], inside: Inside): Expr | undefined {
  for (const { name, indices, body } of stages) {
    const at = body.kind === e.kind ? unify(body, e, indices, inside) : undefined;
    if (at)
      return read(
        name,
        indices.map((i) => at.get(i)!),
        "real",
      );
  }
  return undefined;
}

/**
 * The free indices of a sum: `own` are those of the definition that it is part of, in their order; each other one
 * stands after them, but before those that are nearer to the ends of subscripts, where neighbours in memory are.
 */
function inOrder(body: Expr, own: ReadonlySet<Index>): readonly Index[] {
  const all = [...own].filter((i) => body.free.includes(i));
  for (const i of body.free) {
    if (own.has(i)) continue;
    const at = all.findIndex((other) => fromEnd(other, body) < fromEnd(i, body));
    all.splice(at < 0 ? all.length : at, 0, i);
  }
  return all;
}

/** How many subscripts come after one with this index, at least; in a read with one subscript there is nothing beside it. */
function fromEnd(i: Index, e: Expr): number {
  let least = Infinity;
  anywhere(e, (part) => {
    if (part.kind !== "read" || part.at.length < 2) return false;
    const n = part.at.findLastIndex((s) => occursFree(i, s));
    if (n >= 0) least = Math.min(least, part.at.length - 1 - n);
    return least === 0;
  });
  return least;
}

/** What has the place of an index, where it is part of a sum. */
const nowOf = (i: Index, places: Slid["at"]): Index =>
  [...places].find(([, sum]) => occursFree(i, sum))?.[0] ?? i;

/** Whether it is a function of a stage at sums of indices, such as relu(z[p+u]): as worth a stage as z is. */
function isUnit(e: Expr, ...stages: readonly (readonly Definition[])[]): boolean {
  if (e.kind !== "apply" || e.type !== "real" || linear.has(e.op)) return false;
  if (e.free.length < 2 || !readsAtSums(e)) return false;
  const isStage = (part: Expr): boolean =>
    part.kind === "read" && stages.some((all) => all.some(({ name }) => name === part.name));
  return anywhere(e, isStage) && !anywhere(e, isExp) && slid(e, []).at.size > 0;
}

const linear: ReadonlySet<string> = new Set(["add", "mul", "iverson"]);

/** What a gradient passes through with no more than a number for a factor: the terms of a sum do not meet in it. */
const passes = (e: Expr): boolean =>
  (e.kind === "apply" && e.op === "add") ||
  (e.kind === "reduce" && e.op === "sum") ||
  (e.kind === "apply" && e.op === "mul" && e.args.filter((f) => namesRead(f).size > 0).length === 1);

const never = (): boolean => false;

/** A weighted sum of exponentials belongs to the logarithm around it: computed by itself it may overflow. */
const isExp = (e: Expr): boolean => e.kind === "apply" && e.op === "exp";
