/**
 * Loops over a window and over its positions, exchanged.
 *
 *   for p < P { for max(0, 1 - p) ≤ r < min(R, N - p + 1) { … } }
 *   for r < R { for max(0, 1 - r) ≤ p < min(P, N - r + 1) { … } }
 *
 * are the same pairs. Windows are short and their positions many, so the contraction is that of the
 * positions, which then lie side by side in memory, and the window is the loop around it.
 */
import { call, plus } from "../loop/integer.ts";
import { constant, named, type Nest, type Range, type Scalar } from "../loop/nest.ts";
import type { Around } from "./contraction.ts";
import { along, mentions, polynomial, scalarOf, sum, type Polynomial } from "./polynomial.ts";

/** The names of the sizes that windows have: what slides over an axis, such as the kernel of a convolution. */
export function windowSizes({ sizes }: Pick<Nest, "sizes">): ReadonlySet<string> {
  const sliding = new Set(
    sizes.flatMap(({ extent }) =>
      extent.kind === "window" ? extent.fits.flatMap((fit) => fit.others.map((o) => o.extent)) : [],
    ),
  );
  return new Set(sizes.filter(({ extent }) => sliding.has(extent)).map(({ name }) => name));
}

/** Loops in an order in which the bounds of no window depend on a position, where that can be had. */
export function windowsOutside(path: readonly Around[], windows: ReadonlySet<string>): readonly Around[] {
  for (const [at, window] of path.entries()) {
    if ("guard" in window || !isShort(window, windows)) continue;
    const before = path.slice(0, at).filter((a) => !("guard" in a) && dependsOn(window, a));
    const [position] = before;
    if (position === undefined || before.length > 1 || "guard" in position) continue;
    const exchanged = exchange(position, window);
    if (exchanged === undefined) continue;
    const rest = path.filter((a) => a !== window).flatMap((a) => (a === position ? exchanged : [a]));
    return windowsOutside(rest, windows);
  }
  return path;
}

/** Whether a range is no longer than a window, or than some number: where one of its ends less one of its starts says so. */
export function isShort({ from, to }: Range, windows: ReadonlySet<string>): boolean {
  const isOfWindows = (p: Polynomial) =>
    [...p.values()].every(({ atoms }) => atoms.every((a) => a.kind === "name" && windows.has(a.name)));
  return termsOf("min", to).some((end) =>
    termsOf("max", from).some((start) => isOfWindows(sum(undivided(end), undivided(start), -1))),
  );
}

/** The polynomial of a bound, with what a quotient divides in the place of the quotient: a multiple of what it is, or nearly. */
function undivided(s: Scalar): Polynomial {
  if (s.kind !== "apply") return polynomial(s);
  if (s.op === "quotient") return polynomial(s.args[0]!);
  return s.op === "add" ? s.args.map(undivided).reduce((a, b) => sum(a, b)) : polynomial(s);
}

const dependsOn = ({ from, to }: Range, { index }: Range): boolean =>
  mentions(from, index) || mentions(to, index);

/** The operands of nested extrema. */
const termsOf = (op: "max" | "min", s: Scalar): readonly Scalar[] =>
  s.kind === "apply" && s.op === op ? s.args.flatMap((a) => termsOf(op, a)) : [s];

const extreme = (op: "max" | "min", terms: readonly Scalar[]): Scalar =>
  terms.length === 1 ? terms[0]! : call(op, ...terms);

/** The window, then the position in it; undefined where a bound is not a multiple of the position and something. */
function exchange(position: Range, window: Range): readonly [Range, Range] | undefined {
  const [least, end] = [termsOf("max", position.from), termsOf("min", position.to)].map((all) => [...all]);
  const own = { from: [] as Scalar[], to: [] as Scalar[] };
  const r = polynomial(named(window.index, "int"));
  const bounds = [
    ...termsOf("max", window.from).map((term) => ({ side: "from" as const, term })),
    ...termsOf("min", window.to).map((term) => ({ side: "to" as const, term })),
  ];
  for (const { side, term } of bounds) {
    const form = along(polynomial(term), position.index);
    const times = form && numberOf(form.stride);
    if (form === undefined || times === undefined) return undefined;
    const { rest } = form;
    // r ≥ rest - k·p and r < rest - k·p leave k·p ≥ rest - r and k·p < rest - r,
    // r ≥ rest + k·p and r < rest + k·p leave k·p ≤ r - rest and k·p > r - rest.
    if (times === 0) own[side].push(term);
    else if (times < 0) (side === "from" ? least! : end!).push(above(sum(rest, r, -1), -1, -times));
    else (side === "from" ? end! : least!).push(above(sum(r, rest, -1), 0, times));
  }
  if (own.from.length === 0 || own.to.length === 0) return undefined;
  return [
    { index: window.index, from: extreme("max", own.from), to: extreme("min", own.to) },
    { index: position.index, from: extreme("max", least!), to: extreme("min", end!) },
  ];
}

/** The least integer that, taken `by` times, is above value + more. */
function above(value: Polynomial, more: number, by: number): Scalar {
  if (by === 1) return scalarOf(sum(value, polynomial(constant(more + 1))));
  const whole = call("quotient", scalarOf(sum(value, polynomial(constant(more)))), constant(by));
  return plus(whole, constant(1));
}

/** A stride that is a number. */
function numberOf(stride: Polynomial): number | undefined {
  const [only] = stride.values();
  if (only === undefined) return 0;
  return stride.size === 1 && only.atoms.length === 0 ? only.coefficient : undefined;
}
