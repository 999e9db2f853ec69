/**
 * Sums of exponentials beside a 1: log(1 + Σ exp f), and the shares that its gradient is made of.
 *
 * For T = sum(j, exp(f[j])) with free indices I, definitions are shared by all:
 *
 *   top[I]  = max(0, max(j, f[j]))
 *   zero[I] = exp(-top[I])
 *   rest[I] = sum(j, exp(f[j] - top[I]))
 *   all[I]  = zero[I] + rest[I]
 *
 * and in terms of them:
 *
 *   log1p(T)              top == 0 ? log1p(rest) : top + log(all)
 *   exp(f[k]) / (1 + T)   exp(f[k] - top) / all
 *   T / (1 + T)           rest / all
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
  type Node,
} from "../expr/node.ts";
import { rewriting } from "../expr/parts.ts";
import type { Definition } from "../expr/program.ts";
import { powersOf, expression, type Powers } from "./powers.ts";
import type { Fired, Row } from "./row.ts";
import { isSum, signedTerms, sumOf, type Signed } from "./terms.ts";

/** The rewrites that are made here, and why. */
// prettier-ignore
export const besideOneReasons: readonly Omit<Row, "rewrite">[] = [
  { name: "log of one and exponentials", from: "log1p(sum(j, exp(f[j])))", to: "top == 0 ? log1p(rest) : top + log(all), with all shifted by top = max(0, max(j, f[j]))", holds: "everywhere",
    counterexample: { text: "log(1 + sum(j != y, exp(s[j] - s[y] + m)))", at: { s: [1000, 0, 3], y: 1, m: 1 } } },
  { name: "share beside one", from: "exp(f[k]) / (1 + sum(j, exp(f[j])))", to: "exp(f[k] - top) / all", holds: "everywhere",
    counterexample: { text: "exp(s[y]) / (1 + sum(j, exp(s[j])))", at: { s: [1000, 0, 999], y: 0 } } },
];

interface Parts {
  readonly top: Expr;
  readonly zero: Expr;
  readonly rest: Expr;
  readonly all: Expr;
}

export class BesideOne {
  readonly #taken: Set<string>;
  readonly #computable: (e: Expr) => boolean;
  readonly #fired: Fired;
  readonly #parts = new Map<Expr, Parts>();
  readonly #made: Definition[] = [];

  constructor(taken: Set<string>, computable: (e: Expr) => boolean, fired: Fired) {
    this.#taken = taken;
    this.#computable = computable;
    this.#fired = fired;
  }

  /** The definitions that rewritten expressions read. */
  get made(): readonly Definition[] {
    return this.#made;
  }

  rewrite(e: Expr): Expr {
    return rewriting((part, go) => this.#log(part) ?? this.#share(part, go) ?? rebuild(part, go))(e);
  }

  #log(e: Expr): Expr | undefined {
    if (e.kind !== "apply" || e.op !== "log1p") return undefined;
    const parts = this.#of(e.args[0]!);
    if (!parts) return undefined;
    const { top, rest, all } = parts;
    const value = where(apply("eq", top, num(0)), apply("log1p", rest), apply("add", top, apply("log", all)));
    this.#fired("log of one and exponentials", e, value);
    return value;
  }

  /** Products and quotients with 1 + T below. */
  #share(e: Expr, go: (e: Expr) => Expr): Expr | undefined {
    if (e.kind !== "apply" || e.op !== "div") return undefined;
    const powers = powersOf(e);
    for (const [f, n] of powers) {
      const sum = n < 0 && isSum(f) ? besides(f) : undefined;
      const parts = sum && this.#of(sum);
      if (!sum || !parts) continue;
      const choice = [...powers].find(([g, m]) => g.kind === "where" && m === 1)?.[0];
      if (choice?.kind === "where") {
        const over = (side: Expr): Expr =>
          go(expression(new Map([...powers].map(([g, m]) => [g === choice ? side : g, m]))));
        return where(choice.guard, over(signless(choice.then)), over(signless(choice.else)));
      }
      const value = shifted(powers, f, sum, parts);
      if (value === undefined) continue;
      this.#fired("share beside one", e, value);
      return value;
    }
    return undefined;
  }

  #of(sum: Expr): Parts | undefined {
    const known = this.#parts.get(sum);
    if (known) return known;
    const terms = signedTerms(sum);
    if (!terms.every(isExponential)) return undefined;
    if (!this.#computable(sum)) return inPlace(terms);
    const indices = freeIndices(sum);
    const [top, zero, rest, all] = ["top", "zero", "rest", "all"].map((name) => {
      const own = claim(name, this.#taken);
      return { name: own, read: read(own, indices.map(at)) };
    }) as [Named, Named, Named, Named];
    this.#made.push(
      { name: top.name, indices, body: apply("max", num(0), ...terms.map(({ of }) => greatest(of))) },
      { name: zero.name, indices, body: apply("exp", apply("neg", top.read)) },
      {
        name: rest.name,
        indices,
        body: sumOf(terms.map(({ sign, of }) => ({ sign, of: shiftedBy(of, top.read) }))),
      },
      { name: all.name, indices, body: apply("add", zero.read, rest.read) },
    );
    const parts = { top: top.read, zero: zero.read, rest: rest.read, all: all.read };
    this.#parts.set(sum, parts);
    return parts;
  }
}

interface Named {
  readonly name: string;
  readonly read: Expr;
}

/** T of 1 + T. */
function besides(e: Expr): Expr | undefined {
  const terms = signedTerms(e);
  const others = terms.filter((t) => !(t.sign === 1 && t.of.kind === "num" && t.of.value === 1));
  const isOne = others.length === terms.length - 1 && others.every((t) => t.sign === 1);
  return isOne ? sumOf(others) : undefined;
}

const isExp = (e: Expr): e is Node<"apply"> => e.kind === "apply" && e.op === "exp";

/** An exponential, or a sum of such. */
const isExponential = ({ sign, of }: Signed): boolean =>
  sign === 1 && (isExp(of) || (of.kind === "reduce" && of.op === "sum" && isExp(of.body)));

/** The greatest exponent. */
const greatest = (e: Expr): Expr =>
  e.kind === "reduce" ? reduce("max", e.over, e.guard, greatest(e.body)) : (e as Node<"apply">).args[0]!;

/** The parts where no definition can hold them, of a few exponentials: they are as quickly computed where they stand. */
function inPlace(terms: readonly Signed[]): Parts | undefined {
  if (!terms.every(({ of }) => isExp(of))) return undefined;
  const top = apply("max", num(0), ...terms.map(({ of }) => greatest(of)));
  const zero = apply("exp", apply("neg", top));
  const rest = sumOf(terms.map(({ sign, of }) => ({ sign, of: shiftedBy(of, top) })));
  return { top, zero, rest, all: apply("add", zero, rest) };
}

/** With all exponents less `top`. */
function shiftedBy(e: Expr, top: Expr): Expr {
  if (e.kind === "reduce") return reduce("sum", e.over, e.guard, apply("precise", shiftedBy(e.body, top)));
  return shiftedExp((e as Node<"apply">).args[0]!, top);
}

/**
 * exp(f - top). From 2^60 on, exponents of doubles are hundreds apart; that the greatest f is top only after rounding
 * would count then.
 */
function shiftedExp(exponent: Expr, top: Expr): Expr {
  const e = apply("exp", sumOf([...signedTerms(exponent), { sign: -1, of: top }]));
  return where(apply("lt", top, num(2 ** 60, "real")), e, apply("iverson", apply("eq", exponent, top)));
}

/** A negative value as −1 times it, so that its factors show. */
const signless = (e: Expr): Expr =>
  e.kind === "apply" && e.op === "neg" ? apply("mul", num(-1), e.args[0]!) : e;

/** Each of 1 + T, T and exp(f) without its factor exp(top), where these cancel or more are below. */
function shifted(powers: Powers, whole: Expr, sum: Expr, { top, zero, rest, all }: Parts): Expr | undefined {
  let below = 0;
  const made = new Map<Expr, number>();
  const put = (f: Expr, n: number): void => {
    made.set(f, (made.get(f) ?? 0) + n);
  };
  for (const [f, n] of powers) {
    if (f === whole) {
      below -= n;
      put(all, n);
    } else if (f === sum && n > 0) {
      below -= n;
      put(rest, n);
    } else if (f.kind === "apply" && f.op === "exp" && n > 0) {
      below -= n;
      put(shiftedExp(f.args[0]!, top), n);
    } else put(f, n);
  }
  if (below < 0) return undefined;
  if (below > 0) put(zero, below);
  return expression(made);
}
