/**
 * The conditions under which values are needed: what stands in one branch only, however often,
 * is not computed where the branch is not taken.
 */
import { apply, children, type Expr } from "../expr/node.ts";
import { conjuncts } from "./affine.ts";

/** For each part of the bodies: the conditions that hold wherever it stands. A part that is missing may be needed always. */
export type Needs = ReadonlyMap<Expr, ReadonlySet<Expr>>;

export function needsOf(stages: readonly { readonly body: Expr }[]): Needs {
  const needs = new Map<Expr, ReadonlySet<Expr>>();
  const meet = (e: Expr, facts: ReadonlySet<Expr>): void => {
    const before = needs.get(e);
    if (before === undefined) needs.set(e, facts);
    else if (before !== facts && before.size > 0)
      needs.set(e, new Set([...before].filter((fact) => facts.has(fact))));
  };
  for (const { body } of stages) meet(body, new Set());
  for (const e of usersFirst(stages.map((s) => s.body)))
    for (const [part, own] of parts(e)) {
      const around = needs.get(e)!;
      meet(part, own.length === 0 ? around : new Set([...around, ...own]));
    }
  return needs;
}

/** All parts, each after everything that it is a part of. */
function usersFirst(bodies: readonly Expr[]): readonly Expr[] {
  const done = new Set<Expr>();
  const visit = (e: Expr): void => {
    if (done.has(e)) return;
    children(e).forEach(visit);
    done.add(e);
  };
  bodies.forEach(visit);
  return [...done].toReversed();
}

/** The direct parts of an expression, and what holds when one is looked at. */
function parts(e: Expr): readonly (readonly [Expr, readonly Expr[]])[] {
  switch (e.kind) {
    case "where":
      return [
        [e.guard, []],
        [e.then, [e.guard, ...conjuncts(e.guard)]],
        [e.else, [apply("not", e.guard)]],
      ];
    case "apply":
      if (e.op === "and") return e.args.map((a, n) => [a, e.args.slice(0, n)]);
      if (e.op === "or") return e.args.map((a, n) => [a, e.args.slice(0, n).map((b) => apply("not", b))]);
      return e.args.map((a) => [a, []]);
    case "reduce":
      return e.guard === undefined
        ? [[e.body, []]]
        : [
            [e.guard, []],
            [e.body, conjuncts(e.guard)],
          ];
    default:
      return children(e).map((child) => [child, []]);
  }
}
