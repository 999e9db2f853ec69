/**
 * Contractions: sums whose terms meet in other elements, too, so that the sum is worth a stage.
 *
 * A sum over an index that several factors share, of which one has an index that another has not: Σ_d X[i,d]·W[d,j];
 * or a sum over a window, in which neighbours share terms: Σ_r X[p+r], also where that is written out: x[i+1] - 2·x[i] + x[i-1].
 */
import { freeIndices, occursFree, type Expr, type Index } from "../expr/node.ts";
import { namesRead } from "../expr/names-read.ts";
import { anywhere } from "../expr/parts.ts";
import { factorsOf, summands } from "../simplify/term.ts";

/** Whether a sum itself is a contraction, over its own index or one of the sums right inside of it. */
export function contracts(e: Expr): boolean {
  const own: Index[] = [];
  let body = e;
  for (; body.kind === "reduce" && body.op === "sum"; body = body.body) own.push(body.over);
  if (own.length === 0) return isStencil(e);
  const terms = summands(body);
  return own.some((over) => terms.some((t) => pairs(over, t))) || isOverWindow(e, body, own);
}

/** Whether a factor that an index runs over has an index that another such factor has not. */
function pairs(over: Index, term: Expr): boolean {
  const shared = factorsOf(term).filter((f) => !isGuard(f) && occursFree(over, f) && readsReal(f));
  return shared.some((f) => shared.some((g) => f !== g && freeIndices(f).some((i) => !occursFree(i, g))));
}

/** So many neighbours, each with a number for a factor, are a window that is written out. */
const leastNeighbours = 3;

/** Whether a sum has such terms, and no index but theirs. */
function isStencil(e: Expr): boolean {
  if (e.kind !== "apply" || e.op !== "add" || e.type !== "real" || e.args.length < leastNeighbours)
    return false;
  const counts = new Map<string, number>();
  for (const term of e.args) {
    const [read, ...more] = factorsOf(term).filter((f) => f.free.length > 0 || namesRead(f).size > 0);
    if (read?.kind !== "read" || more.length > 0 || read.free.length < e.free.length) continue;
    const isNear = read.at.every((s) => s.free.length < 2 && s.type === "int" && namesRead(s).size === 0);
    if (isNear) counts.set(read.name, (counts.get(read.name) ?? 0) + 1);
  }
  return [...counts.values()].some((n) => n >= leastNeighbours);
}

/** Whether something is read at a place that moves with an index of the sum's own and with one from outside. */
function isOverWindow(sum: Expr, body: Expr, own: readonly Index[]): boolean {
  const moves = ({ free, type }: Expr): boolean =>
    type === "int" &&
    free.length > 1 &&
    free.some((i) => own.includes(i)) &&
    free.some((i) => occursFree(i, sum));
  return anywhere(body, (r) => r.kind === "read" && r.at.some(moves));
}

const isGuard = (f: Expr): boolean => f.kind === "apply" && f.op === "iverson";
const readsReal = (f: Expr): boolean => anywhere(f, (e) => e.kind === "read" && e.type === "real");

/** Whether e is such a sum with terms added that are not sums: Σ_d X[i,d]·W[d,k] + b[k]. */
export function contractsAndAdds(e: Expr): boolean {
  if (e.kind !== "apply" || e.op !== "add") return false;
  const [sum, ...more] = e.args.filter((t) => anywhere(t, (part) => part.kind === "reduce"));
  return (
    sum !== undefined && more.length === 0 && contracts(sum) && e.free.every((i) => sum.free.includes(i))
  );
}
