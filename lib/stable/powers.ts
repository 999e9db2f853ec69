/** A product as powers of its factors: what quotients, roots and powers of the same things have in common shows. */
import { apply, num, type Expr } from "../expr/node.ts";

/** Factors with their exponents, none of them 0; numbers are factors too. */
export type Powers = ReadonlyMap<Expr, number>;

export function powersOf(e: Expr, exponent = 1, into = new Map<Expr, number>()): Map<Expr, number> {
  if (e.kind === "apply") {
    const [x, y] = e.args as [Expr, Expr];
    switch (e.op) {
      case "mul":
        for (const f of e.args) powersOf(f, exponent, into);
        return into;
      case "div":
        powersOf(y, -exponent, powersOf(x, exponent, into));
        return into;
      case "sqrt":
        return powersOf(x, exponent / 2, into);
      case "pow":
        if (y.kind === "num") return powersOf(x, exponent * y.value, into);
    }
  }
  if (e.kind === "num" && e.value === 1) return into;
  const sum = (into.get(e) ?? 0) + exponent;
  if (sum === 0) into.delete(e);
  else into.set(e, sum);
  return into;
}

/** What two products have in common: of each factor the lower power. */
export function common(a: Powers, b: Powers): Powers {
  const found = new Map<Expr, number>();
  for (const f of new Set([...a.keys(), ...b.keys()])) {
    const least = Math.min(a.get(f) ?? 0, b.get(f) ?? 0);
    if (least !== 0) found.set(f, least);
  }
  return found;
}

/** The factors that two products share, above or below the line in both. */
export function shared(a: Powers, b: Powers): Powers {
  const found = new Map<Expr, number>();
  for (const [f, n] of a) {
    const m = b.get(f) ?? 0;
    if (n * m > 0) found.set(f, Math.abs(n) < Math.abs(m) ? n : m);
  }
  return found;
}

export function quotient(a: Powers, b: Powers): Powers {
  const found = new Map(a);
  for (const [f, exponent] of b) {
    const left = (found.get(f) ?? 0) - exponent;
    if (left === 0) found.delete(f);
    else found.set(f, left);
  }
  return found;
}

export const equal = (a: Powers, b: Powers): boolean => quotient(a, b).size === 0;

/** Powers as a product over a product. */
export function expression(powers: Powers): Expr {
  const above = product([...powers].filter(([, exponent]) => exponent > 0));
  const below = [...powers].filter(([, exponent]) => exponent < 0).map(([f, n]) => [f, -n] as const);
  return below.length === 0 ? above : apply("div", above, product(below));
}

type Power = readonly [of: Expr, exponent: number];

function product(of: readonly Power[]): Expr {
  const all = of.map(factor);
  if (all.length === 0) return num(1);
  return all.length === 1 ? all[0]! : apply("mul", ...all);
}

function factor([f, exponent]: Power): Expr {
  if (exponent === 1) return f;
  return exponent === 0.5 ? apply("sqrt", f) : apply("pow", f, num(exponent));
}
