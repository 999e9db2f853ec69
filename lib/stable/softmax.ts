/**
 * Log-sum-exp and what is made of it, without overflow and without cancellation.
 *
 * For lse = logsumexp(j, f[j]) with free indices I, three definitions are shared by all:
 *
 *   top[I]   = max(j, f[j])
 *   e[I,j]   = exp(f[j] - top[I])        each at most 1, the greatest exactly 1
 *   total[I] = sum(j, e[I,j])
 *
 * and in terms of them, x being one of the values of j:
 *
 *   lse                    top + log1p(sum(j != best, e[j]))      best is where f is greatest
 *   lse - f[x]             f[x] == top ? log1p(sum(j != x, e[j])) : (top - f[x]) + log(total)
 *   exp(f[x] - lse)        e[x] / total
 *   exp(f[x] - lse) - 1    -sum(j != x, e[j]) / total
 */
import type { Extent } from "../expr/extent.ts";
import {
  apply,
  at,
  children,
  freeIndices,
  num,
  occursFree,
  read,
  rebuild,
  reduce,
  size,
  where,
  type Expr,
  type Index,
  type Node,
} from "../expr/node.ts";
import { anywhere, rewriting } from "../expr/parts.ts";
import type { Definition } from "../expr/program.ts";
import { fresh, substitute } from "../expr/substitute.ts";
import { claim } from "../diff/names.ts";
import { unify, type Inside } from "../simplify/unify.ts";
import type { Fired, Row } from "./row.ts";
import { balance, decided, deviation, dominates, nearlyEqual } from "./weighted.ts";
import { has, isLinear, replaced } from "./linear.ts";
import { cancelled, expanded } from "./polynomial.ts";
import { common, expression, powersOf, quotient, type Powers } from "./powers.ts";
import {
  factors,
  isSum,
  opposite,
  product,
  signedTerms,
  sumOf,
  without,
  withoutOpposites,
  type Signed,
} from "./terms.ts";

/** The rewrites that are made here, and why. */
// prettier-ignore
export const reasons: readonly Omit<Row, "rewrite">[] = [
  { name: "log-sum-exp", from: "logsumexp(j, s[j])", to: "top + log1p(sum(j != best, exp(s[j] - top)))", holds: "everywhere",
    counterexample: { text: "log(sum(j, exp(s[j])))", at: { s: [0, -40] } } },
  { name: "log-sum-exp minus a member", from: "logsumexp(j, s[j]) - s[y]", to: "s[y] == top ? log1p(sum(j != y, exp(s[j] - top))) : (top - s[y]) + log(total)", holds: "s[y] is one of the terms",
    counterexample: { text: "log(sum(j, exp(s[j]))) - s[y]", at: { s: [800.1, 760, 3], y: 0 } } },
  { name: "probability", from: "exp(s[k] - logsumexp(j, s[j]))", to: "exp(s[k] - top) / sum(j, exp(s[j] - top))", holds: "everywhere",
    counterexample: { text: "exp(s[y]) / sum(j, exp(s[j]))", at: { s: [800.1, 760, 3], y: 1 } } },
  { name: "one minus a probability", from: "exp(s[k] - logsumexp(j, s[j])) - 1", to: "-sum(j != k, exp(s[j] - top)) / sum(j, exp(s[j] - top))", holds: "s[k] is one of the terms",
    counterexample: { text: "1 - exp(s[y]) / sum(j, exp(s[j]))", at: { s: [40, 0, 1], y: 0 } } },
  { name: "log-sum-exp minus an average", from: "logsumexp(j, s[j]) - sum(j, w[j]*s[j])", to: "log1p(sum(j != best, exp(s[j] - top))) - sum(j, w[j]*(s[j] - s[best]))", holds: "sum(j, w[j]) = 1",
    counterexample: { text: "log(sum(j, exp(s[j]))) - 0.7 * s[y] - 0.3 * sum(j, s[j]) / extent(s, 0)", at: { s: [9e5, 9e5, 9e5], y: 0 } } },
  { name: "value above its mean", from: "g[x] - sum(j, p[j]*g[j])", to: "(g[x] - g[best]) - sum(j != best, e[j]*(g[j] - g[best])) / total where one class has most of the probability", holds: "sum(j, p[j]) = 1",
    counterexample: { text: "g[y] - sum(j, g[j] * exp(s[j]) / sum(k, exp(s[k])))", at: { s: [40, 0, 1], g: [1.5, 2, 3], y: 0 } } },
  { name: "log of a share and more", from: "log(p[x] + c)", to: "p[x] > 1/2 ? log1p(c - sum(j != x, e[j]) / total) : log(p[x] + c)", holds: "everywhere",
    counterexample: { text: "log(exp(s[y]) / sum(j, exp(s[j])) + c)", at: { s: [30, 0, 1], y: 0, c: 1e-12 } } },
  { name: "share less its due", from: "p[x]*S - b", to: "(S - b) - S*sum(j != x, e[j]) / total where x has most of the probability; where all have the same, by e[j] - 1", holds: "everywhere",
    counterexample: { text: "exp(s[y]) / sum(j, exp(s[j])) * sum(j, t[j]) - t[y]", at: { s: [40, 0, 1], t: [1, 0, 0], y: 0 } } },
];

type LogSumExp = Node<"reduce">;

/** The shared definitions of one log-sum-exp. */
interface Family {
  readonly lse: LogSumExp;
  readonly indices: readonly Index[];
  readonly top: string;
  readonly e: string;
  readonly total: string;
}

/** A log-sum-exp as one of a family, its indices standing for `at`. */
interface Member {
  readonly family: Family;
  readonly at: readonly Expr[];
  readonly lse: LogSumExp;
}

/** What there is to know about arrays. */
export interface SoftmaxScope {
  /** The extents of inputs and definitions. */
  readonly shapes: ReadonlyMap<string, readonly Extent[]>;
  /** Whether an expression may be computed for all values of its free indices. */
  readonly computable: (e: Expr) => boolean;
  /** By the rules of algebra, as over the reals. */
  readonly simplify: (e: Expr) => Expr;
}

export class Softmax {
  readonly #taken: Set<string>;
  readonly #scope: SoftmaxScope;
  readonly #families: Family[] = [];
  /** Definitions in the order in which they were needed. */
  readonly #made: Definition[] = [];
  readonly #rests = new Map<Expr, Expr>();
  readonly #excesses = new Map<Family, string>();
  readonly #fired: Fired;

  constructor(taken: Set<string>, scope: SoftmaxScope, fired: Fired) {
    this.#scope = scope;
    this.#taken = taken;
    this.#fired = fired;
  }

  /** The definitions that rewritten expressions read. */
  get made(): readonly Definition[] {
    return this.#made;
  }

  rewrite(e: Expr): Expr {
    const go = rewriting((e, go) => {
      if (isSum(e)) return this.#sum(e, go);
      if (isExp(e)) {
        const p = this.#probability(exponent(e));
        if (p)
          return this.#note(
            "probability",
            e,
            product([
              ...(p.rest.length > 0 ? [go(apply("exp", sumOf(p.rest)))] : []),
              apply("div", p.e, p.total),
            ]),
          );
      }
      const near = this.#logOfShare(e, go);
      if (near) return near;
      if (isLogSumExp(e)) {
        const m = this.#member(e);
        if (m) return this.#note("log-sum-exp", e, this.#whole(m));
      }
      return rebuild(e, go);
    });
    return go(e);
  }

  /** Whether a subscript is in the range of the index that it stands for: the same axis, as long as the index is, was read there. */
  #inside(pattern: Expr): Inside {
    const ranges = new Set<Index>();
    const visit = (e: Expr): void => {
      if (e.kind === "read")
        e.at.forEach((s, axis) => {
          if (s.kind === "index" && this.#scope.shapes.get(e.name)?.[axis] === s.index.extent)
            ranges.add(s.index);
        });
      children(e).forEach(visit);
    };
    visit(pattern);
    return (_, i) => ranges.has(i);
  }

  #note(row: string, before: Expr, after: Expr): Expr {
    this.#fired(row, before, after);
    return after;
  }

  /** lse − f[x] and p − 1 in a sum, wherever they are among its terms. */
  #sum(e: Expr, go: (e: Expr) => Expr): Expr {
    let terms = this.#gathered(signedTerms(e));
    const done: Signed[] = [];
    const ways = [
      (t: readonly Signed[]) => this.#deviation(t, go),
      (t: readonly Signed[]) => this.#gap(t),
      (t: readonly Signed[]) => this.#average(t),
      (t: readonly Signed[]) => this.#complement(t, go),
      (t: readonly Signed[]) => this.#balance(t, go),
    ];
    for (const way of ways)
      for (let found = way(terms); found; found = way(terms)) {
        done.push({ sign: found.sign, of: found.value });
        terms = found.left;
      }
    if (done.length === 0) return rebuild(e, go);
    return sumOf([...done, ...terms.map(({ sign, of }) => ({ sign, of: go(of) }))]);
  }

  /** The terms with those that have the same p[x] in them as one, p[x]·S, what cancels in S gone. */
  #gathered(terms: readonly Signed[]): readonly Signed[] {
    const all = terms.map((t) => ({ t, powers: powersOf(t.of) }));
    for (const { powers } of all)
      for (const [exp, n] of powers) {
        if (n !== 1 || !isExp(exp)) continue;
        const mine = all.filter((a) => a.powers.get(exp) === 1);
        const p = mine.length > 1 ? this.#probability(exponent(exp)) : undefined;
        if (!p || p.rest.length > 0 || p.x === undefined) continue;
        const s = this.#together(
          mine.map(({ t, powers }) => ({ t, by: quotient(powers, new Map([[exp, 1]])) })),
        );
        if (s === undefined) continue;
        return [{ sign: 1, of: product([s, exp]) }, ...terms.filter((t) => !mine.some((m) => m.t === t))];
      }
    return terms;
  }

  /** A sum over what its terms are all divided by, multiplied out; undefined where that is too much to write, or changes nothing. */
  #together(terms: readonly { readonly t: Signed; readonly by: Powers }[]): Expr | undefined {
    const below = terms.map(({ by }) => by).reduce((a, b) => common(a, b));
    const divisor = new Map([...below].filter(([, n]) => n < 0));
    const parts: Signed[] = [];
    for (const { t, by } of terms) {
      const some = expanded(this.#meansApart(expression(quotient(by, divisor))));
      if (!some) return undefined;
      parts.push(...(t.sign === 1 ? some : opposite(some)));
    }
    const left = cancelled(parts);
    return left.length < parts.length ? expression(new Map([[sumOf(left), 1], ...divisor])) : undefined;
  }

  /** Σ_j p[j]·(F[j] + c) as Σ_j p[j]·F[j] + c: all p together are 1. */
  #meansApart(e: Expr): Expr {
    if (e.kind === "apply" && !isExp(e)) return rebuild(e, (part) => this.#meansApart(part));
    if (e.kind !== "reduce" || e.op !== "sum" || e.guard !== undefined) return e;
    const { over } = e;
    const powers = powersOf(e.body);
    const exp = [...powers.keys()].find(isExp);
    const p = exp && powers.get(exp) === 1 ? this.#probability(exponent(exp)) : undefined;
    if (!exp || !p || p.rest.length > 0 || p.x !== at(over) || p.member.family.lse.guard) return e;
    const others = [...quotient(powers, new Map([[exp, 1]]))];
    const [scale, inner] = [false, true].map((own) =>
      expression(new Map(others.filter(([f]) => occursFree(over, f) === own))),
    ) as [Expr, Expr];
    const all = expanded(inner) ?? [];
    const varying = all.filter((t) => occursFree(over, t.of));
    if (varying.length === 0) return e;
    const mean = reduce("sum", over, undefined, product([exp, sumOf(varying)]));
    return product([scale, sumOf([{ sign: 1, of: mean }, ...all.filter((t) => !varying.includes(t))])]);
  }

  /** ±(lse − f[x]). */
  #gap(terms: readonly Signed[]): Found | undefined {
    for (const t of terms) {
      if (!isLogSumExp(t.of)) continue;
      const m = this.#member(t.of);
      const rest = terms.filter((other) => other !== t);
      const found = m && this.#position(m, rest, t.sign === 1 ? -1 : 1);
      if (!m || !found) continue;
      const fx = substitute(m.lse.body, new Map([[m.lse.over, found.x]]));
      const top = this.#read(m, "top");
      const value = where(
        apply("eq", fx, top),
        apply("log1p", this.#others(m, found.x)),
        apply("add", apply("sub", top, fx), apply("log", this.#read(m, "total"))),
      );
      const guarded = this.#where(m, found.x, value, apply("sub", this.#whole(m), fx));
      this.#fired("log-sum-exp minus a member", apply("sub", m.lse, fx), guarded);
      return { sign: t.sign, value: guarded, left: found.left };
    }
    return undefined;
  }

  /** ±(lse − an average of its terms f), which does not change when all f are moved: so that the greatest is 0. */
  #average(terms: readonly Signed[]): Found | undefined {
    for (const t of terms) {
      if (!isLogSumExp(t.of)) continue;
      const { over, body } = t.of;
      const pattern = readOf(body, over);
      if (!pattern) continue;
      const picks = (r: Node<"read">): boolean =>
        r.name === pattern.name &&
        r.at.every((s, n) => occursFree(over, pattern.at[n]!) || s === pattern.at[n]);
      const mine = terms.filter((u) => u !== t && has(u.of, picks));
      if (mine.length === 0 || ![body, ...mine.map((u) => u.of)].every((e) => isLinear(e, picks))) continue;
      const constant = sumOf(
        [{ sign: t.sign, of: body }, ...mine].map(({ sign, of }) => ({
          sign,
          of: replaced(of, picks, () => num(1)),
        })),
      );
      const left = this.#scope.simplify(constant);
      if (left.kind !== "num" || Math.abs(left.value) > 1e-9) continue;
      const m = this.#member(t.of);
      if (!m) continue;
      const best = this.#best(m);
      const moved = ({ sign, of }: Signed): Signed => ({
        sign,
        of: precisely(
          replaced(of, picks, (r) => apply("sub", r, substitute(pattern, new Map([[over, best]])))),
        ),
      });
      // Weights such as 0.7 and 0.3 are not quite 1 together.
      const more: readonly Signed[] =
        left.value === 0
          ? []
          : [{ sign: 1, of: apply("mul", left, substitute(pattern, new Map([[over, best]]))) }];
      const value = sumOf([
        { sign: t.sign, of: apply("log1p", this.#others(m, best)) },
        ...mine.map(moved),
        ...more,
      ]);
      this.#fired("log-sum-exp minus an average", sumOf([t, ...mine]), value);
      return { sign: 1, value, left: terms.filter((u) => u !== t && !mine.includes(u)) };
    }
    return undefined;
  }

  /** ±c·(p[x] − 1) and ±c·(p[x] − [x == z]), c any common factors. */
  #complement(terms: readonly Signed[], go: (e: Expr) => Expr): Found | undefined {
    for (const t of terms) {
      // A probability that is 0 under some condition: what it is less stays.
      const chosen = t.of.kind === "where" && t.of.else === num(0) ? t.of : undefined;
      const parts = this.#factors(chosen ? chosen.then : t.of);
      for (const [n, exp] of parts.entries()) {
        const p = isExp(exp) ? this.#probability(exponent(exp)) : undefined;
        if (!p || p.rest.length > 0 || p.x === undefined) continue;
        const scale = parts.toSpliced(n, 1);
        const found = this.#lessOne(terms, t, p.x, scale);
        if (!found) continue;
        const { u, one, z } = found;
        const minus = apply("neg", apply("div", this.#others(p.member, z), p.total));
        const here = this.#where(p.member, z, minus, apply("sub", apply("div", p.e, p.total), num(1)));
        const value =
          one.kind === "num"
            ? here
            : where(one.kind === "apply" ? one.args[0]! : one, here, apply("div", p.e, p.total));
        this.#fired("one minus a probability", apply("sub", exp, one), value);
        const scaled = product([...scale.map(go), value]);
        return {
          sign: t.sign,
          value: chosen ? where(chosen.guard, scaled, apply("neg", u.of)) : scaled,
          left: terms.filter((v) => v !== t && v !== u),
        };
      }
    }
    return undefined;
  }

  /** The term that p[x]·scale is less: scale, or scale·[x == z]; then z, or x. */
  #lessOne(terms: readonly Signed[], t: Signed, x: Expr, scale: readonly Expr[]) {
    for (const u of terms) {
      if (u.sign === t.sign) continue;
      const left = without(this.#factors(u.of), scale);
      if (left === undefined || left.length > 1) continue;
      const one = left[0] ?? num(1);
      const z = one.kind === "num" && one.value === 1 ? x : this.#sameAs(x, one);
      if (z !== undefined) return { u, one, z };
    }
    return undefined;
  }

  /** The factors of a term: of what is 0 but for a condition, that condition; of exponentials, the probabilities in them. */
  #factors(e: Expr): readonly Expr[] {
    if (e.kind === "where" && isZero(e.else)) return [apply("iverson", e.guard), ...this.#factors(e.then)];
    if (isExp(e)) return this.#apart(exponent(e));
    const all = factors(e);
    return all.length > 1 ? all.flatMap((f) => this.#factors(f)) : all;
  }

  /** exp of a sum of terms, exp(f[x] − lse) of each log-sum-exp in it a factor of its own. */
  #apart(terms: readonly Signed[]): readonly Expr[] {
    const p = this.#probability(terms);
    if (!p || p.x === undefined) return [apply("exp", sumOf(terms))];
    const { lse } = p.member;
    const own = signedTerms(substitute(lse.body, new Map([[lse.over, p.x]])));
    const first = apply("exp", sumOf([...own, { sign: -1, of: lse }]));
    return p.rest.length === 0 ? [first] : [first, ...this.#apart(p.rest)];
  }

  /** ±(F[x] − Σ_j p[j]·F[j]); terms of F that are the same for all j are in both and go. */
  #deviation(terms: readonly Signed[], go: (e: Expr) => Expr): Found | undefined {
    for (const t of terms) {
      const mean = factors(t.of).find(isPlainSum);
      const scale = mean && without(factors(t.of), [mean]);
      if (!mean || !scale) continue;
      const scaled = (all: readonly Signed[]): readonly Signed[] =>
        all.map(({ sign, of }) => ({ sign, of: product([...scale, ...factors(of)]) }));
      const { over } = mean;
      const parts = factors(mean.body);
      const exp = parts.find((f) => f.kind === "apply" && f.op === "exp");
      const p = exp?.kind === "apply" ? this.#probability(signedTerms(exp.args[0]!)) : undefined;
      if (!p || p.rest.length > 0 || p.x !== at(over) || p.member.family.lse.guard) continue;
      const all = signedTerms(product(parts.filter((f) => f !== exp)));
      const varying = all.filter((f) => occursFree(over, f.of));
      const found = this.#among(
        scaled(varying),
        over,
        terms.filter((other) => other !== t),
        t.sign === 1 ? -1 : 1,
      );
      if (!found) continue;
      const { member, total } = p;
      const { x } = found;
      const once = this.#once(varying, over);
      const f = (j: Expr): readonly Signed[] =>
        once.map(({ sign, of }) => ({ sign, of: substitute(of, new Map([[over, j]])) }));
      const best = this.#best(member);
      const own = fresh(over.name, over.extent, new Set(freeIndices(best).map((i) => i.name)));
      const e = (j: Expr): Expr => this.#read(member, "e", j);
      const apart = product([e(at(own)), go(sumOf([...f(at(own)), ...opposite(f(best))]))]);
      const rest = where(
        decided(total),
        reduce("sum", own, apply("ne", at(own), best), apply("precise", apart)),
        num(0),
      );
      const value = deviation(
        total,
        go(sumOf(f(x))),
        go(sumOf([...f(x), ...opposite(f(best))])),
        this.#named("drift", rest),
        reduce("sum", over, undefined, product([e(at(over)), go(sumOf(f(at(over))))])),
      );
      this.#fired("value above its mean", sumOf([...f(x), { sign: -1, of: mean }]), value);
      const constant = scaled(all.filter((f) => !varying.includes(f)));
      return {
        sign: t.sign === 1 ? -1 : 1,
        value: product([...scale.map(go), value]),
        left: withoutOpposites([...found.left, ...(t.sign === 1 ? constant : opposite(constant))]),
      };
    }
    return undefined;
  }

  /** ±(p[x]·S − b), b being all other terms. */
  #balance(terms: readonly Signed[], go: (e: Expr) => Expr): Found | undefined {
    for (const t of terms) {
      const parts = factors(t.of);
      const exp = parts.find(isExp);
      const p = exp && this.#probability(exponent(exp));
      if (!exp || !p || p.rest.length > 0 || p.x === undefined) continue;
      const rest = terms.filter((u) => u !== t);
      const s = product(parts.filter((f) => f !== exp));
      if (!rest.some((u) => u.sign !== t.sign || u.of.kind === "where") && !(rest.length > 0 && isMixed(s)))
        continue;
      const b = sumOf(t.sign === 1 ? opposite(rest) : rest);
      const { member, x, total } = p;
      const less: readonly Signed[] = [
        { sign: 1, of: s },
        { sign: -1, of: b },
      ];
      const value = balance(
        {
          e: this.#read(member, "e", x),
          total,
          others: this.#others(member, x),
          count: countOf(member),
          slight: apply("expm1", this.#exponent(member, x)),
          excess: this.#excess(member),
        },
        go(s),
        go(b),
        withoutMember(s, b, x, guardAt(member, x)) ?? go(whereThere(s, b) ?? sumOf(less)),
        precisely(go(s)),
      );
      const plain = apply("sub", product([apply("div", p.e, total), go(s)]), go(b));
      const whole = this.#where(member, x, value, plain);
      this.#fired("share less its due", sumOf(less.with(0, { sign: 1, of: product([exp, s]) })), whole);
      return { sign: t.sign, value: whole, left: [] };
    }
    return undefined;
  }

  /** log(p[x] + c) where p[x] is more than half: by what it is less than 1. */
  #logOfShare(e: Expr, go: (e: Expr) => Expr): Expr | undefined {
    if (e.kind !== "apply" || e.op !== "log" || !isSum(e.args[0]!)) return undefined;
    const terms = signedTerms(e.args[0]!);
    for (const t of terms) {
      const p = t.sign === 1 && isExp(t.of) ? this.#probability(exponent(t.of)) : undefined;
      if (!p || p.rest.length > 0 || p.x === undefined || p.member.family.lse.guard) continue;
      const rest = terms.filter((u) => u !== t).map(({ sign, of }) => ({ sign, of: go(of) }));
      const [share, others] = [p.e, this.#others(p.member, p.x)].map((part) =>
        apply("div", part, p.total),
      ) as [Expr, Expr];
      const value = where(
        dominates(p),
        apply("log1p", sumOf([...rest, { sign: -1, of: others }])),
        apply("log", sumOf([{ sign: 1, of: share }, ...rest])),
      );
      return this.#note("log of a share and more", e, value);
    }
    return undefined;
  }

  /** z of [x == z]. */
  #sameAs(x: Expr, iverson: Expr): Expr | undefined {
    if (iverson.kind !== "apply" || iverson.op !== "iverson") return undefined;
    const eq = iverson.args[0]!;
    if (eq.kind !== "apply" || eq.op !== "eq") return undefined;
    if (eq.args[0] === x) return eq.args[1];
    return eq.args[1] === x ? eq.args[0] : undefined;
  }

  /** exp(f[x] − lse + rest) as exp(rest)·e/total; `x` is undefined when no value of the index gives the exponent. */
  #probability(terms: readonly Signed[]) {
    for (const t of terms) {
      if (t.sign === 1 || !isLogSumExp(t.of)) continue;
      const member = this.#member(t.of);
      if (!member) continue;
      const others = terms.filter((other) => other !== t);
      const found = this.#position(member, others, 1);
      const total = this.#read(member, "total");
      if (!found || member.family.lse.guard) {
        const e = apply("exp", sumOf([...others, { sign: -1, of: this.#read(member, "top") }]));
        return { member, x: found?.left.length === 0 ? found.x : undefined, e, total, rest: [] };
      }
      return { member, x: found.x, e: this.#read(member, "e", found.x), total, rest: found.left };
    }
    return undefined;
  }

  /** x such that the summands of f[x] are among the terms, with this sign; and the other terms. */
  #position(
    m: Member,
    terms: readonly Signed[],
    sign: 1 | -1,
  ): { readonly x: Expr; readonly left: readonly Signed[] } | undefined {
    return this.#among(signedTerms(m.lse.body), m.lse.over, terms, sign);
  }

  /** x such that the summands of a function of `over` are, at x, among the terms with this sign; and the other terms. */
  #among(
    summands: readonly Signed[],
    over: Index,
    terms: readonly Signed[],
    sign: 1 | -1,
  ): { readonly x: Expr; readonly left: readonly Signed[] } | undefined {
    const pattern = summands.find((t) => occursFree(over, t.of));
    if (!pattern) return undefined;
    for (const t of terms) {
      if (t.sign !== sign * pattern.sign) continue;
      const x = unify(pattern.of, t.of, [over], this.#inside(pattern.of))?.get(over);
      if (x === undefined) continue;
      const left = [...terms];
      const here = summands.flatMap((u) => signedTerms(substitute(u.of, new Map([[over, x]])), u.sign));
      const all = here.every((u) => {
        const n = left.findIndex((v) => v.of === u.of && v.sign === sign * u.sign);
        if (n >= 0) left.splice(n, 1);
        return n >= 0;
      });
      if (all) return { x, left };
    }
    return undefined;
  }

  /** `value` where x is one of the terms that the log-sum-exp ranges over. */
  #where(m: Member, x: Expr, value: Expr, otherwise: Expr): Expr {
    const guard = guardAt(m, x);
    return guard === undefined ? value : where(guard, value, otherwise);
  }

  #whole(m: Member): Expr {
    const top = this.#read(m, "top");
    const sum = this.#others(m, this.#best(m));
    return where(
      apply("lt", apply("abs", top), num(Infinity, "real")),
      apply("add", top, apply("log1p", sum)),
      top,
    );
  }

  /** sum(j != x, e[j]). */
  #others(m: Member, x: Expr): Expr {
    const names = new Set([...freeIndices(x), ...freeIndices(m.lse)].map((i) => i.name));
    const over = fresh(m.lse.over.name, m.lse.over.extent, names);
    const apart = apply("ne", at(over), x);
    const guard = m.lse.guard && substitute(m.lse.guard, new Map([[m.lse.over, at(over)]]));
    const sum = reduce(
      "sum",
      over,
      guard ? apply("and", guard, apart) : apart,
      apply("precise", this.#read(m, "e", at(over))),
    );
    return freeIndices(sum).every((i) => m.family.indices.includes(i)) ? this.#named("rest", sum) : sum;
  }

  /**
   * Terms that have sums in them as a definition of their own: added up once for all, in one order, so that
   * values that are equal do not differ by rounding.
   */
  #once(terms: readonly Signed[], over: Index): readonly Signed[] {
    const whole = sumOf(terms);
    const isSummed = anywhere(whole, (e) => e.kind === "reduce") && !anywhere(whole, isLogSumExp);
    return isSummed && this.#scope.computable(whole)
      ? [{ sign: 1, of: this.#named("worth", whole, over) }]
      : terms;
  }

  /** A read of a definition that holds `e`, made when there is none yet; its subscript `last`, if there is one, comes last. */
  #named(wanted: string, e: Expr, last?: Index): Expr {
    const free = freeIndices(e).toSorted((i, j) => Number(i === last) - Number(j === last));
    let reading = this.#rests.get(e);
    if (reading === undefined) {
      const name = claim(wanted, this.#taken);
      this.#made.push({ name, indices: free, body: e });
      this.#rests.set(e, (reading = read(name, free.map(at))));
    }
    return reading;
  }

  /** The first position of the greatest term. */
  #best({ lse: { over, guard, body } }: Member): Expr {
    return reduce("argmax", over, guard, body);
  }

  /** f[x] − top. */
  #exponent(m: Member, x: Expr): Expr {
    const terms = signedTerms(substitute(m.lse.body, new Map([[m.lse.over, x]])));
    return sumOf([...terms, { sign: -1, of: this.#read(m, "top") }]);
  }

  /** total − C by what each term is less than 1, where the scores are nearly equal; one for the family. */
  #excess(m: Member): Expr {
    const { family } = m;
    let name = this.#excesses.get(family);
    if (name === undefined) {
      this.#excesses.set(family, (name = claim("excess", this.#taken)));
      const whole = { family, at: family.indices.map(at), lse: family.lse };
      const { over, guard } = family.lse;
      const less1 = apply("expm1", this.#exponent(whole, at(over)));
      const sum = reduce("sum", over, guard, apply("precise", less1));
      const near = nearlyEqual({ total: this.#read(whole, "total"), count: countOf(whole) });
      this.#made.push({ name, indices: family.indices, body: where(near, sum, num(0)) });
    }
    return read(name, m.at);
  }

  #read(m: Member, part: "top" | "e" | "total", x?: Expr): Expr {
    return read(m.family[part], x === undefined ? m.at : [...m.at, x]);
  }

  /** The family of a log-sum-exp, made when there is none yet; undefined where it must stay as it is. */
  #member(lse: LogSumExp): Member | undefined {
    for (const family of this.#families) {
      const found = unify(family.lse, lse, family.indices, this.#inside(family.lse));
      if (found) return { family, at: family.indices.map((i) => found.get(i)!), lse };
    }
    if (!isPlain(lse.body) || !this.#scope.computable(lse)) return undefined;
    const family = this.#make(lse);
    return { family, at: family.indices.map(at), lse };
  }

  #make(lse: LogSumExp): Family {
    const indices = freeIndices(lse);
    const [top, e, total] = ["top", "e", "total"].map((name) => claim(name, this.#taken)) as [
      string,
      string,
      string,
    ];
    const { over, guard, body } = lse;
    const here = indices.map(at);
    const exponent = sumOf([...signedTerms(body), { sign: -1, of: read(top, here) }]);
    const term = apply("exp", exponent);
    this.#made.push(
      { name: top, indices, body: reduce("max", over, guard, body) },
      { name: e, indices: [...indices, over], body: guard ? where(guard, term, num(0)) : term },
      {
        name: total,
        indices,
        body: reduce("sum", over, guard, apply("precise", read(e, [...here, at(over)]))),
      },
    );
    const family = { lse, indices, top, e, total };
    this.#families.push(family);
    return family;
  }
}

interface Found {
  readonly sign: 1 | -1;
  readonly value: Expr;
  readonly left: readonly Signed[];
}

/** The one read in terms f[j] that varies with j, where they are a multiple of it. */
function readOf(body: Expr, over: Index): Node<"read"> | undefined {
  const [varying, ...more] = factors(
    body.kind === "apply" && body.op === "div" ? body.args[0]! : body,
  ).filter((f) => occursFree(over, f));
  return more.length === 0 && varying?.kind === "read" ? varying : undefined;
}

/** The condition under which a value of the index is one that a log-sum-exp ranges over. */
const guardAt = ({ lse: { over, guard } }: Member, x: Expr): Expr | undefined =>
  guard && substitute(guard, new Map([[over, x]]));

/** How many terms a log-sum-exp has. */
const countOf = ({ lse: { over, guard } }: Pick<Member, "lse">): Expr =>
  guard === undefined ? size(over.extent) : reduce("sum", over, guard, num(1));

/** S − b where b is the term of S at x, which is there where `known` holds: the sum of the others. */
function withoutMember(s: Expr, b: Expr, x: Expr, known: Expr | undefined): Expr | undefined {
  if (s.kind !== "reduce" || s.op !== "sum") return undefined;
  const { over, guard, body } = s;
  if (x.kind !== "index" || x.index.extent !== over.extent) return undefined;
  const there = guard && substitute(guard, new Map([[over, x]]));
  if (there !== undefined && !(known && isSame(known, there))) return undefined;
  if (substitute(body, new Map([[over, x]])) !== b) return undefined;
  const names = [...freeIndices(b), ...freeIndices(s)].map((i) => i.name);
  const own = fresh(over.name, over.extent, new Set(names));
  const moved = (e: Expr): Expr => substitute(e, new Map([[over, at(own)]]));
  const others = apply("ne", at(own), x);
  return reduce(
    "sum",
    own,
    guard ? apply("and", moved(guard), others) : others,
    apply("precise", moved(body)),
  );
}

/** S − b where b is something under a condition, both divided by the same: what cancels where it holds is gone. */
function whereThere(s: Expr, b: Expr): Expr | undefined {
  if (b.kind !== "where" || !isZero(b.else)) return undefined;
  const powers = [...powersOf(s)];
  const divisor = new Map(powers.filter(([, n]) => n < 0));
  const above = expanded(expression(new Map(powers.filter(([, n]) => n > 0))));
  const less = quotient(powersOf(b.then), divisor);
  if (!above || [...less.values()].some((n) => n < 0)) return undefined;
  const left = sumOf(cancelled([...above, { sign: -1, of: expression(less) }]));
  return where(b.guard, expression(new Map([[left, 1], ...divisor])), s);
}

/** Whether two conditions are one, whichever side comes first. */
const isSame = (p: Expr, q: Expr): boolean => unify(p, q, [], () => false) !== undefined;

/** Whether a value has terms of both signs, so that the sign it is written with says nothing. */
const isMixed = (e: Expr): boolean =>
  factors(e).some(
    (f) => isSum(f) && signedTerms(f).some(({ sign, of }) => sign === -1 || of.kind === "where"),
  );

/** Sums in it compensated. */
function precisely(e: Expr): Expr {
  if (e.kind !== "reduce") return rebuild(e, precisely);
  const done = e.op !== "sum" || e.type !== "real" || (e.body.kind === "apply" && e.body.op === "precise");
  return done ? e : reduce("sum", e.over, e.guard, apply("precise", e.body));
}

const isExp = (e: Expr): e is Node<"apply"> => e.kind === "apply" && e.op === "exp";

const isPlainSum = (e: Expr): e is Node<"reduce"> =>
  e.kind === "reduce" && e.op === "sum" && e.guard === undefined;

const isZero = (e: Expr): boolean => e.kind === "num" && e.value === 0;

/** The terms of an exponent; 2·lse is two of them. */
const exponent = (exp: Node<"apply">): readonly Signed[] =>
  signedTerms(exp.args[0]!).flatMap((t) => {
    const [times, lse, ...more] = factors(t.of);
    const repeated =
      times?.kind === "num" &&
      lse !== undefined &&
      more.length === 0 &&
      isLogSumExp(lse) &&
      isFew(times.value);
    return repeated ? Array.from({ length: times.value }, () => ({ sign: t.sign, of: lse })) : [t];
  });

const isFew = (n: number): boolean => Number.isInteger(n) && n > 1 && n <= 8;

const isLogSumExp = (e: Expr): e is LogSumExp => e.kind === "reduce" && e.op === "logsumexp";

/** Whether the terms are sums and products of reads at indices, numbers or labels. */
function isPlain(e: Expr): boolean {
  if (e.kind === "read")
    return e.at.every((s) => s.kind === "index" || s.kind === "num" || (s.kind === "read" && isPlain(s)));
  if (e.kind === "reduce" || e.kind === "where") return false;
  return e.kind !== "apply" || e.args.every(isPlain);
}
