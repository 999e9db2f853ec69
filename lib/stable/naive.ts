/** The closed form as one would type it in: log-sum-exp unshifted, sigmoid and softplus by their formulas. */
import type { Derivation } from "../diff/derivation.ts";
import { apply, num, rebuild, reduce, type Expr } from "../expr/node.ts";
import { rewriting } from "../expr/parts.ts";

export function naive(derivation: Derivation): Derivation {
  const go = rewriting((e, go) => plain(rebuild(e, go)));
  return { ...derivation, definitions: derivation.definitions.map((d) => ({ ...d, body: go(d.body) })) };
}

function plain(e: Expr): Expr {
  if (e.kind === "reduce" && e.op === "logsumexp")
    return apply("log", reduce("sum", e.over, e.guard, apply("exp", e.body)));
  if (e.kind !== "apply") return e;
  const [x] = e.args as [Expr];
  if (e.op === "softplus") return apply("log", apply("add", num(1), apply("exp", x)));
  if (e.op === "sigmoid") return apply("div", num(1), apply("add", num(1), apply("exp", apply("neg", x))));
  return e;
}
