/** Means, and sums times a scalar, that overflow only on the way. */
import {
  apply,
  children,
  freeIndices,
  num,
  rebuild,
  reduce,
  where,
  type Expr,
  type Index,
  type Node,
} from "../expr/node.ts";
import type { Definition } from "../expr/program.ts";
import { withBodies } from "../expr/bodies.ts";
import { anywhere, rewriting } from "../expr/parts.ts";
import { inline } from "../diff/stages.ts";
import { isApply, isNum, isReal, isFinite } from "./pattern.ts";
import type { Row } from "./row.ts";
import { factors, isLeaf, product, signedTerms } from "./terms.ts";

/** 2^-64 and its inverse: exact scales, so large that no sum of doubles overflows. */
const down = num(2 ** -64, "real");
const up = num(2 ** 64, "real");

/** Whether an expression is a count of terms: it has no real in it and is not 0 in a point of use. */
const isCount = (e: Expr): boolean => e.type === "int" && children(e).every(isCount) && e.kind !== "read";

type Sum = Node<"reduce">;

const isRealSum = (e: Expr): e is Sum => e.kind === "reduce" && e.op === "sum" && isReal(e);

/** A sum that is itself a term of two sums: compensated on its own, so that both can have it. */
const rowSum = (e: Expr): Expr =>
  e.kind === "reduce" && e.op === "sum" && isReal(e) && !isApply(e.body, "precise")
    ? reduce("sum", e.over, e.guard, apply("precise", rowSum(e.body)))
    : e;

/** So many terms lose no more than the sum of a window may. */
const few = 9;

/** How many terms a sum has at most, where its text says so: a range of numbers, or what reaches one place of a window. */
function mostTerms(e: Expr): number {
  if (e.kind !== "reduce" || e.op !== "sum") return 1;
  const { extent } = e.over;
  const most = extent.kind === "fixed" ? extent.value : mostPlaces(e.over, e.guard);
  return most * mostTerms(e.body);
}

/** How many values of an index s·p + a ≤ i and i ≤ s·p + b leave: (b - a)/s and one more, at most. */
function mostPlaces(over: Index, guard: Expr | undefined): number {
  if (guard === undefined || !isApply(guard, "and") || guard.args.length !== 2) return Infinity;
  const [low, high] = guard.args.map((c) => (isApply(c, "ge") || isApply(c, "le") ? c : undefined));
  if (low === undefined || high === undefined) return Infinity;
  const sides = [low, high].map((c) => (c.op === "ge" ? c.args : c.args.toReversed()) as [Expr, Expr]);
  const [[i, a], [b, other]] = sides as [[Expr, Expr], [Expr, Expr]];
  if (i !== other || i.kind !== "index" || i.index === over) return Infinity;
  const [from, to] = [positionOf(a, over), positionOf(b, over)];
  if (from === undefined || to === undefined || from.stride !== to.stride) return Infinity;
  return Math.floor((to.shift - from.shift) / from.stride) + 1;
}

/** s·p + a of an index p, with numbers s > 0 and a. */
function positionOf(e: Expr, over: Index): { readonly stride: number; readonly shift: number } | undefined {
  let [stride, shift] = [0, 0];
  for (const { sign, of } of signedTerms(e)) {
    const scale = isApply(of, "mul") && of.args.length === 2 ? of.args[0]! : undefined;
    const place = scale && isApply(of, "mul") ? of.args[1]! : of;
    if (of.kind === "num") shift += sign * of.value;
    else if (place.kind !== "index" || place.index !== over) return undefined;
    else if (scale === undefined) stride += sign;
    else if (scale.kind === "num") stride += sign * scale.value;
    else return undefined;
  }
  return stride > 0 ? { stride, shift } : undefined;
}

/** The terms of a sum with a scale. */
const scaledTerms = (scale: Expr, e: Expr): Expr =>
  e.kind === "reduce" && e.op === "sum"
    ? reduce("sum", e.over, e.guard, scaledTerms(scale, e.body))
    : apply("mul", scale, e);

/** A mean of a few terms: each is divided by a power of two first, exactly, so that their sum does not overflow. */
function shortMean(sum: Expr, count: Expr): Expr | undefined {
  const most = mostTerms(sum);
  if (count.kind !== "num" || count.value < most || most > few) return undefined;
  const scale = 2 ** -Math.ceil(Math.log2(count.value));
  const scaled = scaledTerms(num(scale, "real"), sum);
  return count.value * scale === 1 ? scaled : apply("div", scaled, num(count.value * scale, "real"));
}

/** The definitions with sums that others are means of put into those: what is made of them is named again afterwards. */
export function inMeans(definitions: readonly Definition[]): readonly Definition[] {
  const sums = new Map(definitions.filter((d) => isRealSum(d.body)).map((d) => [d.name, d]));
  if (sums.size === 0) return definitions;
  const rewrite = rewriting((e, go) => {
    if (!isApply(e, "div") || !isCount(e.args[1]!)) return rebuild(e, go);
    const above = factors(e.args[0]!);
    if (above.filter((f) => f.kind === "read" && sums.has(f.name)).length !== 1) return rebuild(e, go);
    return apply("div", product(above.map((f) => (f.kind === "read" ? inline(f, sums) : go(f)))), e.args[1]!);
  });
  return withBodies(definitions, rewrite);
}

function mean(e: Expr): Expr | undefined {
  const found = meanIn(e);
  if (!found || found.scale.length > 0) return undefined;
  const { sum, count } = found;
  const short = shortMean(sum, count);
  if (short !== undefined) return short;
  if (isApply(sum.body, "precise")) return undefined;
  return compensated(sum, count, []);
}

/** A mean of c·x as c·(mean of x). */
function scaledMean(e: Expr): Expr | undefined {
  const found = meanIn(e);
  if (!found || found.scale.length === 0) return undefined;
  const { scale, sum, count } = found;
  const isPlain = scale.every((c) => freeIndices(c).length === 0 && !anywhere(c, (e) => e.kind === "reduce"));
  const isLong = shortMean(sum, count) === undefined && !isApply(sum.body, "precise");
  return isPlain && isLong ? compensated(sum, count, scale) : undefined;
}

/** c·Σ/n, n a number of terms: the factors c, the sum and n. */
function meanIn(e: Expr) {
  if (!isApply(e, "div") || !isCount(e.args[1]!)) return undefined;
  const all = factors(e.args[0]!);
  const sums = all.filter(isRealSum);
  const [sum] = sums;
  return sum && sums.length === 1
    ? { scale: all.filter((f) => f !== sum), sum, count: e.args[1]! }
    : undefined;
}

/** Whether a sum is an element of a product of matrices: tiles of those add up some terms each, as pairwise sums do. */
function isMatrixProduct({ over, body }: Sum): boolean {
  const arrays = factors(body).map((f) => (f.kind === "read" ? freeIndices(f) : []));
  const hasOwn = (own: readonly Index[], other: readonly Index[]): boolean =>
    own.includes(over) && own.some((i) => !other.includes(i));
  return arrays.some((a) => arrays.some((b) => hasOwn(a, b) && hasOwn(b, a)));
}

/** c·Σ/n by a sum whose roundings are made good, unless it is one of a product of matrices; where that overflows, by that of c·x/2^64. */
function compensated(sum: Sum, count: Expr, scale: readonly Expr[]): Expr {
  const term = rowSum(sum.body);
  const precise = isMatrixProduct(sum) ? sum : reduce("sum", sum.over, sum.guard, apply("precise", term));
  const scaled = reduce("sum", sum.over, sum.guard, product([...scale, apply("mul", down, term)]));
  return where(
    isFinite(precise),
    product([...scale, apply("div", precise, count)]),
    apply("mul", scaled, apply("div", up, count)),
  );
}

/** A scalar times a sum over inputs: reg·Σ w². */
function scaledSum(e: Expr): Expr | undefined {
  if (!isApply(e, "mul")) return undefined;
  const sums = e.args.filter((f) => f.kind === "reduce" && f.op === "sum" && isReal(f));
  const [sum] = sums;
  if (sums.length !== 1 || sum?.kind !== "reduce" || freeIndices(e).length > 0) return undefined;
  const scale = e.args.filter((f) => f !== sum);
  if (!scale.every(isLeaf)) return undefined;
  const inside = (body: Expr): Expr => {
    if (body.kind === "reduce" && body.op === "sum")
      return reduce("sum", body.over, body.guard, inside(body.body));
    if (isApply(body, "pow") && isNum(body.args[1]!, 2))
      return apply("mul", ...scale, body.args[0]!, body.args[0]!);
    return apply("mul", ...scale, ...factors(body));
  };
  return where(isFinite(sum), e, inside(sum));
}

/** c·x/n with a number c > 1 as x·(c/n). */
function ratioFirst(e: Expr): Expr | undefined {
  if (!isApply(e, "div") || !isApply(e.args[0]!, "mul")) return undefined;
  const [c, ...rest] = e.args[0].args as [Expr, ...Expr[]];
  if (c.kind !== "num" || Math.abs(c.value) <= 1 || e.args[1]!.kind !== "size") return undefined;
  return apply("mul", product(rest), apply("div", c, e.args[1]!));
}

// prettier-ignore
export const meanRows: readonly Row[] = [
  { name: "mean", from: "sum(i, x[i]) / n", to: "compensated; where the sum overflows, of x[i]/2^64", holds: "everywhere",
    counterexample: { text: "mean(i, x[i])", at: { x: [1.5e308, 1.5e308, -1.5e308] } },
    always: "a trial has few terms",
    has: "div",
    rewrite: mean },
  { name: "mean times a scalar", from: "a * sum(i, x[i]) / n", to: "a * (sum(i, x[i]) / n), compensated; where the sum overflows, of a*x[i]/2^64", holds: "everywhere",
    counterexample: { text: "a * sum(i, x[i]) / extent(x, 0)", at: { a: 0.5, x: [1.5e308, 1.5e308, -1.5e308] } },
    always: "a trial has few terms",
    whole: true,
    has: "div",
    rewrite: scaledMean },
  { name: "scaled sum", from: "a * sum(d, w[d]^2)", to: "sum(d, a * w[d] * w[d]) where the sum overflows", holds: "everywhere",
    counterexample: { text: "a * sum(d, w[d]^2)", at: { a: 0, w: [1e200] } },
    always: "a trial has few terms",
    has: "mul",
    rewrite: scaledSum },
  { name: "scale before product", from: "2 * x / n", to: "x * (2 / n)", holds: "everywhere",
    counterexample: { text: "2 * x / extent(v, 0) + 0 * v[0]", at: { x: 1.5e308, v: [0, 0, 0, 0] } },
    has: "div",
    rewrite: ratioFirst },
];
