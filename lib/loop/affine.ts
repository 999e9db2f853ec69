/**
 * Affine integer expressions: Σ coefficient · atom + constant, where an atom is an
 * index, a size, a label or anything else that arithmetic does not take apart.
 */
import { apply, at, num, occursFree, size, type Expr, type Index } from "../expr/node.ts";

export interface Affine {
  readonly terms: ReadonlyMap<Expr, number>;
  readonly constant: number;
}

/** The affine form of an integer expression. Every integer expression has one: at worst it is a single atom. */
export function affine(e: Expr): Affine {
  if (e.kind === "num") return { terms: new Map(), constant: e.value };
  if (e.kind === "apply") {
    const forms = () => e.args.map(affine);
    if (e.op === "add") return forms().reduce((a, b) => combine(a, b, 1));
    if (e.op === "sub") return forms().reduce((a, b) => combine(a, b, -1));
    if (e.op === "neg") return scale(affine(e.args[0]!), -1);
    if (e.op === "mul") {
      const factors = forms();
      const varying = factors.filter((f) => f.terms.size > 0);
      if (varying.length <= 1) {
        const factor = factors.filter((f) => f.terms.size === 0).reduce((a, f) => a * f.constant, 1);
        return varying[0] === undefined ? { terms: new Map(), constant: factor } : scale(varying[0], factor);
      }
    }
  }
  return { terms: new Map([[e, 1]]), constant: 0 };
}

/** a + by · b */
function combine(a: Affine, b: Affine, by: number): Affine {
  const terms = new Map(a.terms);
  for (const [atom, c] of b.terms) {
    const sum = (terms.get(atom) ?? 0) + by * c;
    if (sum === 0) terms.delete(atom);
    else terms.set(atom, sum);
  }
  return { terms, constant: a.constant + by * b.constant };
}

const scale = (a: Affine, by: number): Affine => combine({ terms: new Map(), constant: 0 }, a, by);

/** The expression again, positive terms first, the constant last. */
export function expression({ terms, constant }: Affine): Expr {
  const signed = [...terms].toSorted(([, a], [, b]) => Number(b > 0) - Number(a > 0));
  const products = signed.map(([atom, c]) => ({
    negative: c < 0,
    of: Math.abs(c) === 1 ? atom : apply("mul", num(Math.abs(c)), atom),
  }));
  if (constant !== 0 || products.length === 0)
    products.push({ negative: constant < 0, of: num(Math.abs(constant)) });
  const [first, ...others] = products;
  const start = first!.negative ? apply("neg", first!.of) : first!.of;
  // 1 - 2·p, not -2·p + 1.
  if (first!.negative && constant > 0 && others.length > 0)
    return expression({ terms: new Map([[num(constant), 1], ...signed]), constant: 0 });
  return others.reduce((sum, { negative, of }) => apply(negative ? "sub" : "add", sum, of), start);
}

/** What conditions say about one index: least values, ends (exclusive), values that it must equal, and the rest. */
export interface Range {
  readonly least: readonly Expr[];
  readonly end: readonly Expr[];
  readonly equal: readonly Expr[];
  readonly rest: readonly Expr[];
}

/**
 * Reads bounds of `i` off the conditions that are linear in it; an equation only where its coefficient is ±1.
 * `i` itself is free in none of the bounds.
 */
export function rangeOf(i: Index, conditions: readonly Expr[]): Range {
  const least: Expr[] = [];
  const end: Expr[] = [];
  const equal: Expr[] = [];
  const rest: Expr[] = [];
  for (const condition of conditions) {
    const bound = boundOf(i, condition);
    if (bound === undefined) rest.push(condition);
    else ({ least, end, equal })[bound.side].push(bound.at);
  }
  return { least, end, equal, rest };
}

/** A comparison seen from its other side. */
const turned = { lt: "gt", le: "ge", gt: "lt", ge: "le", eq: "eq" } as const;

const isTold = (op: string): op is keyof typeof turned => op in turned;

function boundOf(i: Index, condition: Expr): { side: "least" | "end" | "equal"; at: Expr } | undefined {
  if (condition.kind !== "apply" || condition.args.some((a) => a.type !== "int")) return undefined;
  const [a, b] = condition.args;
  if (a === undefined || b === undefined || condition.args.length !== 2) return undefined;
  const difference = combine(affine(a), affine(b), -1);
  const c = difference.terms.get(at(i));
  if (c === undefined || !isTold(condition.op)) return undefined;
  const rest = {
    terms: new Map([...difference.terms].filter(([atom]) => atom !== at(i))),
    constant: difference.constant,
  };
  if ([...rest.terms.keys()].some((atom) => occursFree(i, atom))) return undefined;
  // c·i + rest ⋚ 0, so |c|·i ⋚ value, turned round when c is negative.
  const value = scale(rest, -Math.sign(c));
  const by = Math.abs(c);
  switch (c > 0 ? condition.op : turned[condition.op]) {
    case "eq":
      return by === 1 ? { side: "equal", at: expression(value) } : undefined;
    case "lt":
      return { side: "end", at: above(value, -1, by) };
    case "le":
      return { side: "end", at: above(value, 0, by) };
    case "gt":
      return { side: "least", at: above(value, 0, by) };
    case "ge":
      return { side: "least", at: above(value, -1, by) };
  }
}

/** What an equation of places that are searched says where nobody has searched: no place is before -1, or after the last. */
export function implied(condition: Expr): readonly Expr[] {
  if (condition.kind !== "apply" || condition.op !== "eq") return [];
  const [a, b] = condition.args;
  if (a?.type !== "int" || b?.type !== "int") return [];
  const difference = combine(affine(a), affine(b), -1);
  const places = [...difference.terms.keys()].flatMap((e) =>
    e.kind === "reduce" && (e.op === "argmax" || e.op === "argmin") ? [e] : [],
  );
  if (places.length === 0) return [];
  const rest = {
    terms: new Map([...difference.terms].filter(([atom]) => !places.some((p) => p === atom))),
    constant: difference.constant,
  };
  const extreme = (greatest: boolean): Expr =>
    expression(
      places.reduce<Affine>((sum, place) => {
        const times = difference.terms.get(place)!;
        const last = affine(apply("sub", size(place.over.extent), num(1)));
        return combine(sum, times > 0 === greatest ? last : affine(num(-1)), times);
      }, rest),
    );
  return [apply("le", extreme(false), num(0)), apply("ge", extreme(true), num(0))];
}

/** The least integer that, taken `by` times, is above value + more. */
function above(value: Affine, more: number, by: number): Expr {
  const from = { ...value, constant: value.constant + more };
  const whole = by === 1 ? from : { terms: new Map([[quotient(from, by), 1]]), constant: 0 };
  return expression({ ...whole, constant: whole.constant + 1 });
}

/** ⌊value / by⌋ */
function quotient(value: Affine, by: number): Expr {
  if (value.terms.size === 0) return num(Math.floor(value.constant / by));
  return apply("quotient", expression(value), num(by));
}

/** The conditions that `and` joins, in order. */
export function conjuncts(condition: Expr | undefined): readonly Expr[] {
  if (condition === undefined) return [];
  return condition.kind === "apply" && condition.op === "and"
    ? condition.args.flatMap(conjuncts)
    : [condition];
}
