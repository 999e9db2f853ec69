/** Sums in an expression compensated. */
import { apply, rebuild, reduce, type Expr } from "../../expr/node.ts";

/** Sums in it compensated. */
export function precisely(e: Expr): Expr {
  if (e.kind !== "reduce") return rebuild(e, precisely);
  const done = e.op !== "sum" || e.type !== "real" || (e.body.kind === "apply" && e.body.op === "precise");
  return done ? e : reduce("sum", e.over, e.guard, apply("precise", e.body));
}
