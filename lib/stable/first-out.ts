/**
 * Sums of exponentials of which one at least stands alone, log(exp(g) + sum(j, exp(f[j]))), and the shares of its gradient.
 *
 * With exp(g) taken out of exp(g) + T, what is left is 1 + U, U being T with all exponents less g:
 *
 *   log(exp(g) + T)            g + log1p(U), in which g goes against a g that is subtracted
 *   exp(f) / (exp(g) + T)      exp(f - g) / (1 + U)
 *   exp(g) / (exp(g) + T) - 1  -U / (1 + U)
 *
 * What is made of 1 + U is for beside-one.ts.
 */
import {
  apply,
  at,
  freeIndices,
  num,
  occursFree,
  rebuild,
  reduce,
  type Expr,
  type Node,
} from "../expr/node.ts";
import { rewriting } from "../expr/parts.ts";
import { fresh, substitute } from "../expr/substitute.ts";
import { equal, expression, powersOf, quotient, type Powers } from "./powers.ts";
import type { Fired, Row } from "./row.ts";
import { factors, isSum, opposite, signedTerms, sumOf, withoutOpposites, type Signed } from "./terms.ts";

/** The rewrites that are made here, and why. */
// prettier-ignore
export const firstOutReasons: readonly Omit<Row, "rewrite">[] = [
  { name: "exponential taken out", from: "log(exp(g) + sum(j, exp(f[j])))", to: "g + log1p(sum(j, exp(f[j] - g)))", holds: "everywhere",
    counterexample: { text: "log(exp(s[y] - m) + sum(j != y, exp(s[j]))) - (s[y] - m)", at: { s: [1000, 0, 3], y: 0, m: 1 } } },
  { name: "share beside an exponential", from: "exp(f) / (exp(g) + sum(j, exp(f[j])))", to: "exp(f - g) / (1 + sum(j, exp(f[j] - g)))", holds: "everywhere",
    counterexample: { text: "exp(s[0]) / (exp(s[y] - m) + sum(j != y, exp(s[j])))", at: { s: [1000, 0, 999], y: 2, m: 1 } } },
  { name: "one minus a share beside an exponential", from: "exp(g) / (exp(g) + T) - 1", to: "-U / (1 + U)", holds: "everywhere",
    counterexample: { text: "exp(s[y] - m) / (exp(s[y] - m) + sum(j != y, exp(s[j]))) - 1", at: { s: [40, 0, 1], y: 0, m: 1 } } },
];

type Exp = Node<"apply"> & { readonly op: "exp" };

const isExp = (e: Expr): e is Exp => e.kind === "apply" && e.op === "exp";

const isExponential = (e: Expr): boolean =>
  isExp(e) || (e.kind === "reduce" && e.op === "sum" && isExp(e.body));

/** Sums of exponentials and what is made of them, with one of the exponentials taken out. */
export class FirstOut {
  readonly #fired: Fired;
  /** U by 1 + U. */
  readonly #made = new Map<Expr, Expr>();

  constructor(fired: Fired) {
    this.#fired = fired;
  }

  readonly rewrite = rewriting((e, go) => this.#step(rebuild(e, go)));

  #step(e: Expr): Expr {
    if (e.kind !== "apply") return e;
    if (e.op === "log") return this.#log(e);
    if (e.op === "div") return this.#share(e);
    return isSum(e) ? this.#sum(e) : e;
  }

  #log(e: Node<"apply">): Expr {
    const taken = this.#taken(e.args[0]!);
    if (!taken) return e;
    const out = apply("add", taken.g, apply("log1p", this.#made.get(taken.whole)!));
    this.#fired("exponential taken out", e, out);
    return out;
  }

  #share(e: Node<"apply">): Expr {
    const powers = powersOf(e);
    const below = factors(e.args[1]!);
    // A sum that is above and below as well would overflow in both.
    if (factors(e.args[0]!).some((f) => below.includes(f) && isSum(f) && exponentials(f)))
      return this.#combined(powers);
    if (![...powers].some(([f, n]) => n < 0 && this.#taken(f))) return e;
    // The shares of several exponentials are those of each.
    const several = [...powers].find(([f, n]) => n === 1 && isSum(f) && exponentials(f))?.[0];
    if (several !== undefined)
      return sumOf(
        signedTerms(several).map(({ sign, of }) => {
          const rest = new Map([...powers].filter(([f]) => f !== several));
          return { sign, of: this.#combined(powersOf(of, 1, rest)) };
        }),
      );
    const out = this.#combined(powers);
    this.#fired("share beside an exponential", e, out);
    return out;
  }

  /** A product in which the exponentials taken out of sums meet the others. */
  #combined(powers: Powers): Expr {
    const exponent: Signed[] = [];
    const rest = new Map<Expr, number>();
    const times = (of: Expr, n: number): void => {
      for (let k = 0; k < Math.abs(n); k++) exponent.push(...signedTerms(of, n > 0 ? 1 : -1));
    };
    for (const [f, n] of powers) {
      const taken = n < 0 && Number.isInteger(n) ? this.#taken(f) : undefined;
      if (taken) {
        times(taken.g, n);
        rest.set(taken.whole, (rest.get(taken.whole) ?? 0) + n);
      } else if (isExp(f) && Number.isInteger(n)) times(f.args[0]!, n);
      else rest.set(f, (rest.get(f) ?? 0) + n);
    }
    const left = withoutOpposites(exponent);
    if (left.length > 0) rest.set(apply("exp", sumOf(left)), 1);
    return expression(rest);
  }

  /** g that goes against g, and c/(1 + U) − c. */
  #sum(e: Expr): Expr {
    const all = signedTerms(e);
    const terms = withoutOpposites(all);
    for (const t of this.#made.size === 0 ? [] : terms) {
      const powers = powersOf(t.of);
      const whole = [...powers].find(([f, n]) => n === -1 && this.#made.has(f))?.[0];
      if (whole === undefined) continue;
      const scale = quotient(powers, new Map([[whole, -1]]));
      const one = terms.find((u) => u.sign !== t.sign && equal(powersOf(u.of), scale));
      if (!one) continue;
      const share = expression(new Map([...scale, [this.#made.get(whole)!, 1], [whole, -1]]));
      const others = terms.filter((u) => u !== t && u !== one);
      const out = sumOf([{ sign: one.sign, of: share }, ...others]);
      this.#fired(
        "one minus a share beside an exponential",
        sumOf([t, one]),
        sumOf([{ sign: one.sign, of: share }]),
      );
      return out;
    }
    return terms.length < all.length ? sumOf(terms) : e;
  }

  /** g and 1 + U of exp(g) + T. */
  #taken(e: Expr): { readonly g: Expr; readonly whole: Expr } | undefined {
    const terms = isSum(e) ? exponentials(e) : undefined;
    const first = terms?.find(isExp);
    if (!terms || !first) return undefined;
    const g = first.args[0]!;
    const u = sumOf(terms.filter((t) => t !== first).map((of) => ({ sign: 1, of: less(of, g) })));
    const whole = apply("add", num(1), u);
    this.#made.set(whole, u);
    return { g, whole };
  }
}

/** The terms of a sum that are all exponentials, or sums of such. */
function exponentials(e: Expr): readonly Expr[] | undefined {
  const terms = signedTerms(e);
  return terms.length > 1 && terms.every(({ sign, of }) => sign === 1 && isExponential(of))
    ? terms.map(({ of }) => of)
    : undefined;
}

/** exp(f) or a sum of such, their exponents less g; no index of g is bound in it. */
function less(e: Expr, g: Expr): Expr {
  if (e.kind === "reduce") {
    if (!occursFree(e.over, g)) return reduce("sum", e.over, e.guard, less(e.body, g));
    const names = [...freeIndices(g), ...freeIndices(e)].map((i) => i.name);
    const own = fresh(e.over.name, e.over.extent, new Set(names));
    const renamed = (part: Expr): Expr => substitute(part, new Map([[e.over, at(own)]]));
    return reduce("sum", own, e.guard && renamed(e.guard), less(renamed(e.body), g));
  }
  const exponent = (e as Exp).args[0]!; // an exponential that is no sum
  return apply("exp", sumOf(withoutOpposites([...signedTerms(exponent), ...opposite(signedTerms(g))])));
}
