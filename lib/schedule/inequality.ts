/** Bounds of loops as inequalities between integers, and solved for another index: G ≥ 0, where G is a polynomial. */
import { call, plus } from "../loop/integer.ts";
import { constant, named, operands, type Range, type Scalar } from "../loop/nest.ts";
import { along, polynomial, product, scalarOf, sum, type Polynomial } from "./polynomial.ts";

/** One end of a range: a term of the maximum that it starts at, or of the minimum that it ends before. */
export interface End {
  readonly side: "from" | "to";
  readonly term: Scalar;
}

export const endsOf = ({ from, to }: Range): readonly End[] => [
  ...operands("max", from).map((term) => ({ side: "from" as const, term })),
  ...operands("min", to).map((term) => ({ side: "to" as const, term })),
];

/** The range with such ends; undefined where one side has none. */
export function rangeOf(index: string, ends: readonly End[]): Range | undefined {
  const side = (which: End["side"]) => ends.filter((e) => e.side === which).map((e) => e.term);
  const [from, to] = [side("from"), side("to")];
  if (from.length === 0 || to.length === 0) return undefined;
  return { index, from: extreme("max", from), to: extreme("min", to) };
}

const extreme = (op: "max" | "min", terms: readonly Scalar[]): Scalar =>
  terms.length === 1 ? terms[0]! : call(op, ...terms);

/** What is not negative where an integer, given as a polynomial, is inside an end. */
export function inside(value: Polynomial, { side, term }: End): Polynomial {
  const { divided, by, more } = quotient(term);
  const own = product(number(by), sum(value, more, -1));
  // x ≥ ⌊E / k⌋ + m is k·(x - m) + k - 1 - E ≥ 0, x < ⌊E / k⌋ + m is E - k·(x - m + 1) ≥ 0.
  return side === "from"
    ? sum(sum(own, number(by - 1)), divided, -1)
    : sum(divided, sum(own, number(by)), -1);
}

const number = (value: number): Polynomial => polynomial(constant(value));

/** A term as ⌊divided / by⌋ + more; by is 1 where nothing is divided. */
function quotient(term: Scalar): {
  readonly divided: Polynomial;
  readonly by: number;
  readonly more: Polynomial;
} {
  const whole = polynomial(term);
  for (const { coefficient, atoms } of whole.values()) {
    const [only] = atoms;
    if (coefficient !== 1 || atoms.length !== 1 || only?.kind !== "apply" || only.op !== "quotient") continue;
    const [divided, by] = only.args as [Scalar, Scalar];
    if (by.kind === "const" && by.value > 0)
      return { divided: polynomial(divided), by: by.value, more: sum(whole, polynomial(only), -1) };
  }
  return { divided: whole, by: 1, more: number(0) };
}

/** The end that an inequality is for an index; undefined where it is not a multiple of the index and something. */
export function solved(inequality: Polynomial, index: string): End | undefined {
  const form = along(inequality, index);
  const times = form && numberOf(form.stride);
  if (form === undefined || times === undefined || times === 0) return undefined;
  return times > 0
    ? { side: "from", term: above(sum(new Map(), form.rest, -1), -1, times) }
    : { side: "to", term: above(form.rest, 0, -times) };
}

/** The least integer that, taken `by` times, is above value + more. */
function above(value: Polynomial, more: number, by: number): Scalar {
  if (by === 1) return scalarOf(sum(value, number(more + 1)));
  const whole = call("quotient", scalarOf(sum(value, number(more))), constant(by));
  return plus(whole, constant(1));
}

/** How often an index is in a polynomial; undefined where that is no number. */
export function timesOf(p: Polynomial, index: string): number | undefined {
  const form = along(p, index);
  return form && numberOf(form.stride);
}

/** A polynomial that is a number. */
function numberOf(p: Polynomial): number | undefined {
  const [only] = p.values();
  if (only === undefined) return 0;
  return p.size === 1 && only.atoms.length === 0 ? only.coefficient : undefined;
}

/** An index as a polynomial. */
export const indexed = (index: string): Polynomial => polynomial(named(index, "int"));
