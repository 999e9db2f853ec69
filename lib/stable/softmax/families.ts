/** Log-sum-exps by family, and the definitions that rewritten expressions read. */
import { claim } from "../../diff/names.ts";
import { apply, at, freeIndices, num, read, reduce, where, type Expr, type Index } from "../../expr/node.ts";
import { anywhere } from "../../expr/parts.ts";
import type { Definition } from "../../expr/program.ts";
import { fresh, substitute } from "../../expr/substitute.ts";
import { unify } from "../../simplify/unify.ts";
import { signedTerms, sumOf, type Signed } from "../terms.ts";
import { decided, nearlyEqual, type Share } from "../weighted.ts";
import { bestOf, countOf, isPlain, termAt, type Family, type LogSumExp, type Member } from "./family.ts";
import { among, chosen, inside, type Position, type Shapes } from "./position.ts";

/** What there is to know about arrays. */
export interface SoftmaxScope {
  readonly shapes: Shapes;
  /** Whether an expression may be computed for all values of its free indices. */
  readonly computable: (e: Expr) => boolean;
  /** By the rules of algebra, as over the reals. */
  readonly simplify: (e: Expr) => Expr;
}

export class Families {
  readonly #taken: Set<string>;
  readonly #scope: SoftmaxScope;
  readonly #all: Family[] = [];
  /** Definitions in the order in which they were needed. */
  readonly #made: Definition[] = [];
  readonly #rests = new Map<Expr, Expr>();
  readonly #excesses = new Map<Family, string>();

  constructor(taken: Set<string>, scope: SoftmaxScope) {
    this.#taken = taken;
    this.#scope = scope;
  }

  /** The definitions that rewritten expressions read. */
  get made(): readonly Definition[] {
    return this.#made;
  }

  /** Whether an expression may be computed for all values of its free indices. */
  computable(e: Expr): boolean {
    return this.#scope.computable(e);
  }

  simplify(e: Expr): Expr {
    return this.#scope.simplify(e);
  }

  /** The family of a log-sum-exp, made when there is none yet; undefined where it must stay as it is. */
  member(lse: LogSumExp): Member | undefined {
    for (const family of this.#all) {
      const found = unify(family.lse, lse, family.indices, inside(family.lse, this.#scope.shapes));
      if (found) return { family, at: family.indices.map((i) => found.get(i)!), lse };
    }
    if (!isPlain(lse.body) || !this.#scope.computable(lse)) return undefined;
    const family = this.#make(lse);
    return { family, at: family.indices.map(at), lse };
  }

  read(m: Member, part: "top" | "e" | "total", x?: Expr): Expr {
    return read(m.family[part], x === undefined ? m.at : [...m.at, x]);
  }

  /** p[x]. */
  share(m: Member, x: Expr): Expr {
    return apply("div", this.read(m, "e", x), this.read(m, "total"));
  }

  /** What p[x] is made of, but for the others. */
  parts(m: Member, x: Expr): Omit<Share, "others"> {
    return {
      e: this.read(m, "e", x),
      total: this.read(m, "total"),
      count: countOf(m),
      slight: apply("expm1", this.exponent(m, x)),
      excess: this.excess(m),
    };
  }

  /** sum(j != x, e[j]). */
  others(m: Member, x: Expr): Expr {
    const names = new Set([...freeIndices(x), ...freeIndices(m.lse)].map((i) => i.name));
    const over = fresh(m.lse.over.name, m.lse.over.extent, names);
    const apart = apply("ne", at(over), x);
    const guard = m.lse.guard && substitute(m.lse.guard, new Map([[m.lse.over, at(over)]]));
    const sum = reduce(
      "sum",
      over,
      guard ? apply("and", guard, apart) : apart,
      apply("precise", this.read(m, "e", at(over))),
    );
    return freeIndices(sum).every((i) => m.family.indices.includes(i)) ? this.named("rest", sum) : sum;
  }

  whole(m: Member): Expr {
    const top = this.read(m, "top");
    const sum = this.others(m, bestOf(m));
    return where(
      apply("lt", apply("abs", top), num(Infinity, "real")),
      apply("add", top, apply("log1p", sum)),
      top,
    );
  }

  /** log(total), from the sum of all terms but the greatest where they are less than it. */
  logOfTotal(m: Member): Expr {
    const { over, body } = m.lse;
    const guard = m.lse.guard;
    const less = apply("ne", body, this.read(m, "top"));
    const rest = reduce(
      "sum",
      over,
      guard ? apply("and", guard, less) : less,
      apply("precise", this.read(m, "e", at(over))),
    );
    const total = this.read(m, "total");
    return where(decided(total), apply("log1p", rest), apply("log", total));
  }

  /** x such that the summands of f[x] are among the terms, with this sign; and the other terms. */
  position(m: Member, terms: readonly Signed[], sign: 1 | -1): Position | undefined {
    const { over, body } = m.lse;
    return this.among(signedTerms(body), over, terms, sign) ?? chosen(body, over, terms, sign, this.#scope);
  }

  /** x such that the summands of a function of `over` are, at x, among the terms with this sign; and the other terms. */
  among(
    summands: readonly Signed[],
    over: Index,
    terms: readonly Signed[],
    sign: 1 | -1,
  ): Position | undefined {
    return among(summands, over, terms, sign, this.#scope.shapes);
  }

  /** f[x] − top. */
  exponent(m: Member, x: Expr): Expr {
    return sumOf([...signedTerms(termAt(m, x)), { sign: -1, of: this.read(m, "top") }]);
  }

  /** total − C by what each term is less than 1, where the scores are nearly equal; one for the family. */
  excess(m: Member): Expr {
    const { family } = m;
    let name = this.#excesses.get(family);
    if (name === undefined) {
      this.#excesses.set(family, (name = claim("excess", this.#taken)));
      const whole = { family, at: family.indices.map(at), lse: family.lse };
      const { over, guard } = family.lse;
      const less1 = apply("expm1", this.exponent(whole, at(over)));
      const sum = reduce("sum", over, guard, apply("precise", less1));
      const near = nearlyEqual({ total: this.read(whole, "total"), count: countOf(whole) });
      this.#made.push({ name, indices: family.indices, body: where(near, sum, num(0)) });
    }
    return read(name, m.at);
  }

  /**
   * Terms that have sums in them as a definition of their own: added up once for all, in one order, so that
   * values that are equal do not differ by rounding.
   */
  once(terms: readonly Signed[], over: Index, go: (e: Expr) => Expr): readonly Signed[] {
    const whole = sumOf(terms);
    const isSummed = anywhere(whole, (e) => e.kind === "reduce");
    return isSummed && this.#scope.computable(whole)
      ? [{ sign: 1, of: this.named("worth", go(whole), over) }]
      : terms;
  }

  /** A read of a definition that holds `e`, made when there is none yet; its subscript `last`, if there is one, comes last. */
  named(wanted: string, e: Expr, last?: Index): Expr {
    const free = freeIndices(e).toSorted((i, j) => Number(i === last) - Number(j === last));
    let reading = this.#rests.get(e);
    if (reading === undefined) {
      const name = claim(wanted, this.#taken);
      this.#made.push({ name, indices: free, body: e });
      this.#rests.set(e, (reading = read(name, free.map(at))));
    }
    return reading;
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
    this.#all.push(family);
    return family;
  }
}
