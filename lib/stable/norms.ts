/**
 * Sums of squares that only their root is asked of, as the root: a norm may be an ordinary number where its
 * square is 0 or infinite, and what is told from 0 is.
 */
import { claim } from "../diff/names.ts";
import { apply, num, read, rebuild, type Expr } from "../expr/node.ts";
import { anywhere, rewriting } from "../expr/parts.ts";
import type { Definition } from "../expr/program.ts";

/** The definitions with such sums as norms; `results` stay what they are. */
export function inNorms(
  definitions: readonly Definition[],
  results: ReadonlySet<string>,
  taken: Set<string>,
): readonly Definition[] {
  let all = definitions;
  for (const d of definitions) {
    if (results.has(d.name) || !isSumOfSquares(d.body)) continue;
    const name = claim("norm", taken);
    const others = all.map((other) => ({ ...other, body: withRoot(other.body, d.name, name) }));
    if (others.some(({ body }) => anywhere(body, (e) => e.kind === "read" && e.name === d.name))) continue;
    all = others.map((other) =>
      other.name === d.name ? { ...d, name, body: apply("sqrt", d.body) } : other,
    );
  }
  return all;
}

function isSumOfSquares(e: Expr): boolean {
  if (e.kind === "reduce") return e.op === "sum" && e.guard === undefined && isSumOfSquares(e.body);
  return e.kind === "apply" && e.op === "pow" && e.args[1] === num(2);
}

/** The roots of reads of `name` as reads of `root`; so are the reads that are compared with 0. */
const withRoot = (e: Expr, name: string, root: string): Expr =>
  rewriting((part, go) => {
    if (part.kind !== "apply") return rebuild(part, go);
    const [x, y] = part.args;
    const rooted = x?.kind === "read" && x.name === name ? read(root, x.at) : undefined;
    if (rooted && part.op === "sqrt") return rooted;
    const isTold = part.op === "ne" || part.op === "eq" || part.op === "gt";
    return rooted && isTold && y === num(0) ? apply(part.op, rooted, y) : rebuild(part, go);
  })(e);
