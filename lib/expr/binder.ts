/**
 * Binders as written: `sum(index, …, guard?, body)`.
 *
 * Bare names are indices, the last argument is the body, everything else is a
 * guard. A guard may name its index by itself: in `sum(j != y[i], …)`
 * and `max(0 <= r < 3, …)` it is the first bare name. A further guard brings an index
 * of its own, as in `max(r < 2, s < 2, X[r,s])`, when the body subscripts with it.
 */
import { UserError } from "../errors.ts";
import type { Binder } from "./functions.ts";
import type { Syntax } from "./syntax.ts";

type Name = Extract<Syntax, { kind: "name" }>;

export interface BinderSyntax {
  readonly indices: readonly Name[];
  readonly guards: readonly Syntax[];
  /** Undefined in `count(j != y[i])`: what is counted is the guard itself. */
  readonly body: Syntax | undefined;
}

/** What a bare name means where the binder stands. */
export interface Scope {
  isIndex(name: string): boolean;
  isDefined(name: string): boolean;
}

type Call = Extract<Syntax, { kind: "call" }>;

/** Whether `max(…)` or `min(…)` reduces over an index, rather than comparing its arguments. */
export function reducesOverIndex(call: Call, scope: Scope): boolean {
  const [first, ...later] = call.args;
  if (first === undefined || later.length === 0) return false;
  if (isCondition(first)) return true;
  if (first.kind !== "name" || scope.isDefined(first.name)) return false;
  const { name } = first;
  // An index that is in scope already is compared as a value, unless it is used as if it were bound here.
  return later.some((a) => inSubscript(name, a)) || (!scope.isIndex(name) && later.some(isCondition));
}

/** Reads the arguments of a binder. Throws when they name no index or no body. */
export function readBinder(op: Binder, call: Call, scope: Scope): BinderSyntax {
  const { args } = call;
  const counted = op === "count" && args.every((a) => boundedByNumber(a) !== undefined);
  const body = op === "count" && (args.length === 1 || counted) ? undefined : args.at(-1);
  const before = body === undefined ? args : args.slice(0, -1);
  if (before.length === 0)
    throw new UserError(`${op} needs an index and what it runs over`, {
      place: call.place,
      fix: `${op}(j, …) or ${op}(j != k, …)`,
    });

  const indices: Name[] = [];
  const guards: Syntax[] = [];
  for (const a of before) {
    // A defined name is a condition such as `hit`, not an index.
    const isIndex = a.kind === "name" && !scope.isDefined(a.name);
    const own = new Set(indices.map((n) => n.name));
    // Where every guard so far has brought an index, as in sum(r < 3, s < 3, …), one with a range does too.
    const implied = guards.length > 0 && guards.length === indices.length;
    const name = isIndex ? a : impliedIndex(a, { body, own, implied }, scope);
    if (name) indices.push(name);
    if (!isIndex) guards.push(a);
  }
  if (indices.length === 0) throw noIndex(op, call, guards, scope);
  return { indices, guards, body };
}

function noIndex(op: Binder, call: Call, guards: readonly Syntax[], scope: Scope): UserError {
  const [first] = guards;
  if (first?.kind === "name")
    return new UserError(`${first.name} is a definition, and ${op} names no index`, {
      place: first.place ?? call.place,
      fix: `${op}(j, …), where j is not defined`,
    });
  const bound = guards.flatMap((g) => operands(g)).find((o) => o.kind === "name" && scope.isIndex(o.name));
  if (bound?.kind === "name")
    return new UserError(`${bound.name} is bound already, and ${op} names no other index`, {
      place: bound.place ?? call.place,
      fix: `give ${op} an index of its own`,
    });
  return new UserError(`${op} names no index`, {
    place: guards[0]?.place ?? call.place,
    fix: `${op}(j, …, body), with the index first`,
  });
}

/** What is known of a binder where one of its guards stands. */
interface Before {
  readonly body: Syntax | undefined;
  /** The indices that it has already. */
  readonly own: ReadonlySet<string>;
  /** Whether each of them came with a guard. */
  readonly implied: boolean;
}

/**
 * The index that a guard brings with it. Without any other index it is the first bare name;
 * else, or after an index from outside, only a name that can be nothing but an index will do.
 */
function impliedIndex(guard: Syntax, { body, own, implied }: Before, scope: Scope): Name | undefined {
  const names = operands(guard).filter((o): o is Name => o.kind === "name");
  const name = names.find((o) => !scope.isIndex(o.name));
  if (name === undefined || own.has(name.name) || scope.isDefined(name.name)) return undefined;
  const certain =
    looksLikeIndex(name.name) &&
    ((body !== undefined && inSubscript(name.name, body)) ||
      (implied && boundedByNumber(guard) === name.name));
  return certain || (own.size === 0 && name === names[0]) ? name : undefined;
}

/**
 * Whether a name that nothing binds was meant as an index when it is used as one: single
 * lower-case letters are, but for those in use for labels and targets.
 */
export const looksLikeIndex = (name: string): boolean => /^[a-z]$/u.test(name) && !"ytcl".includes(name);

/** The operands of the comparisons in a guard, from left to right. */
function operands(guard: Syntax): readonly Syntax[] {
  switch (guard.kind) {
    case "compare":
      return [guard.first, ...guard.rest.map((r) => r.right)];
    case "logic":
      return [...operands(guard.left), ...operands(guard.right)];
    case "not":
      return operands(guard.of);
    default:
      return [];
  }
}

/** The name in `r < 3`, and in `0 <= r < 3`: a range that is written out. */
function boundedByNumber(guard: Syntax): string | undefined {
  if (guard.kind !== "compare") return undefined;
  const sides = [guard.first, ...guard.rest.map((r) => r.right)];
  const [name, bound] = sides.slice(-2);
  const upwards = guard.rest.every(({ op }) => op === "lt" || op === "le");
  const whole = [...sides.slice(0, -2), bound!].every((side) => side.kind === "number" && side.integer);
  return name!.kind === "name" && upwards && whole && sides.length <= 3 ? name!.name : undefined;
}

const isCondition = (s: Syntax): boolean => s.kind === "compare" || s.kind === "logic" || s.kind === "not";

/** Whether `name` stands anywhere inside a subscript in `s`. */
function inSubscript(name: string, s: Syntax): boolean {
  return s.kind === "subscript"
    ? s.at.some((a) => occurs(name, a))
    : parts(s).some((part) => inSubscript(name, part));
}

function occurs(name: string, s: Syntax): boolean {
  return (s.kind === "name" && s.name === name) || parts(s).some((part) => occurs(name, part));
}

/** The direct parts of a piece of syntax, in the order they are written. */
export function parts(s: Syntax): readonly Syntax[] {
  switch (s.kind) {
    case "number":
    case "name":
      return [];
    case "subscript":
      return s.at;
    case "call":
      return s.args;
    case "infix":
    case "logic":
      return [s.left, s.right];
    case "negate":
    case "not":
    case "iverson":
      return [s.of];
    case "compare":
      return [s.first, ...s.rest.map((r) => r.right)];
    case "where":
      return [s.guard, s.then, s.else];
  }
}
