/** What is made of a mixture, in terms of its peak. */
import { apply, num, read, rebuild, where, type Expr, type Node } from "../../expr/node.ts";
import { rewriting } from "../../expr/parts.ts";
import type { Definition } from "../../expr/program.ts";
import { substitute } from "../../expr/substitute.ts";
import { unify } from "../../simplify/unify.ts";
import { argument, isApply } from "../pattern.ts";
import { expression, powersOf, quotient, type Powers } from "../powers.ts";
import type { Fired } from "../row.ts";
import { sameAs } from "../softmax/complement.ts";
import { inside, type Shapes } from "../softmax/position.ts";
import { isSum, product, signedTerms, sumOf } from "../terms.ts";
import { isExp, othersOf, termOf, type Mixture } from "./mixture.ts";
import { timesLess, whereItIsThere } from "./shifted.ts";

/** A mixture that is a definition, and the names of what it is made of. */
export interface Parts {
  readonly mixed: Definition;
  readonly mixture: Mixture;
  readonly peak: string;
  readonly mass: string;
  readonly slack: string;
}

/** Logs of a mixture, quotients by it, and what these lack, in terms of its peak. */
export class ByPeak {
  readonly #parts: Parts;
  readonly #shapes: Shapes;
  readonly #fired: Fired;

  constructor(parts: Parts, shapes: Shapes, fired: Fired) {
    this.#parts = parts;
    this.#shapes = shapes;
    this.#fired = fired;
  }

  readonly rewrite = rewriting((e, go): Expr => {
    if (isSum(e)) return this.#gap(e, go) ?? this.#complement(e, go) ?? rebuild(e, go);
    const inner = rebuild(e, go);
    return this.#log(inner) ?? this.#share(inner) ?? inner;
  });

  #isMixture(e: Expr): e is Node<"read"> {
    return e.kind === "read" && e.name === this.#parts.mixed.name;
  }

  #isLog = (e: Expr): e is Node<"apply"> => isApply(e, "log") && this.#isMixture(argument(e));

  /** log of the mass, by what it is more than 1 where that is little. */
  #logOfMass(at: readonly Expr[]): Expr {
    const [mass, slack] = [read(this.#parts.mass, at), read(this.#parts.slack, at)];
    const near = apply("and", apply("gt", mass, num(0.5)), apply("lt", mass, num(2)));
    return where(near, apply("log1p", slack), apply("log", mass));
  }

  #log(e: Expr): Expr | undefined {
    if (!this.#isLog(e)) return undefined;
    const at = (argument(e) as Node<"read">).at;
    const out = apply("add", read(this.#parts.peak, at), this.#logOfMass(at));
    this.#fired("log of a mixture", e, out);
    return out;
  }

  /** log(T) and other terms: the peak goes against these first. */
  #gap(e: Expr, go: (e: Expr) => Expr): Expr | undefined {
    const terms = signedTerms(e);
    const log = terms.find((t) => this.#isLog(t.of));
    if (!log || !this.#isLog(log.of)) return undefined;
    const at = (argument(log.of) as Node<"read">).at;
    const rest = terms.filter((t) => t !== log).map(({ sign, of }) => ({ sign, of: go(of) }));
    const main = sumOf([{ sign: log.sign, of: read(this.#parts.peak, at) }, ...rest]);
    const out = apply(log.sign === 1 ? "add" : "sub", main, this.#logOfMass(at));
    this.#fired("log of a mixture", e, out);
    return out;
  }

  #share(e: Expr): Expr | undefined {
    const powers = isApply(e, "div") ? powersOf(e) : undefined;
    const below = powers && [...powers].find(([f, n]) => this.#isMixture(f) && n < 0 && Number.isInteger(n));
    if (!powers || !below || !this.#isMixture(below[0])) return undefined;
    const at = below[0].at;
    const rest = timesLess(quotient(powers, new Map([below])), -below[1], read(this.#parts.peak, at));
    if (!rest) return undefined;
    const out = whereItIsThere(new Map([...rest, [read(this.#parts.mass, at), below[1]]]));
    this.#fired("share of a mixture", e, out);
    return out;
  }

  /** c*(w[x]*exp(f[x]) / T - 1), and less [x == z]. */
  #complement(e: Expr, go: (e: Expr) => Expr): Expr | undefined {
    const { mixed, mixture, peak, mass } = this.#parts;
    const terms = signedTerms(e);
    for (const t of terms) {
      const powers = powersOf(t.of);
      const whole = [...powers].find(([f, n]) => this.#isMixture(f) && n === -1)?.[0];
      const exp = [...powers].find(([f, n]) => isExp(f) && n === 1)?.[0];
      if (!whole || !exp || !this.#isMixture(whole)) continue;
      const here = new Map(mixed.indices.map((i, n) => [i, whole.at[n]!]));
      const { over } = mixture.sum;
      const pattern = substitute(mixture.exp, here);
      const x = unify(pattern, exp, [over], inside(pattern, this.#shapes))?.get(over);
      if (x === undefined) continue;
      const weight = powersOf(substitute(substitute(mixture.weight, here), new Map([[over, x]])));
      const scale = quotient(
        quotient(powers, weight),
        new Map([
          [exp, 1],
          [whole, -1],
        ]),
      );
      const due = terms.find((u) => u.sign !== t.sign && dueOf(u.of, scale, x));
      if (!due) continue;
      const z = dueOf(due.of, scale, x)!;
      const own: Mixture = {
        sum: substitute(mixture.sum, here) as Node<"reduce">, // of a sum, at other subscripts
        weight: substitute(mixture.weight, here),
        exp: pattern as Node<"apply">, // of an exponential
      };
      const others = othersOf(own, termOf(own, read(peak, whole.at)), x);
      const lack = apply("neg", apply("div", others, read(mass, whole.at)));
      const factor = expression(scale);
      const value = product([
        go(factor),
        z === x ? lack : where(apply("eq", x, z), lack, go(expression(quotient(powers, scale)))),
      ]);
      const rest = terms.filter((u) => u !== t && u !== due);
      const out = sumOf([{ sign: t.sign, of: value }, ...rest.map(({ sign, of }) => ({ sign, of: go(of) }))]);
      this.#fired("share of a mixture less one", sumOf([t, due]), value);
      return out;
    }
    return undefined;
  }
}

/** z of scale*[x == z], and x of `scale`; undefined for others. */
export function dueOf(e: Expr, scale: Powers, x: Expr): Expr | undefined {
  const [one, ...more] = [...quotient(powersOf(e), scale)];
  if (one === undefined) return x;
  return more.length === 0 && one[1] === 1 ? sameAs(x, one[0]) : undefined;
}
