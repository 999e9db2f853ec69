/**
 * Loops over a window and over its positions, exchanged.
 *
 *   for p < P { for max(0, 1 - p) ≤ r < min(R, N - p + 1) { … } }
 *   for r < R { for max(0, 1 - r) ≤ p < min(P, N - r + 1) { … } }
 *
 * are the same pairs. Windows are short and their positions many, so the contraction is that of the
 * positions, which then lie side by side in memory, and the window is the loop around it.
 *
 * Where the window is over positions, too, those that reach a place, its own place is the loop around:
 *
 *   for i < N { for max(0, ⌊(i - R + 1) / 2⌋ + 1) ≤ p < min(P, ⌊(i + 1) / 2⌋ + 1) { … } }
 *   for k < R { for max(0, ⌊-k / 2⌋ + 1) ≤ p < min(P, ⌊(N - k) / 2⌋ + 1) { … with 2·p + k - 1 for i } }
 */
import { operands, type Range, type Scalar } from "../loop/nest.ts";
import { remadeRange } from "../loop/remade.ts";
import { naming, replaced, type Replace } from "../loop/rewrite.ts";
import { endsOf, indexed, inside, rangeOf, solved, timesOf } from "./inequality.ts";
import type { Around } from "./around.ts";
import { isZero, mentions, polynomial, product, scalarOf, sum, type Polynomial } from "./polynomial.ts";

export interface Windows {
  /** The names of the sizes that windows have. */
  readonly sizes: ReadonlySet<string>;
  /** A name for the place in a window, apart from those of the loops around it. */
  readonly place: (around: ReadonlySet<string>) => string;
}

/** Where nothing is known of windows. */
export const noWindows: Windows = {
  sizes: new Set(),
  place: () => {
    throw new Error("a window slides, and nothing is a window");
  },
};

/** Loops in another order, and what stands for indices that are no more. */
export interface Outside {
  readonly path: readonly Around[];
  readonly instead: ReadonlyMap<string, Scalar>;
}

/**
 * Loops in an order in which the bounds of no window depend on a position, where that can be had.
 * `outside` are windows that are around their positions already.
 */
export function windowsOutside(
  path: readonly Around[],
  windows: Windows,
  outside: ReadonlySet<string> = new Set(),
): Outside {
  for (const window of path) {
    if ("guard" in window || !isShort(window, windows.sizes)) continue;
    const before = path.slice(0, path.indexOf(window)).filter((a) => isRange(a) && dependsOn(window, a));
    const [position] = before;
    if (position === undefined || before.length > 1 || "guard" in position) continue;
    if (outside.has(position.index)) continue;
    const found = exchange(position, window, windows) ?? slide(path, position, window, windows);
    if (found === undefined) continue;
    const { ranges, instead = new Map<string, Scalar>() } = found;
    const by = naming(instead);
    const next = path.flatMap((a) =>
      a === window ? [] : a === position ? ranges : [instead.size === 0 ? a : around(a, by)],
    );
    const others = windowsOutside(next, windows, new Set([...outside, ranges[0].index]));
    const own = [...instead].map(([name, s]) => [name, replaced(s, naming(others.instead))] as const);
    return { path: others.path, instead: new Map([...own, ...others.instead]) };
  }
  return { path, instead: new Map() };
}

const isRange = (a: Around): a is Range => !("guard" in a);

const around = (a: Around, by: Replace): Around =>
  "guard" in a ? { guard: replaced(a.guard, by) } : remadeRange(a, replaced(a.from, by), replaced(a.to, by));

/** Whether a range is no longer than a window, or than some number: where one of its ends less one of its starts says so. */
export function isShort({ from, to }: Range, windows: ReadonlySet<string>): boolean {
  return operands("min", to).some((end) =>
    operands("max", from).some((start) => isOfWindows(sum(undivided(end), undivided(start), -1), windows)),
  );
}

const isOfWindows = (p: Polynomial, windows: ReadonlySet<string>): boolean =>
  [...p.values()].every(({ atoms }) => atoms.every((a) => a.kind === "name" && windows.has(a.name)));

/** The polynomial of a bound, with what a quotient divides in the place of the quotient: a multiple of what it is, or nearly. */
function undivided(s: Scalar): Polynomial {
  if (s.kind !== "apply") return polynomial(s);
  if (s.op === "quotient") return polynomial(s.args[0]!);
  return s.op === "add" ? s.args.map(undivided).reduce((a, b) => sum(a, b)) : polynomial(s);
}

const dependsOn = ({ from, to }: Range, { index }: Range): boolean =>
  mentions(from, index) || mentions(to, index);

interface Exchanged {
  /** The window, then the position in it. */
  readonly ranges: readonly [Range, Range];
  readonly instead?: ReadonlyMap<string, Scalar>;
}

/** The window, then the position in it; undefined where the window has no ends of its own, or they are far apart. */
function exchange(position: Range, window: Range, { sizes }: Windows): Exchanged | undefined {
  const ends = endsOf(window);
  const own = rangeOf(
    window.index,
    ends.filter(({ term }) => !mentions(term, position.index)),
  );
  if (own === undefined || !isShort(own, sizes)) return undefined;
  const shared = ends.filter(({ term }) => mentions(term, position.index));
  const moved = shared.map((end) => solved(inside(indexed(window.index), end), position.index));
  if (moved.some((end) => end === undefined)) return undefined;
  const places = rangeOf(position.index, [...endsOf(position), ...moved.filter((e) => e !== undefined)]);
  return places && { ranges: [own, places] };
}

/**
 * The place in a window, a·position + b·window less the first one there is, then whichever of the two is left;
 * undefined where one of them is no such place and a multiple of the other.
 */
function slide(
  path: readonly Around[],
  position: Range,
  window: Range,
  { sizes, place }: Windows,
): Exchanged | undefined {
  const shared = endsOf(window).filter(({ term }) => mentions(term, position.index));
  const band = bandOf(
    shared.map((end) => inside(indexed(window.index), end)),
    position.index,
    window.index,
    sizes,
  );
  if (band === undefined) return undefined;
  const { times, least, most } = band;
  const [gone, left] = Math.abs(times.window) === 1 ? [window, position] : [position, window];
  const [step, other] = gone === window ? [times.window, times.position] : [times.position, times.window];
  if (Math.abs(step) !== 1) return undefined;
  const name = place(new Set(path.filter(isRange).map((r) => r.index)));
  // step · gone + other · left = least + place, and step is 1 or -1.
  const where = sum(least, indexed(name));
  const value = product(
    polynomialOf(step),
    sum(where, product(polynomialOf(other), indexed(left.index)), -1),
  );
  const own = (r: Range) => endsOf(r).filter(({ term }) => !mentions(term, position.index));
  const ends = own(gone).map((end) => solved(inside(value, end), left.index));
  if (ends.some((end) => end === undefined)) return undefined;
  const places = rangeOf(left.index, [...own(left), ...ends.filter((e) => e !== undefined)]);
  if (places === undefined) return undefined;
  const length = scalarOf(sum(sum(most, least, -1), polynomialOf(1)));
  const range: Range = { index: name, from: scalarOf(new Map()), to: length };
  return { ranges: [range, places], instead: new Map([[gone.index, scalarOf(value)]]) };
}

const polynomialOf = (value: number): Polynomial => polynomial({ kind: "const", type: "int", value });

/** least ≤ position-times · position + window-times · window ≤ most, where that is all that inequalities of both say. */
function bandOf(
  inequalities: readonly Polynomial[],
  position: string,
  window: string,
  sizes: ReadonlySet<string>,
) {
  const forms = inequalities.map((p) => ({ p, a: timesOf(p, position), b: timesOf(p, window) }));
  const [first, second, ...others] = forms;
  if (first === undefined || second === undefined || others.length > 0) return undefined;
  const { a, b } = first;
  if (a === undefined || b === undefined || a === 0 || b === 0 || second.a !== -a || second.b !== -b)
    return undefined;
  const [lower, upper] = a > 0 ? [first, second] : [second, first];
  const times = { position: Math.abs(a), window: a > 0 ? b : -b };
  const moved = sum(
    product(polynomialOf(times.position), indexed(position)),
    product(polynomialOf(times.window), indexed(window)),
  );
  // lower is moved - least ≥ 0, upper is most - moved ≥ 0.
  const least = sum(moved, lower.p, -1);
  const most = sum(upper.p, moved);
  const length = sum(most, least, -1);
  return !isZero(length) && isOfWindows(length, sizes) ? { times, least, most } : undefined;
}
