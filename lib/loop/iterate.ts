/** Loops over indices, with bounds read off the conditions; the conditions that remain become `if`s. */
import { apply, at, num, occursFree, size, type Expr, type Index } from "../expr/node.ts";
import { implied, rangeOf } from "./affine.ts";
import type { Block } from "./block.ts";
import type { Context } from "./context.ts";
import { call } from "./integer.ts";
import { constant, named, type Scalar, type Statement } from "./nest.ts";
import { atom, lower } from "./scalar.ts";
import { title } from "./title.ts";

/**
 * Opens loops over `indices`, outermost first, for the values at which all of `conditions`
 * hold, and lets `inner` fill the innermost block.
 */
export function iterate(
  cx: Context,
  block: Block,
  indices: readonly Index[],
  conditions: readonly Expr[],
  inner: (block: Block) => void,
): void {
  const free = (c: Expr) => indices.some((i) => occursFree(i, c));
  // In order, so that a condition may rely on those before it.
  const decided = conditions.filter(
    (c, n) =>
      !free(c) && (conditions.slice(0, n).every((b) => !free(b)) || cx.reach.inside(c, block.facts())),
  );
  if (decided.length > 0) {
    const rest = conditions.filter((c) => !decided.includes(c));
    when(cx, block, decided, (branch) => iterate(cx, branch, indices, rest, inner));
    return;
  }
  const [index, ...others] = indices;
  if (index === undefined) {
    inner(block);
    return;
  }
  const now = conditions.filter((c) => !others.some((i) => occursFree(i, c)));
  const usable = now.filter((c) => cx.reach.inside(c, block.facts()));
  const { least, end, equal } = rangeOf(index, [...usable, ...usable.flatMap(implied)]);
  const name = cx.names.index(index.name, block.open());
  if (equal.length > 0) {
    const taken = usable.find((c) => rangeOf(index, [c]).equal.length > 0)!;
    const rest = conditions.filter((c) => c !== taken);
    pinned(cx, block, index, equal[0]!, (body) => iterate(cx, body, others, rest, inner));
    return;
  }
  const rest = conditions.filter((c) => !usable.includes(c) || rangeOf(index, [c]).rest.length > 0);
  const from = atom(cx, extreme("max", least, num(0)), block, `${index.name}_from`);
  const to = atom(cx, extreme("min", end, size(index.extent)), block, `${index.name}_to`);
  const body = block.loop(index, name);
  iterate(cx, body, others, rest, inner);
  if (body.statements.length > 0)
    block.statements.push({ kind: "for", index: name, from, to, body: body.statements });
}

/** The innermost of the bounds that conditions and the extent set. */
function extreme(op: "max" | "min", bounds: readonly Expr[], natural: Expr): Expr {
  // A least value that is a constant above 0 replaces 0.
  if (op === "max" && bounds.length === 1 && bounds[0]!.kind === "num" && bounds[0]!.value >= 0)
    return bounds[0]!;
  return bounds.length === 0 ? natural : apply(op, natural, ...bounds);
}

/** What runs for one value of the index, if that is in range. */
function pinned(
  cx: Context,
  block: Block,
  index: Index,
  position: Expr,
  inner: (block: Block) => void,
): void {
  const value = lower(cx, position, block);
  const sure = cx.reach.within(position, index.extent, new Set(block.facts()));
  const name =
    value.kind === "name" && sure
      ? value.name
      : cx.names.fresh(position.kind === "read" ? title(position, cx.row) : index.name);
  if (value.kind !== "name" || value.name !== name)
    block.statements.push({ kind: "let", name, type: "int", value, mutable: false });
  const body = block.pin(index, name, sure ? [] : [inRange(index)]);
  inner(body);
  if (body.statements.length === 0) return;
  if (sure) block.statements.push(...body.statements);
  else {
    const here = named(name, "int");
    const guard = call("and", call("ge", here, constant(0)), call("lt", here, cx.sizes.scalar(index.extent)));
    block.statements.push({ kind: "if", guard, yes: body.statements, no: [] });
  }
}

const inRange = (i: Index): Expr =>
  apply("and", apply("ge", at(i), num(0)), apply("lt", at(i), size(i.extent)));

/** What runs where all conditions hold; a condition that needs statements of its own is looked at after those before it. */
export function when(
  cx: Context,
  block: Block,
  conditions: readonly Expr[],
  inner: (block: Block) => void,
): void {
  const [first, ...others] = conditions;
  if (first === undefined) {
    inner(block);
    return;
  }
  const guard = lower(cx, first, block);
  const branch = block.branch([first]);
  when(cx, branch, others, inner);
  if (branch.statements.length > 0) block.statements.push(conditional(guard, branch.statements));
}

/** `if (a) if (b)` as `if (a && b)`. */
function conditional(guard: Scalar, yes: readonly Statement[]): Statement {
  const only = yes[0];
  if (yes.length !== 1 || only?.kind !== "if" || only.no.length > 0)
    return { kind: "if", guard, yes, no: [] };
  const more = only.guard.kind === "apply" && only.guard.op === "and" ? only.guard.args : [only.guard];
  return { kind: "if", guard: call("and", guard, ...more), yes: only.yes, no: [] };
}
