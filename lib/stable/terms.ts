/** Sums and products taken apart and put together: a closed form has `a - b`, `-a` and `a + b` in any nesting. */
import { apply, num, where, type Expr, type Node } from "../expr/node.ts";

/** A summand without its sign. */
export interface Signed {
  readonly sign: 1 | -1;
  readonly of: Expr;
}

const other = (sign: 1 | -1): 1 | -1 => (sign === 1 ? -1 : 1);

const known = new WeakMap<Expr, readonly Signed[]>();

/** The summands of an expression; the expression itself when it is no sum. */
export function signedTerms(e: Expr, sign: 1 | -1 = 1): readonly Signed[] {
  let terms = known.get(e);
  if (terms === undefined) {
    const found: Signed[] = [];
    collect(e, 1, found);
    known.set(e, (terms = found));
  }
  return sign === 1 ? terms : terms.map((t) => ({ sign: other(t.sign), of: t.of }));
}

function collect(e: Expr, sign: 1 | -1, into: Signed[]): void {
  if (e.kind === "num" && e.value < 0) into.push({ sign: other(sign), of: num(-e.value, e.type) });
  else if (e.kind !== "apply") into.push({ sign, of: e });
  else if (e.op === "add") for (const a of e.args) collect(a, sign, into);
  else if (e.op === "sub") {
    collect(e.args[0]!, sign, into);
    collect(e.args[1]!, other(sign), into);
  } else if (e.op === "neg") collect(e.args[0]!, other(sign), into);
  else into.push(signOfProduct(e, sign));
}

/** A product whose first factor is negative, without that sign; all else as it is. */
function signOfProduct(e: Node<"apply">, sign: 1 | -1): Signed {
  if (e.op !== "mul") return { sign, of: e };
  const [first, ...rest] = e.args as [Expr, ...Expr[]];
  const inner = signedTerms(first);
  if (inner.length !== 1 || inner[0]!.sign === 1) return { sign, of: e };
  return { sign: other(sign), of: product([inner[0]!.of, ...rest]) };
}

export const isSum = (e: Expr): boolean =>
  e.kind === "apply" && (e.op === "add" || e.op === "sub" || (e.op === "neg" && isSum(e.args[0]!)));

export const signed = ({ sign, of }: Signed): Expr => (sign === 1 ? of : negative(of));

export const negative = (e: Expr): Expr => {
  if (e.kind === "num") return num(-e.value, e.type);
  return e.kind === "apply" && e.op === "neg" ? e.args[0]! : apply("neg", e);
};

/** The sum of terms; a positive one first, where there is one, so that it reads `a - b`. */
export function sumOf(terms: readonly Signed[]): Expr {
  const [first, ...rest] = [...terms.filter((t) => t.sign === 1), ...terms.filter((t) => t.sign === -1)];
  if (first === undefined) return num(0);
  return rest.reduce((sum, { sign, of }) => apply(sign === 1 ? "add" : "sub", sum, of), signed(first));
}

/** The factors of a product without numeric ones of value 1. */
export const factors = (e: Expr): readonly Expr[] => (e.kind === "apply" && e.op === "mul" ? e.args : [e]);

export function product(of: readonly Expr[]): Expr {
  const rest = of.filter((f) => !(f.kind === "num" && f.value === 1));
  if (rest.length === 0) return num(1);
  return rest.length === 1 ? rest[0]! : apply("mul", ...rest);
}

/** `all` without each of `some`, which have this sign in it, once; undefined when one of them is not there. */
export function withoutTerms(
  all: readonly Signed[],
  some: readonly Signed[],
  sign: number,
): readonly Signed[] | undefined {
  const left = [...all];
  for (const s of some) {
    const n = left.findIndex((t) => t.of === s.of && t.sign === s.sign * sign);
    if (n < 0) return undefined;
    left.splice(n, 1);
  }
  return left;
}

/** `all` without each of `some`, once; undefined when one of them is not there. */
export function without(all: readonly Expr[], some: readonly Expr[]): readonly Expr[] | undefined {
  const left = [...all];
  for (const s of some) {
    const n = left.indexOf(s);
    if (n < 0) return undefined;
    left.splice(n, 1);
  }
  return left;
}

/** A value that is there without rounding: an input or stage as it is stored, or a number. */
export const isLeaf = (e: Expr): boolean =>
  e.kind === "read" || e.kind === "num" || e.kind === "size" || e.kind === "index";

export const positive = (e: Expr): Expr => apply("gt", e, num(0));

/** x·y that is 0 where x is, also when y is infinite. */
export const guarded = (x: Expr, y: Expr): Expr => where(apply("eq", x, num(0)), num(0), apply("mul", x, y));

/** x + y for one of two terms on, by their signs. */
export const call = (
  op: "exp" | "log" | "log1p" | "expm1" | "abs" | "sqrt" | "sigmoid" | "softplus",
  x: Expr,
): Expr => apply(op, x);

export const opposite = (terms: readonly Signed[]): readonly Signed[] =>
  terms.map(({ sign, of }) => ({ sign: other(sign), of }));

/** Terms of which no two cancel. */
export function withoutOpposites(terms: readonly Signed[]): readonly Signed[] {
  if (new Set(terms.map((t) => t.of)).size === terms.length) return terms;
  const left: Signed[] = [];
  for (const t of terms) {
    const n = left.findIndex((u) => u.of === t.of && u.sign !== t.sign);
    if (n < 0) left.push(t);
    else left.splice(n, 1);
  }
  return left;
}
