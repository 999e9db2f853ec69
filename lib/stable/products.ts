/**
 * Products of probabilities over an index, by the sum of their logs: what is left of 1 survives, and nothing underflows.
 *
 *   q = prod(k, sigmoid(f[k]))                         exp(log q), log q = -sum(k, softplus(-f[k]))
 *   sigmoid(f[m]) * prod(k != m, sigmoid(f[k]))        q
 *
 * log(q), log(1 - q) and q/(1 - q) are then for the rows of exponentials.
 */
import { claim } from "../diff/names.ts";
import { inline } from "../diff/stages.ts";
import { apply, at, read, rebuild, reduce, type Expr, type Node } from "../expr/node.ts";
import { anywhere, rewriting } from "../expr/parts.ts";
import type { Definition } from "../expr/program.ts";
import { substitute } from "../expr/substitute.ts";
import { quotientsMeet } from "./meeting.ts";
import { argument, isApply } from "./pattern.ts";
import type { Fired, Row } from "./row.ts";
import { factors, negative, product, without } from "./terms.ts";

// prettier-ignore
export const productsReason: Omit<Row, "rewrite"> = {
  name: "product of sigmoids", from: "prod(k, sigmoid(f[k]))", to: "exp(-sum(k, softplus(-f[k])))", holds: "everywhere",
  counterexample: { text: "log(1 - prod(k, sigmoid(v[k])))", at: { v: [40, 41, 42] } },
  always: "a trial has few terms, none of which is nearly 1",
};

/** The definitions with such products by exponentials, and what was made for them. */
export function inLogs(
  definitions: readonly Definition[],
  results: ReadonlySet<string>,
  taken: Set<string>,
  fired: Fired,
): readonly Definition[] {
  if (!definitions.some((d) => anywhere(d.body, isProduct))) return definitions;
  const products = new Map<string, Definition>();
  const byName = new Map(definitions.filter((d) => isProduct(d.body)).map((d) => [d.body, d] as const));
  return definitions.flatMap((d) => {
    const whole = together(inline(d.body, products), byName, products);
    if (!isProduct(d.body)) return [{ ...d, body: go(whole) }];
    const name = claim("logs", taken);
    const logs = sumOfLogs(d.body as Product);
    const body = apply("exp", read(name, d.indices.map(at)));
    products.set(d.name, { ...d, body });
    fired(productsReason.name, d.body, apply("exp", logs));
    const made = { ...d, name, body: logs };
    return results.has(d.name) ? [made, { ...d, body }] : [made];
  });

  function go(e: Expr): Expr {
    return rewriting((part, go) => {
      const inner = rebuild(part, go);
      if (isApply(inner, "log") && isApply(argument(inner), "exp"))
        return argument(argument(inner) as Node<"apply">);
      if (!isProduct(inner)) return inner;
      const made = apply("exp", sumOfLogs(inner as Product));
      fired(productsReason.name, inner, made);
      return made;
    })(e);
  }
}

type Product = Node<"reduce">;

/** A product over an index of a sigmoid at each place. */
const isProduct = (e: Expr): boolean => e.kind === "reduce" && e.op === "prod" && isApply(e.body, "sigmoid");

const sumOfLogs = ({ over, guard, body }: Product): Expr =>
  negative(reduce("sum", over, guard, apply("softplus", negative(argument(body as Node<"apply">)))));

/** Products over all but one place beside what is at that place, as the product over all; and what it divides. */
function together(
  e: Expr,
  known: ReadonlyMap<Expr, Definition>,
  products: ReadonlyMap<string, Definition>,
): Expr {
  return rewriting((part, go) => {
    const inner = rebuild(part, go);
    if (!isApply(inner, "mul")) return inner;
    for (const f of factors(inner)) {
      const whole = isProduct(f) ? overAll(f as Product) : undefined;
      const rest = whole && without(factors(inner), [f, whole.one]);
      if (!rest) continue;
      const named = known.get(whole!.all);
      const all = named ? inline(read(named.name, named.indices.map(at)), products) : whole!.all;
      const made = product([...rest, all]);
      return quotientsMeet(made) ?? made;
    }
    return inner;
  })(e);
}

/** The product over all of one over all but m, and what is at m. */
function overAll({ over, guard, body }: Product): { readonly all: Expr; readonly one: Expr } | undefined {
  if (guard?.kind !== "apply" || guard.op !== "ne") return undefined;
  const [a, b] = guard.args as [Expr, Expr];
  const [own, m] = a === at(over) ? [a, b] : [b, a];
  if (own !== at(over)) return undefined;
  return { all: reduce("prod", over, undefined, body), one: substitute(body, new Map([[over, m]])) };
}
