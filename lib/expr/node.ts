/**
 * Expressions: the mathematics, before any thought of loops.
 *
 * Every node is a scalar. A tensor appears only as a `read` at some subscripts,
 * so there is no broadcasting to get wrong. Nodes are interned: equal expressions
 * are the same object, and two reductions that differ only in the name of their
 * bound index are equal too (the first name in a `Vocabulary` wins). So `===` is equality
 * and `Map<Expr, T>` is a memo. Build nodes with the functions below only.
 *
 * Binders follow the usual rules: an index is free in an expression unless a
 * reduction around it binds it; an inner binder of the same index shadows.
 */
import { UserError } from "../errors.ts";
import { mapped } from "../mapped.ts";
import { extentKey, type Extent } from "./extent.ts";
import { ops, reductions, resultType, type Op, type Reduction, type Type } from "./ops.ts";

/** An index runs over 0 ≤ i < extent. Interned by name and extent. */
export interface Index {
  readonly name: string;
  readonly extent: Extent;
}

interface Common {
  readonly type: Type;
  readonly id: number;
  /** The free indices, each once, in order of first appearance. */
  readonly free: readonly Index[];
}

// prettier-ignore
export type Expr =
  | Common & { readonly kind: "num";    readonly value: number }
  | Common & { readonly kind: "index";  readonly index: Index }                                   // an index used as a value or subscript
  | Common & { readonly kind: "size";   readonly extent: Extent }                                 // how many values an index takes
  | Common & { readonly kind: "read";   readonly name: string; readonly at: readonly Expr[] }     // X[i, j]; a scalar when `at` is empty
  | Common & { readonly kind: "apply";  readonly op: Op; readonly args: readonly Expr[] }         // exp(x), x + y, x > y, [p]
  | Common & { readonly kind: "where";  readonly guard: Expr; readonly then: Expr; readonly else: Expr }  // evaluates one side only
  | Common & { readonly kind: "reduce"; readonly op: Reduction; readonly over: Index; readonly guard: Expr | undefined; readonly body: Expr }; // Σ over one index, where guard

/** One kind of node: `Node<"read">` is `X[i, j]`. */
export type Node<K extends Expr["kind"]> = Extract<Expr, { kind: K }>;

/** The nodes of one operation, array or kind, by what else they are made of. */
type Known = Map<string | number, Expr>;

const tables = new Map<string, Known>();
const indices = new Map<string, Index>();
const numbers = new Map<Index, number>();
const none: readonly Index[] = [];
let created = 0;

function tableOf(what: string): Known {
  let table = tables.get(what);
  if (table === undefined) tables.set(what, (table = new Map()));
  return table;
}

const nums = { int: tableOf("int"), real: tableOf("real"), bool: tableOf("bool") };
const [extents, choices] = [tableOf("size"), tableOf("where")];
const positions = new Map<Index, Expr>();

function numberOf(i: Index): number {
  let number = numbers.get(i);
  if (number === undefined) numbers.set(i, (number = numbers.size + 1));
  return number;
}

/** The parts that some kind of node has. */
interface Parts {
  readonly value?: number;
  readonly index?: Index;
  readonly extent?: Extent;
  readonly name?: string;
  readonly at?: readonly Expr[];
  readonly op?: Op | Reduction;
  readonly args?: readonly Expr[];
  readonly guard?: Expr | undefined;
  readonly then?: Expr;
  readonly else?: Expr;
  readonly over?: Index;
  readonly body?: Expr;
}

/**
 * A new node. All kinds have the same parts in the same order, of which most are undefined: the engine then knows
 * all nodes by one layout, and to ask one for its kind is one read, not a search among seven.
 */
function node(kind: Expr["kind"], type: Type, free: readonly Index[], parts: Parts): Expr {
  const { value, index, extent, name, at, op, args, guard, then, else: otherwise, over, body } = parts;
  // What a kind needs is given by the functions below, each of which makes one kind.
  const id = ++created;
  // prettier-ignore
  return Object.freeze({ kind, type, id, free, value, index, extent, name, at, op, args, guard, then, else: otherwise, over, body }) as Expr;
}

function keep(table: Known, key: string | number, made: Expr): Expr {
  table.set(key, made);
  return made;
}

/** More than any id. */
const span = 2 ** 26;

/** A key of a list of nodes, that no other list has. */
export function listKey(es: readonly Expr[]): string | number {
  if (es.length === 1) return es[0]!.id;
  // Exact: less than 2⁵².
  if (es.length === 2) return es[0]!.id * span + es[1]!.id;
  let key = "";
  for (const { id } of es) key += `${id},`;
  return key;
}

export function index(name: string, extent: Extent): Index {
  const key = `${name} ${extentKey(extent)}`;
  let known = indices.get(key);
  if (known === undefined) indices.set(key, (known = Object.freeze({ name, extent })));
  return known;
}

/** A constant. `type` is int for integers unless told otherwise. −0 is apart from 0. */
export function num(value: number, type: Type = Number.isInteger(value) ? "int" : "real"): Expr {
  const key = Object.is(value, -0) ? "-0" : value;
  return nums[type].get(key) ?? keep(nums[type], key, node("num", type, none, { value }));
}

export function at(i: Index): Expr {
  let known = positions.get(i);
  if (known === undefined) {
    known = node("index", "int", [i], { index: i });
    positions.set(i, known);
  }
  return known;
}

export function size(extent: Extent): Expr {
  const key = extentKey(extent);
  const known = extents.get(key);
  return known ?? keep(extents, key, node("size", "int", none, { extent }));
}

export function read(name: string, subscripts: readonly Expr[], type: Type = "real"): Expr {
  const table = tableOf(`${type} ${name}`);
  const key = listKey(subscripts);
  const known = table.get(key);
  if (known !== undefined) return known;
  return keep(table, key, node("read", type, freeIn(subscripts), { name, at: subscripts }));
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
  const table = tableOf(op);
  const key = listKey(args);
  const known = table.get(key);
  if (known !== undefined) return known;
  const type = resultType(
    op,
    args.map((a) => a.type),
  );
  return keep(table, key, node("apply", type, freeIn(args), { op, args }));
}

export function where(guard: Expr, then: Expr, otherwise: Expr): Expr {
  if (guard.type !== "bool") throw new UserError("the condition of ?: is a number, not a condition");
  if ((then.type === "bool") !== (otherwise.type === "bool"))
    throw new UserError("one side of ?: is a condition, the other a number");
  const type = then.type === otherwise.type ? then.type : "real";
  const parts = [guard, then, otherwise];
  const key = listKey(parts);
  const known = choices.get(key);
  if (known !== undefined) return known;
  return keep(choices, key, node("where", type, freeIn(parts), { guard, then, else: otherwise }));
}

/** What each reduction's bound index is called: a program has its own, lest another one's names appear in it. */
export type Vocabulary = ReadonlyMap<Reduction, Known>;

const newVocabulary = (): Vocabulary => new Map(reductions.map((op) => [op, new Map()]));

let vocabulary = newVocabulary();
/** Nodes up to this were there before the program that is being built; whether it got a name from one of them. */
const built = { before: 0, borrows: false };

/** The vocabulary of what `build` makes: a new one where the present one has other names for some of its indices. */
export function withOwnNames<T>(build: () => T): { readonly made: T; readonly vocabulary: Vocabulary } {
  [built.before, built.borrows] = [created, false];
  let made = build();
  if (built.borrows) {
    vocabulary = newVocabulary();
    made = build();
  }
  return { made, vocabulary };
}

/** From here on, bound indices get their names from this vocabulary; without one, from the present. */
export function speak(of: Vocabulary | undefined): void {
  vocabulary = of ?? vocabulary;
}

/** A reduction over `over`, of the terms where `guard` holds (all of them when it is undefined). */
export function reduce(op: Reduction, over: Index, guard: Expr | undefined, body: Expr): Expr {
  if (guard !== undefined && guard.type !== "bool")
    throw new UserError(`the guard of ${op} is a number, not a condition`);
  if (body.type === "bool")
    throw new UserError(`${op} takes numbers, not conditions`, { fix: "[p] is 1 where p holds, else 0" });
  const table = vocabulary.get(op)!;
  const position = numberOf(over);
  const exactly = guard === undefined ? position * span + body.id : `${position},${guard.id},${body.id}`;
  let found = table.get(exactly);
  if (found === undefined) {
    const { bound, memo } = alone(over);
    const key = `R${extentKey(over.extent)} ${guard === undefined ? "" : shape(guard, bound, memo)} ${shape(body, bound, memo)}`;
    found = table.get(key) ?? ownReduction(op, over, guard, body, exactly);
    table.set(key, found).set(exactly, found);
  }
  if (found.id <= built.before && (found as Node<"reduce">).over !== over) built.borrows = true;
  return found;
}

/** The reduction whose index has this very name, in whatever vocabulary. */
function ownReduction(
  op: Reduction,
  over: Index,
  guard: Expr | undefined,
  body: Expr,
  exactly: string | number,
): Expr {
  const all = tableOf(`over ${op}`);
  const known = all.get(exactly);
  if (known !== undefined) return known;
  const type = op === "argmax" || op === "argmin" ? "int" : op === "logsumexp" ? "real" : body.type;
  const free = freeIn(guard === undefined ? [body] : [guard, body]).filter((i) => i !== over);
  return keep(all, exactly, node("reduce", type, free, { op, over, guard, body }));
}

/** The indices that are free in some of the nodes; the list that a node has already, where it has all. */
function freeIn(es: readonly Expr[]): readonly Index[] {
  let all = none;
  for (const { free } of es) {
    const more = all.length === 0 ? free : free.filter((i) => !all.includes(i));
    if (more.length > 0) all = all.length === 0 ? more : [...all, ...more];
  }
  return all;
}

/** The indices bound around an expression, with the level of their binder, the outermost being 0. */
type Binders = ReadonlyMap<Index, number>;

const shapes = new Map<string, string>();

/** Only this index bound, and the shapes that parts have then. */
interface Alone {
  readonly bound: Binders;
  readonly memo: Map<Expr, string>;
}

const bindersAlone = new Map<Index, Alone>();

function alone(over: Index): Alone {
  let known = bindersAlone.get(over);
  if (known === undefined)
    bindersAlone.set(over, (known = { bound: new Map([[over, 0]]), memo: new Map<Expr, string>() }));
  return known;
}

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
      const subscripts = mapped(e.at, f);
      return subscripts === e.at ? e : read(e.name, subscripts, e.type);
    }
    case "apply": {
      const args = mapped(e.args, f);
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
export const freeIndices = (e: Expr): readonly Index[] => e.free;

export const occursFree = (i: Index, e: Expr): boolean => e.free.includes(i);
