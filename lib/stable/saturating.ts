/**
 * Sigmoids and their like that are definitions of their own, put into the sums and logs that read them.
 *
 * p[i] = sigmoid(z[i]) as it is stored has lost what p - t and log(p + c) are made of where p is nearly 1.
 */
import { instance } from "../expr/substitute.ts";
import { rebuild, type Expr } from "../expr/node.ts";
import type { Op } from "../expr/ops.ts";
import { anywhere, rewriting, writtenSize } from "../expr/parts.ts";
import type { Definition } from "../expr/program.ts";
import { operationsIn } from "./operations.ts";
import { isApply, argument } from "./pattern.ts";
import { isSum } from "./terms.ts";

/** Functions that go to a value from which sums take it away. */
const saturating: ReadonlySet<Op> = new Set(["sigmoid", "tanh", "softplus"]);

/** More nodes than this are not written again. */
const most = 40;

/** A sum, the log of one, or a product and its quotients, with the definitions that saturate put in; undefined where there are none in it. */
export type Saturated = (e: Expr) => Expr | undefined;

/** What definitions that are made of nothing but elements of their inputs, saturating functions among them, stand for. */
export function saturatedIn(definitions: readonly Definition[]): Saturated {
  const known = new Map<string, Definition>();
  const put = rewriting((e, go) => {
    const inner = e.kind === "reduce" ? e : rebuild(e, go);
    const definition = inner.kind === "read" ? known.get(inner.name) : undefined;
    return definition && inner.kind === "read" ? instance(definition, inner.at) : inner;
  });
  for (const d of definitions) {
    const body = put(d.body);
    if ((saturates(body) || isApply(body, "exp")) && writtenSize(body) <= most)
      known.set(d.name, { ...d, body });
  }
  return (e) => {
    if (known.size === 0 || !isRead(e)) return undefined;
    const meant = put(e);
    return meant === e ? undefined : meant;
  };
}

/** Sums, logs, and quotients of products, also in products. */
function isRead(e: Expr): boolean {
  if (isApply(e, "mul")) return operationsIn(e).has("div");
  if (!isApply(e, "log") && !isApply(e, "div")) return isSum(e);
  const of = argument(e);
  return isApply(e, "div")
    ? isApply(of, "mul") || isApply(of, "sigmoid")
    : of.kind === "read" || of.kind === "where" || isSum(of);
}

const saturates = (e: Expr): boolean =>
  e.type === "real" &&
  anywhere(e, (part) => part.kind === "apply" && saturating.has(part.op)) &&
  !anywhere(e, (part) => part.kind === "reduce");
