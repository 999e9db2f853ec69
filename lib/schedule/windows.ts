/**
 * Loops over a window and over its positions, exchanged.
 *
 *   for p < P { for max(0, 1 - p) ≤ r < min(R, N - p + 1) { … } }
 *   for r < R { for max(0, 1 - r) ≤ p < min(P, N - r + 1) { … } }
 *
 * are the same pairs. Windows are short and their positions many, so the contraction is that of the
 * positions, which then lie side by side in memory, and the window is the loop around it.
 */
import { call, minus } from "../loop/integer.ts";
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
    if ("guard" in window || !isOver(window, windows)) continue;
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

const isOver = ({ to }: Range, sizes: ReadonlySet<string>): boolean =>
  termsOf("min", to).some((t) => t.kind === "name" && sizes.has(t.name));

const dependsOn = ({ from, to }: Range, { index }: Range): boolean =>
  mentions(from, index) || mentions(to, index);

/** The operands of nested extrema. */
const termsOf = (op: "max" | "min", s: Scalar): readonly Scalar[] =>
  s.kind === "apply" && s.op === op ? s.args.flatMap((a) => termsOf(op, a)) : [s];

const extreme = (op: "max" | "min", terms: readonly Scalar[]): Scalar =>
  terms.length === 1 ? terms[0]! : call(op, ...terms);

/** The window, then the position in it; undefined where a bound is not position ± something. */
function exchange(position: Range, window: Range): readonly [Range, Range] | undefined {
  const [least, end] = [termsOf("max", position.from), termsOf("min", position.to)].map((all) => [...all]);
  const own = { from: [] as Scalar[], to: [] as Scalar[] };
  const r = named(window.index, "int");
  const after = polynomial(call("add", r, constant(1)));
  const bounds = [
    ...termsOf("max", window.from).map((term) => ({ side: "from" as const, term })),
    ...termsOf("min", window.to).map((term) => ({ side: "to" as const, term })),
  ];
  for (const { side, term } of bounds) {
    const form = along(polynomial(term), position.index);
    const sign = form && unit(form.stride);
    if (form === undefined || sign === undefined) return undefined;
    // r ≥ rest - p and r < rest - p leave p ≥ rest - r and p < rest - r; r ≥ p + rest and r < p + rest the others.
    if (sign === 0) own[side].push(term);
    else if (sign < 0) (side === "from" ? least! : end!).push(minus(scalarOf(form.rest), r));
    else (side === "from" ? end! : least!).push(scalarOf(sum(after, form.rest, -1)));
  }
  if (own.from.length === 0 || own.to.length === 0) return undefined;
  return [
    { index: window.index, from: extreme("max", own.from), to: extreme("min", own.to) },
    { index: position.index, from: extreme("max", least!), to: extreme("min", end!) },
  ];
}

/** A stride of 0, 1 or −1. */
function unit(stride: Polynomial): number | undefined {
  const [only] = stride.values();
  if (only === undefined) return 0;
  return stride.size === 1 && only.atoms.length === 0 && Math.abs(only.coefficient) === 1
    ? only.coefficient
    : undefined;
}
