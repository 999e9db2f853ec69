/**
 * Expressions: the mathematics, before any thought of loops.
 *
 * Every node is a scalar. A tensor appears only as a `read` at some subscripts,
 * so there is no broadcasting to get wrong. Nodes are interned: equal expressions
 * are the same object, and two reductions that differ only in the name of their
 * bound index are equal too (the first name wins). So `===` is equality and
 * `Map<Expr, T>` is a memo. Build nodes with the functions below only.
 *
 * Binders follow the usual rules: an index is free in an expression unless a
 * reduction around it binds it; an inner binder of the same index shadows.
 */
import { UserError } from "../errors.ts";
import { extentKey, type Extent } from "./extent.ts";
import { ops, resultType, type Op, type Reduction, type Type } from "./ops.ts";

/** An index runs over 0 ≤ i < extent. Interned by name and extent. */
export interface Index {
  readonly name: string;
  readonly extent: Extent;
}

// prettier-ignore
export type Expr =
  | { readonly kind: "num";    readonly type: Type; readonly id: number; readonly value: number }
  | { readonly kind: "index";  readonly type: Type; readonly id: number; readonly index: Index }                      // an index used as a value or subscript
  | { readonly kind: "size";   readonly type: Type; readonly id: number; readonly extent: Extent }                    // how many values an index takes
  | { readonly kind: "read";   readonly type: Type; readonly id: number; readonly name: string; readonly at: readonly Expr[] }  // X[i, j]; a scalar when `at` is empty
  | { readonly kind: "apply";  readonly type: Type; readonly id: number; readonly op: Op; readonly args: readonly Expr[] }      // exp(x), x + y, x > y, [p]
  | { readonly kind: "where";  readonly type: Type; readonly id: number; readonly guard: Expr; readonly then: Expr; readonly else: Expr }  // evaluates one side only
  | { readonly kind: "reduce"; readonly type: Type; readonly id: number; readonly op: Reduction; readonly over: Index; readonly guard: Expr | undefined; readonly body: Expr }; // Σ over one index, where guard

/** One kind of node: `Node<"read">` is `X[i, j]`. */
export type Node<K extends Expr["kind"]> = Extract<Expr, { kind: K }>;

const nodes = new Map<string, Expr>();
const indices = new Map<string, Index>();
const freeOf = new WeakMap<Expr, readonly Index[]>();
let created = 0;

// The one place of casts: `make` receives every field of the node but its id.
function intern(key: string, make: Omit<Expr, "id"> & Record<string, unknown>): Expr {
  const known = nodes.get(key);
  if (known !== undefined) return known;
  const node = Object.freeze({ ...make, id: ++created }) as unknown as Expr;
  nodes.set(key, node);
  return node;
}

export function index(name: string, extent: Extent): Index {
  const key = `${name} ${extentKey(extent)}`;
  let known = indices.get(key);
  if (known === undefined) indices.set(key, (known = Object.freeze({ name, extent })));
  return known;
}

/** A constant. `type` is int for integers unless told otherwise. −0 is apart from 0. */
export function num(value: number, type: Type = Number.isInteger(value) ? "int" : "real"): Expr {
  return intern(`n${Object.is(value, -0) ? "-0" : value} ${type}`, { kind: "num", type, value });
}

export function at(i: Index): Expr {
  return intern(`i${i.name} ${extentKey(i.extent)}`, { kind: "index", type: "int", index: i });
}

export function size(extent: Extent): Expr {
  return intern(`s${extentKey(extent)}`, { kind: "size", type: "int", extent });
}

export function read(name: string, subscripts: readonly Expr[], type: Type = "real"): Expr {
  return intern(`r${name} ${type} ${ids(subscripts)}`, { kind: "read", type, name, at: subscripts });
}

/** `op` applied to arguments, as it stands: nothing is simplified. Throws when the types do not fit. */
export function apply(op: Op, ...args: readonly Expr[]): Expr {
  const { arity, takes } = ops[op];
  if (args.length < arity[0] || args.length > arity[1])
    throw new UserError(`${op} takes ${arity[0]} argument${arity[0] === 1 ? "" : "s"}, not ${args.length}`);
  for (const a of args)
    if ((a.type === "bool") !== (takes === "bool"))
      throw new UserError(
        takes === "bool" ? `${op} takes conditions, not numbers` : `${op} takes numbers, not conditions`,
        takes === "bool" ? {} : { fix: "[p] is 1 where p holds, else 0" },
      );
  return intern(`a${op} ${ids(args)}`, {
    kind: "apply",
    type: resultType(
      op,
      args.map((a) => a.type),
    ),
    op,
    args,
  });
}

export function where(guard: Expr, then: Expr, otherwise: Expr): Expr {
  if (guard.type !== "bool") throw new UserError("the condition of ?: is a number, not a condition");
  if ((then.type === "bool") !== (otherwise.type === "bool"))
    throw new UserError("one side of ?: is a condition, the other a number");
  const type = then.type === otherwise.type ? then.type : "real";
  return intern(`w${guard.id} ${then.id} ${otherwise.id}`, {
    kind: "where",
    type,
    guard,
    then,
    else: otherwise,
  });
}

/** A reduction over `over`, of the terms where `guard` holds (all of them when it is undefined). */
export function reduce(op: Reduction, over: Index, guard: Expr | undefined, body: Expr): Expr {
  if (guard !== undefined && guard.type !== "bool")
    throw new UserError(`the guard of ${op} is a number, not a condition`);
  if (body.type === "bool")
    throw new UserError(`${op} takes numbers, not conditions`, { fix: "[p] is 1 where p holds, else 0" });
  const bound: Binders = new Map([[over, 0]]);
  const key = `R${op} ${extentKey(over.extent)} ${guard === undefined ? "" : shape(guard, bound, new Map())} ${shape(body, bound, new Map())}`;
  const type = op === "argmax" || op === "argmin" ? "int" : op === "logsumexp" ? "real" : body.type;
  return intern(key, { kind: "reduce", type, op, over, guard, body });
}

const ids = (es: readonly Expr[]): string => es.map((e) => e.id).join(",");

/** The indices bound around an expression, with the level of their binder, the outermost being 0. */
type Binders = ReadonlyMap<Index, number>;

const shapes = new Map<string, string>();

/**
 * A text that is equal exactly for expressions that are equal up to the names of bound
 * indices (de Bruijn levels). Parts that no binder reaches go by their id, the others by
 * an interned text of theirs, so that shared parts are looked at once.
 */
function shape(e: Expr, bound: Binders, memo: Map<Expr, string>): string {
  if (!freeIndices(e).some((i) => bound.has(i))) return String(e.id);
  const known = memo.get(e);
  if (known !== undefined) return known;
  const text = ownShape(e, bound, memo);
  let short = shapes.get(text);
  if (short === undefined) shapes.set(text, (short = `#${shapes.size}`));
  memo.set(e, short);
  return short;
}

function ownShape(e: Expr, bound: Binders, memo: Map<Expr, string>): string {
  const parts = (es: readonly Expr[]): string => es.map((part) => shape(part, bound, memo)).join(",");
  switch (e.kind) {
    case "num":
    case "size":
      return String(e.id);
    case "index":
      return `i${bound.get(e.index)}`;
    case "read":
      return `r${e.name} ${e.type} ${parts(e.at)}`;
    case "apply":
      return `a${e.op} ${parts(e.args)}`;
    case "where":
      return `w${parts([e.guard, e.then, e.else])}`;
    case "reduce": {
      const inner: Binders = new Map([...bound, [e.over, Math.max(...bound.values()) + 1]]);
      const within = new Map<Expr, string>();
      return `R${e.op} ${extentKey(e.over.extent)} ${e.guard === undefined ? "" : shape(e.guard, inner, within)} ${shape(e.body, inner, within)}`;
    }
  }
}

/** The node with each direct subexpression replaced; the bound index of a reduction is left alone. */
export function rebuild(e: Expr, f: (child: Expr) => Expr): Expr {
  switch (e.kind) {
    case "num":
    case "index":
    case "size":
      return e;
    case "read": {
      const subscripts = mapSame(e.at, f);
      return subscripts === e.at ? e : read(e.name, subscripts, e.type);
    }
    case "apply": {
      const args = mapSame(e.args, f);
      return args === e.args ? e : apply(e.op, ...args);
    }
    case "where": {
      const [guard, then, otherwise] = [f(e.guard), f(e.then), f(e.else)];
      return guard === e.guard && then === e.then && otherwise === e.else ? e : where(guard, then, otherwise);
    }
    case "reduce": {
      const guard = e.guard && f(e.guard);
      const body = f(e.body);
      return guard === e.guard && body === e.body ? e : reduce(e.op, e.over, guard, body);
    }
  }
}

function mapSame(es: readonly Expr[], f: (e: Expr) => Expr): readonly Expr[] {
  const out = es.map(f);
  return out.every((e, n) => e === es[n]) ? es : out;
}

/** The direct subexpressions, in the order they are written (a reduction's guard before its body). */
export function children(e: Expr): readonly Expr[] {
  switch (e.kind) {
    case "num":
    case "index":
    case "size":
      return [];
    case "read":
      return e.at;
    case "apply":
      return e.args;
    case "where":
      return [e.guard, e.then, e.else];
    case "reduce":
      return e.guard ? [e.guard, e.body] : [e.body];
  }
}

/** The free indices of an expression, each once, in order of first appearance. */
export function freeIndices(e: Expr): readonly Index[] {
  const known = freeOf.get(e);
  if (known !== undefined) return known;
  let free: readonly Index[];
  if (e.kind === "index") free = [e.index];
  else {
    const all = new Set(children(e).flatMap((child) => freeIndices(child)));
    if (e.kind === "reduce") all.delete(e.over);
    free = [...all];
  }
  freeOf.set(e, free);
  return free;
}

export const occursFree = (i: Index, e: Expr): boolean => freeIndices(e).includes(i);
