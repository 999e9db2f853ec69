/**
 * Polynomials of least greatest error, by the second algorithm of Remez on a fine grid.
 *
 * E. Ya. Remez, Sur le calcul effectif des polynômes d'approximation de Tchebychef, C. R. Acad. Sci.
 * Paris 199 (1934) 337–340. All of it is done in numbers of 320 bits; only the result is rounded.
 */
import { type Wide, wide } from "../../../lib/number/wide/wide.ts";

const field = wide(320);
const { add, sub, mul, div, abs } = field.functions;
const number = field.fromNumber;
const zero = number(0);

export interface Wanted {
  /** What is approximated, at x. */
  readonly target: (x: Wide) => Wide;
  /** What an error at x is multiplied by. */
  readonly weight: (x: Wide) => Wide;
  readonly from: number;
  readonly to: number;
  /** The number of coefficients. */
  readonly terms: number;
}

export interface Best {
  /** Lowest power first. */
  readonly coefficients: readonly Wide[];
  /** The greatest weighted error. */
  readonly error: number;
}

/** The polynomial whose greatest weighted error on [from, to] is least, to about a percent of that error. */
export function minimax({ target, weight, from, to, terms }: Wanted): Best {
  const points = Array.from({ length: 24 * terms }, (_, n, last = 24 * terms - 1) =>
    number((from + to) / 2 - ((to - from) / 2) * Math.cos((Math.PI * n) / last)),
  );
  const grid = points.map((x) => ({ x, target: target(x), weight: abs(weight(x)) }));
  type Point = (typeof grid)[number];
  const errorAt = (coefficients: readonly Wide[], p: Point): number =>
    field.toNumber(mul(p.weight, sub(horner(coefficients, p.x), p.target)));

  let reference = Array.from(
    { length: terms + 1 },
    (_, n) =>
      grid[Math.round(((1 - Math.cos((Math.PI * (n + 0.5)) / (terms + 1))) / 2) * (grid.length - 1))]!,
  );
  for (let round = 0; ; round++) {
    const solution = solve(reference.map((p, n) => row(p, n, terms)));
    const coefficients = solution.slice(0, terms);
    const errors = grid.map((p) => errorAt(coefficients, p));
    const level = Math.abs(field.toNumber(solution[terms]!));
    const worst = Math.max(...errors.map(Math.abs));
    if (worst <= level * 1.01 || round === 30) return { coefficients, error: worst };
    reference = extrema(errors, terms + 1).map((n) => grid[n]!);
  }
}

/** Σ cₙ xⁿ = target ± error / weight, as a row of coefficients with the right side last. */
function row(p: { x: Wide; target: Wide; weight: Wide }, n: number, terms: number): Wide[] {
  const powers = [number(1)];
  while (powers.length < terms) powers.push(mul(powers.at(-1)!, p.x));
  return [...powers, div(number(n % 2 === 0 ? 1 : -1), p.weight), p.target];
}

export const horner = (coefficients: readonly Wide[], x: Wide): Wide =>
  coefficients.reduceRight((sum, c) => add(mul(sum, x), c), zero);

/** Where the error is greatest between its changes of sign; the `count` neighbours with the greatest errors. */
function extrema(errors: readonly number[], count: number): readonly number[] {
  const found: number[] = [];
  for (const [n, e] of errors.entries()) {
    const last = found.at(-1);
    if (last === undefined || Math.sign(errors[last]!) !== Math.sign(e)) found.push(n);
    else if (Math.abs(e) > Math.abs(errors[last]!)) found[found.length - 1] = n;
  }
  while (found.length > count)
    found.splice(Math.abs(errors[found[0]!]!) < Math.abs(errors[found.at(-1)!]!) ? 0 : -1, 1);
  if (found.length < count) throw new Error("the error changes its sign too rarely: fewer terms would do");
  return found;
}

/** Gauss's elimination with pivots. */
function solve(rows: readonly Wide[][]): Wide[] {
  const left = rows.map((r) => [...r]);
  const n = left.length;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++)
      if (field.compare(abs(left[i]![k]!), abs(left[pivot]![k]!)) > 0) pivot = i;
    [left[k], left[pivot]] = [left[pivot]!, left[k]!];
    for (let i = k + 1; i < n; i++) {
      const factor = div(left[i]![k]!, left[k]![k]!);
      for (let j = k; j <= n; j++) left[i]![j] = sub(left[i]![j]!, mul(factor, left[k]![j]!));
    }
  }
  const solution: Wide[] = Array.from({ length: n }, () => zero);
  for (let i = n - 1; i >= 0; i--) {
    let rest = left[i]![n]!;
    for (let j = i + 1; j < n; j++) rest = sub(rest, mul(left[i]![j]!, solution[j]!));
    solution[i] = div(rest, left[i]![i]!);
  }
  return solution;
}
