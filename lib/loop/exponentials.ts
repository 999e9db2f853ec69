/**
 * Running sums of exponentials: over all k up to an index t, or from it on, of weight(k) · exp(f(k) + c(t)), such as
 * the total Σ_{k ≤ t} exp(x[k] - top[t]) of a running log-sum-exp, and the sums of its gradient.
 *
 * All terms change with t by the same factor. With F(t) the largest f so far and T(t) = Σ weight(k) · exp(f(k) - F(t))
 * the sum is T(t) · exp(F(t) + c(t)), and T goes on from the t before: where f(k) is a new largest, what is there is
 * multiplied by exp(F - f(k)), which is below 1. One step for each t, instead of one for each pair.
 */
import { apply, at, num, occursFree, reduce, where, type Expr, type Index, type Node } from "../expr/node.ts";
import { affine, conjuncts, rangeOf } from "./affine.ts";
import { excluded } from "./excluded.ts";

/** factor(t) · Σ weight(k) · exp(exponent(k) + shift(t)), k being what the sum is over. */
export interface Exponentials {
  /** The index t that it runs along. */
  readonly along: Index;
  /** Which k there are: a comparison of k and t. */
  readonly limit: Expr;
  /** Whether the term of the largest exponent, the first of them, is left out; it has a weight of 1 then. */
  readonly withoutLargest: boolean;
  /** 0 where `conditions` do not hold. */
  readonly weight: Expr;
  readonly conditions: readonly Expr[];
  readonly exponent: Expr;
  /** What is added to each exponent; undefined where it is the largest exponent, taken off. */
  readonly shift: Expr | undefined;
  readonly factor: Expr;
}

/** The sum, or that of which it is the log, as one of exponentials that runs along an index; undefined where it is none. */
export function exponentials(e: Node<"reduce">): Exponentials | undefined {
  let found = known.get(e);
  if (found === undefined) known.set(e, (found = { is: isOfExponentials(e) ? recognised(e) : undefined }));
  return found.is;
}

const isOfExponentials = ({ op }: Node<"reduce">): boolean => op === "sum" || op === "logsumexp";

const known = new WeakMap<Expr, { readonly is: Exponentials | undefined }>();

function recognised(e: Node<"reduce">): Exponentials | undefined {
  const limited = limitOf(e);
  if (limited === undefined) return undefined;
  const { along, limit, others: all } = limited;
  const own = all.filter((c) => !occursFree(along, c));
  const others = all.filter((c) => !own.includes(c));
  const body = own.reduceRight((then, c) => where(c, then, num(0, "real")), e.body);
  if (e.op === "logsumexp") return occursFree(along, e.body) ? undefined : logged(e, limited, own);
  const product = new Product(e.over, along);
  if (!product.take(body) || !product.isMixed) return undefined;
  const { weight, factor, exponent, shifts } = product;
  const largest = reduce("max", e.over, limit, exponent);
  // What weighs nothing may be the largest of all, but not the largest of the sum.
  const takesOff = weight === one && shifts.length === 1 && shifts[0] === apply("neg", largest);
  const shift = takesOff ? undefined : sumOf(shifts);
  const place = reduce("argmax", e.over, limit, exponent);
  const withoutLargest = others.length > 0;
  if (!others.every((c) => excluded(c, e.over).includes(place)) || (withoutLargest && weight !== one))
    return undefined;
  return { along, limit, withoutLargest, weight, conditions: own, exponent, shift, factor };
}

/** What a log-sum-exp is the log of, where `own` holds, with the largest exponent taken off. */
function logged(
  { body }: Node<"reduce">,
  { along, limit, others }: { readonly along: Index; readonly limit: Expr; readonly others: readonly Expr[] },
  own: readonly Expr[],
): Exponentials | undefined {
  if (others.length > own.length) return undefined;
  const weight = own.reduceRight((then, c) => where(c, then, num(0, "real")), one);
  return {
    along,
    limit,
    withoutLargest: false,
    weight,
    conditions: own,
    exponent: body,
    shift: undefined,
    factor: one,
  };
}

const one = num(1, "real");

const times = (a: Expr, b: Expr): Expr => (a === one ? b : apply("mul", a, b));

const sumOf = ([first, ...others]: readonly Expr[]): Expr =>
  first === undefined ? num(0, "real") : others.length === 0 ? first : apply("add", first, ...others);

/** The comparison of k with the index that it goes up to, or from, and what else must hold. */
function limitOf({ over, guard }: Node<"reduce">) {
  const all = conjuncts(guard);
  for (const limit of all) {
    const { least, end } = rangeOf(over, [limit]);
    const [bound] = [...least, ...end];
    const { terms, constant } = affine(bound ?? num(0));
    const [atom, ...more] = terms.keys();
    if (atom?.kind !== "index" || more.length > 0 || terms.get(atom) !== 1) continue;
    if (constant !== 0 && constant !== 1) continue;
    const others = all.filter((c) => c !== limit);
    const own = others.filter((c) => excluded(c, over).includes(atom));
    const rest = others.filter((c) => !own.includes(c));
    // k ≥ t and k ≠ t is k > t.
    const strict = apply(least.length > 0 ? "gt" : "lt", at(over), atom);
    return { along: atom.index, limit: own.length > 0 ? strict : limit, others: rest };
  }
  return undefined;
}

/** A product of what changes with k, what changes with t, and exponentials of sums of such. */
class Product {
  weight: Expr = one;
  factor: Expr = one;
  /** Whether there is an exponential that changes with both. */
  isMixed = false;
  readonly shifts: Expr[] = [];
  readonly #over: Index;
  readonly #along: Index;
  readonly #exponents: Expr[] = [];

  constructor(over: Index, along: Index) {
    this.#over = over;
    this.#along = along;
  }

  get exponent(): Expr {
    return sumOf(this.#exponents);
  }

  /** Takes an expression apart; false where that cannot be done. */
  take(e: Expr): boolean {
    if (!occursFree(this.#over, e)) this.factor = times(this.factor, e);
    else if (!occursFree(this.#along, e)) this.weight = times(this.weight, e);
    else if (e.kind === "where") return this.#chosen(e);
    else return e.kind === "apply" && this.#operation(e);
    return true;
  }

  /** A choice between what changes with both and 0, on a condition that does not. */
  #chosen({ guard, then, else: otherwise }: Node<"where">): boolean {
    if (otherwise.kind !== "num" || otherwise.value !== 0) return false;
    if (!this.take(then)) return false;
    const chosen = (e: Expr): Expr => where(guard, e, num(0, "real"));
    if (!occursFree(this.#along, guard)) this.weight = chosen(this.weight);
    else if (!occursFree(this.#over, guard)) this.factor = chosen(this.factor);
    else return false;
    return true;
  }

  #operation({ op, args }: Node<"apply">): boolean {
    const [first, second] = args;
    if (op === "mul") return args.every((a) => this.take(a));
    if (op === "precise") return this.take(first!);
    if (op === "exp" || op === "expsum") return args.every((a) => this.#term(a, false));
    if (op === "neg") {
      this.factor = times(this.factor, num(-1, "real"));
      return this.take(first!);
    }
    if (op !== "div" || !this.take(first!)) return false;
    if (!occursFree(this.#over, second!)) this.factor = apply("div", this.factor, second!);
    else if (!occursFree(this.#along, second!)) this.weight = apply("div", this.weight, second!);
    else return false;
    return true;
  }

  /** A term of an exponent. */
  #term(e: Expr, negative: boolean): boolean {
    const term = negative ? apply("neg", e) : e;
    this.isMixed = true;
    if (!occursFree(this.#over, e)) this.shifts.push(term);
    else if (!occursFree(this.#along, e)) this.#exponents.push(term);
    else if (e.kind !== "apply") return false;
    else if (e.op === "neg") return this.#term(e.args[0]!, !negative);
    else if (e.op === "add") return e.args.every((a) => this.#term(a, negative));
    else if (e.op === "sub") return this.#term(e.args[0]!, negative) && this.#term(e.args[1]!, !negative);
    else return false;
    return true;
  }
}
