/**
 * Exponentials of what a value lacks to the greatest of all: they cannot overflow, and need not ask.
 *
 * Where a loop has taken the maximum of x[j] over a range of j, no x[j] − maximum of that range is above 0; NaN is possible.
 */
import type { Nest, Scalar, Statement } from "../../loop/nest.ts";
import { bodiesOf, scalarsOf, parts } from "../../loop/nest.ts";
import { printScalar } from "../../loop/print.ts";
import { naming, replaced } from "../../loop/rewrite.ts";
import { effectsOf } from "../../schedule/effects.ts";
import { visit } from "./accumulation.ts";

type Loop = Extract<Statement, { kind: "for" }>;
type Load = Extract<Scalar, { kind: "load" }>;

/** A loop that takes the maximum of an array's elements in a variable. */
interface Maximum {
  readonly loop: Loop;
  readonly name: string;
  readonly of: Load;
}

/** The scalars exp(x − y) of a nest in which x − y is not above 0. */
export function notPositive(nest: Nest): ReadonlySet<Scalar> {
  const found = new Map<Scalar, number>();
  const assigned = new Map<string, number>();
  visit(nest.body, (s) => {
    if (s.kind === "assign") assigned.set(s.name, (assigned.get(s.name) ?? 0) + 1);
  });
  const block = (statements: readonly Statement[]): void => {
    for (const [n, s] of statements.entries()) {
      for (const inner of s.kind === "if" ? [s.yes, s.no] : [bodiesOf(s)]) block(inner);
      for (const most of maximaOf(s, statements.slice(0, n), assigned))
        for (const e of following(most, statements.slice(n + 1))) found.set(e, (found.get(e) ?? 0) + 1);
    }
  };
  block(nest.body);
  if (found.size === 0) return new Set();
  // A scalar may stand in several places: it must be so in all of them.
  const everywhere = new Map<Scalar, number>();
  for (const e of exponentials(nest.body)) everywhere.set(e, (everywhere.get(e) ?? 0) + 1);
  return new Set([...found].filter(([e, times]) => everywhere.get(e) === times).map(([e]) => e));
}

/** The maxima that a loop takes in variables of the block around it, which nothing else changes. */
function maximaOf(
  s: Statement,
  before: readonly Statement[],
  assigned: ReadonlyMap<string, number>,
): readonly Maximum[] {
  if (s.kind !== "for" || s.step !== undefined) return [];
  return s.body.flatMap((a) => {
    if (a.kind !== "assign" || a.by !== "max" || a.value.kind !== "load") return [];
    const own = before.some((b) => b.kind === "let" && b.name === a.name) && assigned.get(a.name) === 1;
    return own && !mentions(a.value, (name) => assigned.has(name))
      ? [{ loop: s, name: a.name, of: a.value }]
      : [];
  });
}

/** The exponentials of differences from a maximum in loops of its range, as long as the array stays as it is. */
function following({ loop, name, of }: Maximum, statements: readonly Statement[]): readonly Scalar[] {
  const found: Scalar[] = [];
  for (const s of statements) {
    if (effectsOf([s]).accesses.some((a) => a.buffer === of.buffer && a.kind !== "load")) break;
    if (s.kind !== "for" || s.step !== undefined || !isSame(s.from, loop.from) || !isSame(s.to, loop.to))
      continue;
    const index: Scalar = { kind: "name", type: "int", name: s.index };
    const element = replaced(of, naming(new Map([[loop.index, index]])));
    for (const e of exponentials(s.body)) {
      const [x, y] = e.args;
      const isOf =
        y?.kind === "apply" && y.op === "neg" && y.args[0]!.kind === "name" && y.args[0]!.name === name;
      if (e.args.length === 2 && isOf && isSame(x!, element)) found.push(e);
    }
  }
  return found;
}

const isSame = (a: Scalar, b: Scalar): boolean => printScalar(a) === printScalar(b);

const mentions = (s: Scalar, is: (name: string) => boolean): boolean =>
  (s.kind === "name" && is(s.name)) || parts(s).some((part) => mentions(part, is));

/** All sums in exponents, one by one. */
function* exponentials(statements: readonly Statement[]): Generator<Extract<Scalar, { kind: "apply" }>> {
  for (const s of statements) {
    for (const scalar of scalarsOf(s)) yield* exponentialsIn(scalar);
    yield* exponentials(bodiesOf(s));
  }
}

function* exponentialsIn(s: Scalar): Generator<Extract<Scalar, { kind: "apply" }>> {
  if (s.kind === "apply" && s.op === "expsum") yield s;
  for (const part of parts(s)) yield* exponentialsIn(part);
}
