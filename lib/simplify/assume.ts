/** An expression where certain conditions are known to hold: it may be simpler there. */
import { apply, freeIndices, occursFree, rebuild, type Expr, type Index } from "../expr/node.ts";
import { rewriting } from "../expr/parts.ts";
import type { Algebra } from "./algebra.ts";
import { contradicts, implies, never } from "./condition.ts";
import { solveFor } from "./linear.ts";

/** What one round has put in may be decided in the next: y >= 3 decides [y < j] once j is known to be 2. */
const mostRounds = 4;

export function assume(e: Expr, conditions: readonly Expr[], s: Algebra): Expr {
  let current = e;
  for (let round = 0; round < mostRounds; round++) {
    const next = assumeOnce(current, conditions, s);
    if (next === current) break;
    current = next;
  }
  return current;
}

function assumeOnce(e: Expr, conditions: readonly Expr[], s: Algebra): Expr {
  const pinned = replacements(conditions, s);
  const go = rewriting((e, go) => {
    const decided = decide(e, conditions, s);
    if (decided) return go(decided);
    // Inside a reduction, conditions on an index of the same name are about another index.
    if (e.kind === "reduce" && conditions.some((c) => occursFree(e.over, c)))
      return assumeInside(
        e,
        conditions.filter((c) => !occursFree(e.over, c)),
        s,
      );
    return rebuild(e, go);
  });
  const decidedParts = go(e);
  const out = pinned.size > 0 ? s.substitute(decidedParts, pinned) : decidedParts;
  return out === e ? e : s.simplify(out);
}

const assumeInside = (e: Expr, conditions: readonly Expr[], s: Algebra): Expr =>
  conditions.length === 0 ? e : assume(e, conditions, s);

/** What the conditions say of the node itself. */
function decide(e: Expr, conditions: readonly Expr[], s: Algebra): Expr | undefined {
  const holds = (c: Expr): boolean => conditions.some((known) => implies(known, c, s));
  const fails = (c: Expr): boolean => conditions.some((known) => contradicts(known, c, s));
  if (e.kind === "where") {
    if (holds(e.guard)) return e.then;
    if (fails(e.guard)) return e.else;
    return undefined;
  }
  if (e.kind !== "apply") return undefined;
  switch (e.op) {
    case "iverson":
      if (holds(e.args[0]!)) return s.iverson(apply("eq", s.add([]), s.add([])));
      return fails(e.args[0]!) ? s.iverson(never) : undefined;
    case "abs":
      if (holds(s.simplify(apply("ge", e.args[0]!, s.add([]))))) return e.args[0]!;
      return holds(s.simplify(apply("le", e.args[0]!, s.add([]))))
        ? s.simplify(apply("neg", e.args[0]!))
        : undefined;
    case "max":
    case "min": {
      if (e.args.length !== 2) return undefined;
      const [a, b] = e.args as [Expr, Expr];
      if (holds(s.simplify(apply("ge", a, b)))) return e.op === "max" ? a : b;
      return holds(s.simplify(apply("le", a, b))) ? (e.op === "max" ? b : a) : undefined;
    }
    default:
      return undefined;
  }
}

/** Free indices that an equality fixes: under k = y[i], k is y[i]. An index is never fixed by one that it fixes itself. */
function replacements(conditions: readonly Expr[], s: Algebra): ReadonlyMap<Index, Expr> {
  const by = new Map<Index, Expr>();
  for (const c of conditions) {
    if (c.kind !== "apply" || c.op !== "eq" || c.args[0]!.type !== "int") continue;
    const form = s.substitute(c.args[0]!, by);
    const candidates = [...freeIndices(form)].toSorted((a, b) => (a.name < b.name ? 1 : -1));
    for (const i of candidates) {
      const value = solveFor(i, form, s);
      if (!value || occursFree(i, value) || [...by.values()].some((v) => occursFree(i, v))) continue;
      by.set(i, value);
      break;
    }
  }
  return by;
}
