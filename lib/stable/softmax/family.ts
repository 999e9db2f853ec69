/** A log-sum-exp with the definitions that are shared by all that is made of it. */
import {
  children,
  num,
  rebuild,
  reduce,
  size,
  where,
  type Expr,
  type Index,
  type Node,
} from "../../expr/node.ts";
import { rewriting } from "../../expr/parts.ts";
import { substitute } from "../../expr/substitute.ts";

export type LogSumExp = Node<"reduce">;

export const isLogSumExp = (e: Expr): e is LogSumExp => e.kind === "reduce" && e.op === "logsumexp";

/** The shared definitions of one log-sum-exp. */
export interface Family {
  readonly lse: LogSumExp;
  readonly indices: readonly Index[];
  readonly top: string;
  readonly e: string;
  readonly total: string;
}

/** A log-sum-exp as one of a family, its indices standing for `at`. */
export interface Member {
  readonly family: Family;
  readonly at: readonly Expr[];
  readonly lse: LogSumExp;
}

/** The condition under which a value of the index is one that a log-sum-exp ranges over. */
export const guardAt = ({ lse: { over, guard } }: Member, x: Expr): Expr | undefined =>
  guard && substitute(guard, new Map([[over, x]]));

/** Whether a condition holds whatever its values are: i >= i. */
export const isAlways = (p: Expr): boolean =>
  p.kind === "apply" &&
  ["ge", "le", "eq"].includes(p.op) &&
  p.args[0] === p.args[1] &&
  p.args[0]!.type === "int";

/** f[x], conditions that hold whatever the values are decided. */
export const termAt = ({ lse: { over, body } }: Pick<Member, "lse">, x: Expr): Expr =>
  rewriting((e, go) => (e.kind === "where" && isAlways(go(e.guard)) ? go(e.then) : rebuild(e, go)))(
    substitute(body, new Map([[over, x]])),
  );

/** `value` where x is one of the terms that the log-sum-exp ranges over. */
export function whereMember(m: Member, x: Expr, value: Expr, otherwise: Expr): Expr {
  const guard = guardAt(m, x);
  return guard === undefined || isAlways(guard) ? value : where(guard, value, otherwise);
}

/** How many terms a log-sum-exp has. */
export const countOf = ({ lse: { over, guard } }: Pick<Member, "lse">): Expr =>
  guard === undefined ? size(over.extent) : reduce("sum", over, guard, num(1));

/** The first position of the greatest term. */
export const bestOf = ({ lse: { over, guard, body } }: Member): Expr => reduce("argmax", over, guard, body);

/** Whether the terms are sums and products of reads at indices, numbers or labels, by conditions on such. */
export function isPlain(e: Expr): boolean {
  if (e.kind === "read")
    return e.at.every((s) => s.kind === "index" || s.kind === "num" || (s.kind === "read" && isPlain(s)));
  if (e.kind === "reduce") return false;
  return (e.kind !== "apply" && e.kind !== "where") || children(e).every(isPlain);
}
