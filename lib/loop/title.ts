/** What a value is called in the nest when the user gave it no name of its own. */
import type { Expr } from "../expr/node.ts";
import type { Op, Reduction } from "../expr/ops.ts";

// prettier-ignore
const reductions: Record<Reduction, string> = {
  sum: "sum", prod: "product", max: "largest", min: "smallest", logsumexp: "lse", argmax: "argmax", argmin: "argmin",
};

// prettier-ignore
const operations: Partial<Record<Op, string>> = {
  add: "total", sub: "difference", mul: "product", div: "ratio", pow: "power", max: "largest", relu: "largest", min: "smallest",
  abs: "distance", sqrt: "root", exp: "e", expsum: "e", exactsum: "difference", log: "logarithm",
};

/** A name for the value of an operation of which no more is known. */
export const called = (op: Op): string => (op === "add" ? "value" : (operations[op] ?? op));

/** A name for `e`, to be made unique; `row` is the name of the row index, which says nothing. */
export function title(e: Expr, row: string | undefined): string {
  switch (e.kind) {
    case "read":
      return readTitle(e.name, e.at, row);
    case "apply":
      if (e.op === "precise") return title(e.args[0]!, row);
      if (e.args.length === 1 && e.args[0]!.kind === "read" && e.op !== "neg")
        return `${e.op}_${title(e.args[0]!, row)}`;
      return operations[e.op] ?? (e.type === "bool" ? "holds" : e.op);
    case "where":
      if (e.then.kind === "num" && e.else.kind !== "where") return title(e.else, row);
      return e.else.kind === "num" && e.then.kind !== "where" ? title(e.then, row) : "chosen";
    case "reduce": {
      const counts = e.op === "sum" && e.body.type === "int";
      return counts ? "count" : reductions[e.op];
    }
    default:
      return "t";
  }
}

/** `score[i, y[i]]` as `score_y`, `X[i, d]` as `X_d`, `y[i]` as `y_i`. */
function readTitle(name: string, at: readonly Expr[], row: string | undefined): string {
  const shown = at.map((s) => subscriptTitle(s, row)).filter((s) => s !== "");
  const others = shown.filter((s) => s !== row);
  const stem = name.split("•")[0]!;
  return [stem, ...(others.length > 0 ? others : shown)].join("_");
}

function subscriptTitle(s: Expr, row: string | undefined): string {
  if (s.kind === "index") return s.index.name;
  if (s.kind === "num") return String(s.value);
  if (s.kind !== "read") return s.kind === "reduce" ? s.op : "";
  // y[i] shows as y; y[i, q] as y_q.
  const own = s.at.map((t) => (t.kind === "index" ? t.index.name : "")).filter((n) => n !== "" && n !== row);
  return [s.name, ...own].join("_");
}
