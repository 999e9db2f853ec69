/** What may be called: operations by the name that users write, and binders. */
import { aliases, comparisons } from "./syntax.ts";
import { ops, reductions, type Op, type Reduction } from "./ops.ts";

/** Operations written with signs or brackets, and those that only the engine makes: not called by name. */
const signs: ReadonlySet<Op> = new Set<Op>([
  ...(["add", "sub", "mul", "div", "neg", "pow", "iverson"] as const),
  ...comparisons,
  ...(["and", "or", "not"] as const),
  ...(["expsum", "exactsum", "roundoff", "mulroundoff", "precise", "quotient"] as const),
]);

/** The elementwise functions, by name: `exp(x)`, `max(a, b)`. */
export const functions: ReadonlyMap<string, Op> = new Map([
  ...(Object.keys(ops) as Op[]).filter((op) => !signs.has(op)).map((op) => [op, op] as const),
  ...Object.entries(aliases),
]);

export type Binder = Reduction | "mean" | "count";

/** What binds indices. `max` and `min` are elementwise functions as well. */
export const binders: ReadonlySet<string> = new Set<Binder>([...reductions, "mean", "count"]);

export const isBinder = (name: string): name is Binder => binders.has(name);

/** Everything that may stand before a parenthesis. */
export const callable: readonly string[] = [
  ...new Set([...binders, ...functions.keys(), "extent", "where"]),
].toSorted();

/** What people call elsewhere and write out here. A row holds an expression of the language. */
// prettier-ignore
export const writtenOut: Readonly<Record<string, string>> = {
  pow:         "x^2",
  square:      "x^2",
  norm:        "sqrt(sum(i, x[i]^2))",
  dot:         "sum(d, a[d] * b[d])",
  matmul:      "sum(d, X[i,d] * W[d,j])",
  einsum:      "sum(d, X[i,d] * W[d,j])",
  trace:       "sum(i, S[i,i])",
  var:         "mean(i, (x[i] - mean(j, x[j]))^2)",
  std:         "sqrt(mean(i, (x[i] - mean(j, x[j]))^2))",
  softmax:     "exp(s[j] - logsumexp(k, s[k]))",
  log_softmax: "s[j] - logsumexp(k, s[k])",
  cumsum:      "sum(k <= j, x[k])",
  clip:        "min(max(x, a), b)",
  clamp:       "min(max(x, a), b)",
  gelu:        "x * (1 + erf(x / sqrt(2))) / 2",
  silu:        "x * sigmoid(x)",
  swish:       "x * sigmoid(x)",
  leaky_relu:  "max(x, 0.01 * x)",
  elu:         "x > 0 ? x : expm1(x)",
  onehot:      "[j == y[i]]",
  one_hot:     "[j == y[i]]",
};

/**
 * The callable name nearest to `name`, when it is near enough to be meant. Of two that
 * are as near, a call with several arguments means a binder, one with a single argument a function.
 */
function nearest(name: string, count: number): string | undefined {
  if (name.length > 40) return undefined;
  const wanted = name.toLowerCase();
  const ranked = callable
    .map((c) => ({ c, d: distance(wanted, c) + (binders.has(c) === count > 1 ? 0 : 0.5) }))
    .toSorted((a, b) => a.d - b.d);
  const best = ranked[0];
  return best !== undefined && Math.floor(best.d) <= Math.max(1, Math.floor(name.length / 3))
    ? best.c
    : undefined;
}

/** What to write instead of a call of a name that is not callable. */
export function instead(name: string, count: number): string {
  if (Object.hasOwn(writtenOut, name)) return `write it out: ${writtenOut[name]}`;
  const near = nearest(name, count);
  return near === undefined ? `the functions are ${callable.join(" ")}` : `did you mean ${near}?`;
}

/** Levenshtein's distance: insertions, deletions and replacements. */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
