/**
 * Shares of a row that are no softmax: A[x]/S, S = sum(j, A[j]), as of softplus, of 1 + exp, of 1/(1 + s^2).
 *
 * A share is nearly 1 where its A[x] is nearly all of S, and then its log and what its gradient is made of cancel.
 * With the others together, R = sum(j != x, A[j]),
 *
 *   log(S) - log(A[x])                       =  log1p(R/A[x]),  which is taken where A[x] is more than half of S
 *   V[j]/S - [j == x]*W, W = V[x]/A[x]       =  j == x ? -W*R/S : V[j]/S
 */
import { claim } from "../diff/names.ts";
import {
  apply,
  at,
  freeIndices,
  num,
  read,
  rebuild,
  reduce,
  where,
  type Expr,
  type Index,
  type Node,
} from "../expr/node.ts";
import { rewriting } from "../expr/parts.ts";
import type { Definition } from "../expr/program.ts";
import { fresh, instance, substitute } from "../expr/substitute.ts";
import { unify } from "../simplify/unify.ts";
import { argument, isApply, isFinite } from "./pattern.ts";
import { cancelled } from "./polynomial.ts";
import { expression, powersOf, quotient } from "./powers.ts";
import type { Fired, Row } from "./row.ts";
import { inside, type Shapes } from "./softmax/position.ts";
import { spread } from "./softmax/spread.ts";
import { isSum, product, signed, signedTerms, sumOf, type Signed } from "./terms.ts";

// prettier-ignore
export const sharesReasons: readonly Omit<Row, "rewrite">[] = [
  { name: "log of a part of a sum", from: "log(sum(j, a[j])) - log(a[x])", to: "log1p(sum(j != x, a[j]) / a[x]) where a[x] is more than half of the sum", holds: "a[x] > 0",
    counterexample: { text: "log(sum(j, softplus(s[j]))) - log(softplus(s[y]))", at: { s: [40, -20, -24], y: 0 } } },
  { name: "part of a sum less its own", from: "v[j]/sum(j, a[j]) - (j == x ? v[x]/a[x] : 0)", to: "j == x ? -v[x]/a[x] * sum(j != x, a[j])/sum(j, a[j]) : v[j]/sum(j, a[j])", holds: "a[x] != 0",
    counterexample: { text: "sum(j, w[j] * (sigmoid(s[j]) / sum(k, softplus(s[k])) - (j == y ? sigmoid(s[y]) / softplus(s[y]) : 0)))", at: { s: [40, -20, -24], w: [1, 0, 0], y: 0 } } },
];

/** The definitions with what shares are made of in its better form, and those that were made for it. */
export function inShares(
  definitions: readonly Definition[],
  shapes: Shapes,
  taken: Set<string>,
  fired: Fired,
): readonly Definition[] {
  const shares = new Shares(definitions, shapes, taken, fired);
  const all = definitions.map((d) => ({ ...d, body: shares.rewrite(d.body) }));
  return [...all, ...shares.made];
}

/** S as it stands, and what it is a sum of. */
interface Whole {
  readonly shown: Expr;
  readonly over: Index;
  readonly part: Expr;
}

class Shares {
  readonly made: Definition[] = [];
  readonly #written: ReadonlyMap<string, Definition>;
  readonly #shapes: Shapes;
  readonly #taken: Set<string>;
  readonly #fired: Fired;
  readonly #rests = new Map<Expr, Expr>();

  constructor(definitions: readonly Definition[], shapes: Shapes, taken: Set<string>, fired: Fired) {
    this.#written = new Map(definitions.map((d) => [d.name, d]));
    this.#shapes = shapes;
    this.#taken = taken;
    this.#fired = fired;
  }

  readonly rewrite = rewriting((e, go): Expr => {
    const terms = isSum(e) || isApply(e, "log") ? signedTerms(e) : [];
    const found = terms.length > 0 ? (this.#ofLogs(terms) ?? this.#ofParts(terms)) : undefined;
    if (!found) return rebuild(e, go);
    return sumOf([found.value, ...found.left.map(({ sign, of }) => ({ sign, of: go(of) }))]);
  });

  /** S, where an expression is a sum, perhaps by the name of its definition. */
  #wholeOf(shown: Expr, among: readonly Signed[]): Whole | undefined {
    const d = shown.kind === "read" ? this.#written.get(shown.name) : undefined;
    const sum = shown.kind === "read" && d ? instance(d, shown.at) : shown;
    if (sum.kind !== "reduce" || sum.op !== "sum" || sum.guard !== undefined || sum.type !== "real")
      return undefined;
    const names = new Set(among.flatMap((t) => freeIndices(t.of)).map((i) => i.name));
    const over = fresh(sum.over.name, sum.over.extent, names);
    return { shown, over, part: substitute(sum.body, new Map([[sum.over, at(over)]])) };
  }

  /** A[j] with its definition put in. */
  #meant({ part }: Whole): Expr {
    const d = part.kind === "read" ? this.#written.get(part.name) : undefined;
    return part.kind === "read" && d ? instance(d, part.at) : part;
  }

  /** x where an expression is A[x]. */
  #placeIn(pattern: Expr, over: Index, e: Expr): Expr | undefined {
    return unify(pattern, e, [over], inside(pattern, this.#shapes))?.get(over);
  }

  /** sum(j != x, A[j]). */
  #rest({ over, part }: Whole, x: Expr): Expr {
    const apart = apply("ne", at(over), x);
    const sum = reduce("sum", over, apart, apply("precise", part));
    let reading = this.#rests.get(sum);
    if (reading === undefined) {
      const name = claim("rest", this.#taken);
      const indices = freeIndices(sum);
      this.made.push({ name, indices, body: sum });
      this.#rests.set(sum, (reading = read(name, indices.map(at))));
    }
    return reading;
  }

  /** ±(log S − log A[x]), the second perhaps as the log of 1/A[x], or both as the log of a quotient. */
  #ofLogs(terms: readonly Signed[]) {
    for (const t of terms) {
      if (!isApply(t.of, "log")) continue;
      for (const [shown, n] of powersOf(argument(t.of))) {
        const whole = n === 1 || n === -1 ? this.#wholeOf(shown, terms) : undefined;
        const log = t.of;
        const other =
          whole &&
          this.#logOfPart(
            whole,
            log,
            n,
            terms.filter((u) => u !== t),
            t.sign,
          );
        if (!whole || !other) continue;
        const { x, used } = other;
        const mine = used ? [t, used] : [t];
        const a = substitute(whole.part, new Map([[whole.over, x]]));
        const sign = t.sign === n ? 1 : -1;
        const plain = sumOf(mine.map((u) => ({ sign: u.sign === sign ? 1 : -1, of: u.of })));
        const ratio = apply("div", whole.shown, a);
        const known = apply("and", apply("gt", a, least), isFinite(ratio));
        const value = where(
          apply("gt", apply("mul", num(2), a), whole.shown),
          apply("log1p", apply("div", this.#rest(whole, x), a)),
          where(known, apply("log", ratio), plain),
        );
        this.#fired(sharesReasons[0]!.name, plain, value);
        const left = terms.filter((u) => !mine.includes(u));
        return { value: { sign, of: value } satisfies Signed, left };
      }
    }
    return undefined;
  }

  /** Where log A[x] is: in the log of S itself, or in another term. */
  #logOfPart(whole: Whole, log: Node<"apply">, n: number, others: readonly Signed[], sign: 1 | -1) {
    const rest = quotient(powersOf(argument(log)), new Map([[whole.shown, n]]));
    const [only, ...more] = rest;
    if (more.length > 0) return undefined;
    if (only) {
      const x = only[1] === -n ? this.#placeIn(whole.part, whole.over, only[0]) : undefined;
      return x && { x, used: undefined };
    }
    for (const u of others) {
      const own = u.sign === sign ? n : -n;
      const x = own < 0 ? this.#inverse(whole, u.of, 1) : this.#inverse(whole, u.of, -1);
      if (x) return { x, used: u };
    }
    return undefined;
  }

  /** x where an expression is the log of A[x], to the power of 1 or −1. */
  #inverse(whole: Whole, e: Expr, power: 1 | -1): Expr | undefined {
    const of = isApply(e, "log")
      ? argument(e)
      : isApply(e, "log1p")
        ? apply("add", argument(e), num(1))
        : undefined;
    if (!of) return undefined;
    const meant = powersOf(this.#meant(whole));
    for (const [f, n] of [...powersOf(whole.part), ...(meant.size === 1 ? meant : [])]) {
      const x = n === power ? this.#placeIn(f, whole.over, of) : undefined;
      if (x) return x;
    }
    return undefined;
  }

  /** ±(V[j]/S − (j == x ? V[x]/A[x] : 0)). */
  #ofParts(terms: readonly Signed[]) {
    for (const t of terms) {
      const chosen = choiceIn(t);
      if (!chosen) continue;
      const rest = terms.filter((u) => u !== t).flatMap(spread);
      const divisors = new Set(
        rest.flatMap((u) => [...powersOf(u.of)].filter(([, n]) => n === -1).map(([f]) => f)),
      );
      for (const shown of divisors) {
        const whole = this.#wholeOf(shown, terms);
        if (!whole) continue;
        const mine = rest.filter((u) => powersOf(u.of).get(shown) === -1);
        const v = mine.map(({ sign, of }) => ({
          sign,
          of: expression(quotient(powersOf(of), new Map([[shown, -1]]))),
        }));
        const { k, x, sign, of } = chosen;
        const a = substitute(whole.part, new Map([[whole.over, x]]));
        const there = v.map((u) => ({ sign: u.sign, of: substitute(u.of, new Map([[k, x]])) }));
        const own = spread({ sign, of: expression(powersOf(a, 1, powersOf(of))) });
        if (cancelled([...there, ...own]).length > 0) continue;
        const lack = product([of, apply("div", this.#rest(whole, x), shown)]);
        const value = where(chosen.guard, signed({ sign, of: lack }), apply("div", sumOf(v), shown));
        this.#fired(sharesReasons[1]!.name, sumOf([...mine, t]), value);
        return {
          value: { sign: 1, of: value } satisfies Signed,
          left: rest.filter((u) => !mine.includes(u)),
        };
      }
    }
    return undefined;
  }
}

/** Numbers below this one may have lost digits to underflow. */
const least = num(1e-290, "real");

/** ±(k == x ? c : 0). */
function choiceIn({ sign, of }: Signed) {
  if (of.kind !== "where" || !(of.else.kind === "num" && of.else.value === 0)) return undefined;
  const { guard } = of;
  if (!isApply(guard, "eq")) return undefined;
  const [a, b] = guard.args as [Expr, Expr];
  const [index, x] = a.kind === "index" ? [a, b] : [b, a];
  if (index.kind !== "index" || x.kind === "index") return undefined;
  return { guard, sign, of: of.then, k: index.index, x };
}
