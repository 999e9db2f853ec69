/** Arrays, computed element by element, term by term where that reads memory in order, or wherever a term belongs. */
import { apply, at, freeIndices, num, occursFree, read, type Expr, type Index } from "../expr/node.ts";
import { conjuncts, rangeOf } from "./affine.ts";
import type { Block } from "./block.ts";
import type { Context, Storage } from "./context.ts";
import { iterate } from "./iterate.ts";
import { constant, type Scalar } from "./nest.ts";
import { accumulate, flat, isPlainSum, type Terms } from "./reduction.ts";
import { ordered } from "./order.ts";
import { atom, lower, offset } from "./scalar.ts";
import { madeBefore, setApart, type SetApart } from "./set-apart.ts";
import { scatters, type Stage } from "./stage.ts";
import { streams } from "./stride.ts";
import { windowPlaces } from "./window-places.ts";

export type ArrayStorage = Extract<Storage, { kind: "buffer" }>;

/** Computes the array of a stage at every value of `indices`, those that `block` does not bind already. */
export function fillArray(
  cx: Context,
  stage: Stage,
  storage: ArrayStorage,
  indices: readonly Index[],
  block: Block,
): void {
  if (scatter(cx, stage, storage, indices, block) || fromWindows(cx, stage, storage, indices, block)) return;
  if (stream(cx, stage, storage, indices, block)) return;
  loops(cx, stage.body, stage, storage, indices, block);
}

/** Where an array has the element at these indices. */
export const placeOf = (
  cx: Context,
  storage: ArrayStorage,
  indices: readonly Index[],
  block: Block,
): Scalar => offset(cx, storage, indices.map(at), block);

/** The loops of a stage; a choice that does not depend on them is made before them. */
function loops(
  cx: Context,
  body: Expr,
  stage: Stage,
  storage: ArrayStorage,
  indices: readonly Index[],
  block: Block,
): void {
  const before = indices.length > 0 ? choiceBefore(cx, body, indices, block) : undefined;
  if (before !== undefined) {
    const guard = lower(cx, before.guard, block);
    const [yes, no] = [block.branch([before.guard]), block.branch([apply("not", before.guard)])];
    loops(cx, before.there, stage, storage, indices, yes);
    loops(cx, before.elsewhere, stage, storage, indices, no);
    block.statements.push({ kind: "if", guard, yes: yes.statements, no: no.statements });
    return;
  }
  const apart = cx.style === "fused" ? setApart(body, indices) : undefined;
  if (apart !== undefined && cx.reach.inside(apart.elsewhere, block.facts())) {
    loops(cx, apart.elsewhere, stage, storage, indices, block);
    elements(cx, apart.there, stage, storage, indices, conjuncts(apart.guard), block);
    return;
  }
  elements(cx, body, stage, storage, indices, [], block);
}

/** The choice that is made before the loops over `indices`. */
function choiceBefore(
  cx: Context,
  body: Expr,
  indices: readonly Index[],
  block: Block,
): SetApart | undefined {
  if (body.kind === "where" && !freeIndices(body.guard).some((i) => indices.includes(i)))
    return { guard: body.guard, there: body.then, elsewhere: body.else };
  const before = cx.style === "fused" ? madeBefore(body, indices) : undefined;
  return before && cx.reach.inside(before.guard, block.facts()) ? before : undefined;
}

/** One element after another, those for which all conditions hold. */
function elements(
  cx: Context,
  body: Expr,
  stage: Stage,
  storage: ArrayStorage,
  indices: readonly Index[],
  conditions: readonly Expr[],
  block: Block,
): void {
  iterate(cx, block, indices, conditions, (inner) => {
    const value = lower(cx, body, inner);
    // One number: whoever reads it in this block has it without a load.
    if (indices.length === 0 && value.kind === "name")
      inner.remember(read(stage.name, stage.indices.map(at), stage.type), value);
    const position = placeOf(cx, storage, stage.indices, inner);
    inner.statements.push({ kind: "store", buffer: storage.name, offset: position, by: "set", value });
  });
}

/** A sum whose terms say which element they belong to. True when it was done so. */
function scatter(
  cx: Context,
  stage: Stage,
  storage: ArrayStorage,
  indices: readonly Index[],
  block: Block,
): boolean {
  const { body } = stage;
  if (body.kind !== "reduce" || !scatters({ indices }, body)) return false;
  zeros(cx, stage, storage, indices, block);
  const sum = flat(
    { indices: [body.over], guard: conjuncts(body.guard), body: body.body },
    { whole: (e) => e.guard === undefined, branchless: false },
  );
  const own = [...indices, ...inOrderOf(indices, sum)];
  accumulate(
    cx,
    block,
    { ...sum, indices: ordered(own, sum.guard) },
    adding(cx, storage, stage.indices.map(at)),
  );
  return true;
}

/** Zeros wherever terms are added: all of the array, or all of its row. */
function zeros(
  cx: Context,
  stage: Stage,
  storage: ArrayStorage,
  indices: readonly Index[],
  block: Block,
): void {
  if (stage.role === "whole")
    block.statements.push({ kind: "fill", buffer: storage.name, value: constant(0, stage.type) });
  else elements(cx, num(0, stage.type), stage, storage, indices, [], block);
}

/** The indices of a sum, in the order of the last ones that its conditions determine by them: as arrays have their axes. */
function inOrderOf(indices: readonly Index[], { indices: own, guard }: Terms): readonly Index[] {
  const determined = (i: Index): number => {
    const n = indices.findLastIndex((k) => rangeOf(k, guard).equal.some((e) => occursFree(i, e)));
    return n < 0 ? indices.length : n;
  };
  return own.toSorted((a, b) => determined(a) - determined(b));
}

/** How a term is added to the element at these subscripts. */
const adding =
  (cx: Context, storage: ArrayStorage, subscripts: readonly Expr[]) =>
  (value: Scalar, inner: Block): void => {
    const here = offset(cx, storage, subscripts, inner);
    inner.statements.push({ kind: "store", buffer: storage.name, offset: here, by: "add", value });
  };

/** A sum over the windows that reach an element, added by the windows. True when it was done so. */
function fromWindows(
  cx: Context,
  stage: Stage,
  storage: ArrayStorage,
  indices: readonly Index[],
  block: Block,
): boolean {
  const found = cx.style === "fused" ? windowPlaces(stage.body, indices, cx.reach) : undefined;
  if (found === undefined) return false;
  zeros(cx, stage, storage, indices, block);
  const others = indices.filter((i) => !found.at.has(i));
  const add = adding(
    cx,
    storage,
    stage.indices.map((i) => found.at.get(i) ?? at(i)),
  );
  iterate(cx, block, [...others, ...found.positions], [], (window) => {
    const value = atom(cx, found.term, window);
    iterate(cx, window, found.places, [], (inner) => add(value, inner));
  });
  return true;
}

/**
 * A sum added up in its array, term after term for all elements at once, where that
 * reads memory in order: score[:] += X[i, d] · W[d, :]. True when it was done so.
 */
function stream(
  cx: Context,
  stage: Stage,
  storage: ArrayStorage,
  indices: readonly Index[],
  block: Block,
): boolean {
  const { body } = stage;
  if (cx.style !== "fused" || indices.length !== 1 || storage.axes.filter((a) => a.kept).length !== 1)
    return false;
  if (!isPlainSum(body) || !streams(body, indices[0]!)) return false;
  block.statements.push({ kind: "fill", buffer: storage.name, value: constant(0, stage.type) });
  const all = { indices: [body.over, indices[0]!], guard: [], body: body.body };
  accumulate(cx, block, all, adding(cx, storage, stage.indices.map(at)));
  return true;
}
