/**
 * Functions of a sum of indices.
 *
 * Σ_r X[p+u+r]·K[r] depends on p and u, but only on p + u: what it is at 3 + 0 it is at 2 + 1, too. As a function
 * of one index that runs over all values of p + u it is computed once for each, not once for each pair.
 */
import { apply, at, num, occursFree, rebuild, type Expr, type Index } from "../expr/node.ts";
import { fixedExtent, stridedExtent, windowExtent, type Extent, type Fit } from "../expr/extent.ts";
import { anywhere, rewriting } from "../expr/parts.ts";
import { fresh } from "../expr/substitute.ts";
import { coefficientOf } from "../simplify/linear.ts";
import { summands } from "../simplify/term.ts";

/** An expression as a function of fewer indices, and what these are of those that it was a function of. */
export interface Slid {
  readonly body: Expr;
  readonly at: ReadonlyMap<Index, Expr>;
}

/** An expression in normal form with one index for each sum of indices that it depends on alone, called like one of `own`. */
export function slid(body: Expr, own: readonly Index[]): Slid {
  let now: Slid = { body, at: new Map() };
  for (let next: Slid | undefined = now; next !== undefined; next = joined(now, own)) now = next;
  return now;
}

/** One index instead of two, where there are two such. */
function joined({ body, at: places }: Slid, own: readonly Index[]): Slid | undefined {
  for (const { i, j, times } of together(body)) {
    const others = body.free.filter((k) => k !== i && k !== j);
    const name = own.includes(j) ? j.name : i.name;
    const k = fresh(name, reach(i.extent, times, j.extent), new Set(others.map((o) => o.name)));
    const found = withSum(body, { i, j, times }, k);
    if (found === undefined) continue;
    const place = (of: Index): Expr => places.get(of) ?? at(of);
    const rest = [...places].filter(([of]) => of !== i && of !== j);
    const first = times === 1 ? place(i) : apply("mul", num(times), place(i));
    return { body: found, at: new Map([...rest, [k, apply("add", first, place(j))]]) };
  }
  return undefined;
}

/** times·i + j, which has every value from 0 to its largest. */
interface Sum {
  readonly i: Index;
  readonly j: Index;
  readonly times: number;
}

/** Sums of two free indices in the first subscript with such a sum in it. */
function together(e: Expr): readonly Sum[] {
  if (e.free.length < 2) return [];
  let sums: readonly Sum[] = [];
  anywhere(e, (part) => {
    if (part.kind !== "read") return false;
    sums = part.at.flatMap((subscript) => {
      if (subscript.kind !== "apply") return [];
      const free = e.free.filter((i) => subscript.free.includes(i));
      return free.flatMap((i) => free.flatMap((j) => (i === j ? [] : sumIn(subscript, i, j))));
    });
    return sums.length > 0;
  });
  return sums;
}

function sumIn(form: Expr, i: Index, j: Index): readonly Sum[] {
  const times = (coefficientOf(i, form) ?? 0) / (coefficientOf(j, form) ?? 0);
  const isWhole = times === 1 || (times > 1 && Number.isInteger(times) && hasAtLeast(j.extent, times));
  return isWhole ? [{ i, j, times }] : [];
}

const hasAtLeast = (extent: Extent, n: number): boolean => extent.kind === "fixed" && extent.value >= n;

/** `e` with k for times·i + j; undefined where i or j stands in it in any other way. */
function withSum(e: Expr, { i, j, times }: Sum, k: Index): Expr | undefined {
  if (anywhere(e, (part) => part.kind === "reduce" && [i, j, k].includes(part.over))) return undefined;
  const go = rewriting((part, go) => {
    if (!occursFree(i, part) && !occursFree(j, part)) return part;
    if (part.kind === "apply" && part.op === "add" && part.type === "int") {
      const [first, second] = [coefficientOf(i, part), coefficientOf(j, part)];
      if (second !== undefined && first === times * second) return exchanged(part, i, j, k);
    }
    return rebuild(part, go);
  });
  const out = go(e);
  return occursFree(i, out) || occursFree(j, out) ? undefined : out;
}

/** A linear form with the term of i left out, and k for j. */
function exchanged(form: Expr, i: Index, j: Index, k: Index): Expr {
  const kept = summands(form).filter((term) => !occursFree(i, term));
  const terms = kept.map((term) => rewriting((e, go) => (e === at(j) ? at(k) : rebuild(e, go)))(term));
  return terms.length === 1 ? terms[0]! : apply("add", ...terms);
}

/** How many values times·i + j has, for indices of these extents. */
function reach(of: Extent, times: number, by: Extent): Extent {
  if (of.kind === "fixed" && by.kind === "fixed") return fixedExtent(times * (of.value - 1) + by.value);
  if (times > 1 && by.kind === "fixed") return stridedExtent(of, times, by.value);
  if (of.kind === "window") return windowExtent(of.fits.map((fit) => further(fit, of, by)));
  const fit = { step: 1, offset: 0, others: [], inside: of, slack: 0 };
  return windowExtent([further(fit, of, by)]);
}

/** What a read allows the index of a window, when `by` need not stay inside beside it. */
function further(fit: Fit, of: Extent, by: Extent): Fit {
  const { step, others, offset, offsetSizes = [] } = fit;
  const n = others.findIndex((o) => o.step === step && o.extent === by);
  if (n >= 0) return { ...fit, others: others.toSpliced(n, 1) };
  // No value of the one, no value of the sum.
  const needed = [...others, { step: -1, extent: of }];
  return by.kind === "fixed"
    ? { ...fit, offset: offset - step * (by.value - 1), others: needed }
    : {
        ...fit,
        offset: offset + step,
        offsetSizes: [...offsetSizes, { times: -step, extent: by }],
        others: needed,
      };
}
