/** The parts of expressions. Parts are shared, so each is looked at once, and rewritten once. */
import { children, type Expr } from "./node.ts";

/** Every distinct expression in these, themselves included: each before its parts, in the order in which they are written. */
export function partsOf(...roots: readonly Expr[]): ReadonlySet<Expr> {
  const seen = new Set<Expr>();
  const visit = (e: Expr): void => {
    if (seen.has(e)) return;
    seen.add(e);
    children(e).forEach(visit);
  };
  roots.forEach(visit);
  return seen;
}

/** Whether `is` holds for the expression or any part of it. */
export function anywhere(root: Expr, is: (e: Expr) => boolean): boolean {
  const seen = new Set<Expr>();
  const visit = (e: Expr): boolean => {
    if (seen.has(e)) return false;
    seen.add(e);
    return is(e) || children(e).some(visit);
  };
  return visit(root);
}

/** A rewriting: `step` says what an expression becomes, and is handed the rewriting for what stands in it. */
export function rewriting(step: (e: Expr, go: (e: Expr) => Expr) => Expr): (e: Expr) => Expr {
  const memo = new Map<Expr, Expr>();
  const go = (e: Expr): Expr => {
    let out = memo.get(e);
    if (out === undefined) memo.set(e, (out = step(e, go)));
    return out;
  };
  return go;
}

/** A function of expressions that is asked once for each. */
export function once<T>(of: (e: Expr) => T): (e: Expr) => T {
  const memo = new Map<Expr, { readonly answer: T }>();
  return (e) => {
    let known = memo.get(e);
    if (known === undefined) memo.set(e, (known = { answer: of(e) }));
    return known.answer;
  };
}

const reductions = new WeakMap<Expr, boolean>();

/** Whether an expression is a reduction, or has one in it. */
export function holdsReduction(e: Expr): boolean {
  let holds = reductions.get(e);
  if (holds === undefined)
    reductions.set(e, (holds = e.kind === "reduce" || children(e).some(holdsReduction)));
  return holds;
}

const compound = new WeakMap<Expr, boolean>();

/** Whether something in an expression is read at a subscript that is made of others, such as i + 1. */
export function readsAtSums(e: Expr): boolean {
  let answer = compound.get(e);
  if (answer === undefined) {
    const own = e.kind === "read" && e.at.some((x) => x.kind === "apply");
    compound.set(e, (answer = own || children(e).some(readsAtSums)));
  }
  return answer;
}

const sizes = new WeakMap<Expr, number>();

/** How many nodes an expression has when it is written out, shared parts as often as they stand in it. */
export function writtenSize(e: Expr): number {
  let size = sizes.get(e);
  if (size === undefined) {
    size = 1;
    for (const child of children(e)) size += writtenSize(child);
    sizes.set(e, size);
  }
  return size;
}
