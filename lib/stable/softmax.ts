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
  where,
  type Expr,
  type Index,
  type Node,
} from "../expr/node.ts";
import type { Definition } from "../expr/program.ts";
import { fresh, substitute } from "../expr/substitute.ts";
import { claim } from "../diff/names.ts";
import { unify, type Inside } from "../simplify/unify.ts";
import type { Fired, Row } from "./row.ts";
import { factors, isSum, product, signedTerms, sumOf, without, type Signed } from "./terms.ts";

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
}

export class Softmax {
  readonly #taken: Set<string>;
  readonly #scope: SoftmaxScope;
  readonly #families: Family[] = [];
  /** Definitions in the order in which they were needed. */
  readonly #made: Definition[] = [];
  readonly #rests = new Map<Expr, Expr>();
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
    const memo = new Map<Expr, Expr>();
    const go = (e: Expr): Expr => {
      let out = memo.get(e);
      if (out === undefined) memo.set(e, (out = step(e)));
      return out;
    };
    const step = (e: Expr): Expr => {
      if (isSum(e)) return this.#sum(e, go);
      if (e.kind === "apply" && e.op === "exp") {
        const p = this.#probability(signedTerms(e.args[0]!));
        if (p)
          return this.#note(
            "probability",
            e,
            product([
              ...(p.rest.length > 0 ? [apply("exp", go(sumOf(p.rest)))] : []),
              apply("div", p.e, p.total),
            ]),
          );
      }
      if (isLogSumExp(e)) {
        const m = this.#member(e);
        if (m) return this.#note("log-sum-exp", e, this.#whole(m));
      }
      return rebuild(e, go);
    };
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
    let terms = signedTerms(e);
    const done: Signed[] = [];
    for (let found = this.#gap(terms); found; found = this.#gap(terms)) {
      done.push({ sign: found.sign, of: found.value });
      terms = found.left;
    }
    for (let found = this.#complement(terms); found; found = this.#complement(terms)) {
      done.push({ sign: found.sign, of: found.value });
      terms = found.left;
    }
    if (done.length === 0) return rebuild(e, go);
    return sumOf([...done, ...terms.map(({ sign, of }) => ({ sign, of: go(of) }))]);
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

  /** ±c·(p[x] − 1) and ±c·(p[x] − [x == z]), c any common factors. */
  #complement(terms: readonly Signed[]): Found | undefined {
    for (const t of terms) {
      const parts = factors(t.of);
      const exp = parts.find((f) => f.kind === "apply" && f.op === "exp");
      if (exp?.kind !== "apply") continue;
      const p = this.#probability(signedTerms(exp.args[0]!));
      if (!p || p.rest.length > 0 || p.x === undefined) continue;
      const scale = parts.filter((f) => f !== exp);
      for (const u of terms) {
        if (u.sign === t.sign) continue;
        const left = without(factors(u.of), scale);
        if (left === undefined || left.length > 1) continue;
        const one = left[0] ?? num(1);
        const z = one.kind === "num" && one.value === 1 ? p.x : this.#sameAs(p.x, one);
        if (z === undefined) continue;
        const minus = apply("neg", apply("div", this.#others(p.member, z), p.total));
        const here = this.#where(p.member, z, minus, apply("sub", apply("div", p.e, p.total), num(1)));
        const value =
          one.kind === "num"
            ? here
            : where(one.kind === "apply" ? one.args[0]! : one, here, apply("div", p.e, p.total));
        this.#fired("one minus a probability", apply("sub", exp, one), value);
        return {
          sign: t.sign,
          value: product([...scale, value]),
          left: terms.filter((v) => v !== t && v !== u),
        };
      }
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
    const { body, over } = m.lse;
    const pattern = signedTerms(body).find((t) => occursFree(over, t.of));
    if (!pattern) return undefined;
    for (const t of terms) {
      if (t.sign !== sign * pattern.sign) continue;
      const x = unify(pattern.of, t.of, [over], this.#inside(pattern.of))?.get(over);
      if (x === undefined) continue;
      const left = [...terms];
      const all = signedTerms(substitute(body, new Map([[over, x]]))).every((u) => {
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
    const { guard, over } = m.lse;
    return guard === undefined ? value : where(substitute(guard, new Map([[over, x]])), value, otherwise);
  }

  #whole(m: Member): Expr {
    const top = this.#read(m, "top");
    const { over, guard, body } = m.lse;
    const sum = this.#others(m, reduce("argmax", over, guard, body));
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
    const free = freeIndices(sum);
    if (!free.every((i) => m.family.indices.includes(i))) return sum;
    let reading = this.#rests.get(sum);
    if (reading === undefined) {
      const name = claim("rest", this.#taken);
      this.#made.push({ name, indices: free, body: sum });
      this.#rests.set(sum, (reading = read(name, free.map(at))));
    }
    return reading;
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

const isLogSumExp = (e: Expr): e is LogSumExp => e.kind === "reduce" && e.op === "logsumexp";

/** Whether the terms are sums and products of reads at indices, numbers or labels. */
function isPlain(e: Expr): boolean {
  if (e.kind === "read")
    return e.at.every((s) => s.kind === "index" || s.kind === "num" || (s.kind === "read" && isPlain(s)));
  if (e.kind === "reduce" || e.kind === "where") return false;
  return e.kind !== "apply" || e.args.every(isPlain);
}
