/**
 * Extents of all indices and axes.
 *
 * In this order: what the left-hand side says (`z[i < 3]`); the arrays that an index subscripts bare; an upper guard of its own
 * binder (`r < 3`); the largest range for which every affine read is inside (a window);
 * the range of an index that it is compared with (`s <= t`, in a cumulative sum).
 * A definition's index that its own right-hand side makes a window stays one, whoever reads it.
 */
import { UserError, type Place } from "../errors.ts";
import type { Affine, Size } from "./affine.ts";
import type { Accesses, AffineAccess } from "./accesses.ts";
import { axisExtent, fixedExtent, scalarExtent, windowExtent, withFixedReach } from "./extent.ts";
import { type Extent, type Fit, type Multiple } from "./extent.ts";
import type { ExtentClass, ExtentClasses } from "./extent-classes.ts";
import type { Fact } from "./facts.ts";
import { seen } from "./place.ts";
import type { Terms, Variable } from "./term.ts";

export interface Extents {
  ofAxis(array: string, axis: number): Extent;
  ofVariable(v: Variable): Extent;
  /** Windows that have to be no longer than the array that fixed their index: shapes decide. */
  readonly agreements: readonly Agreement[];
}

/** An index that would run over `window` by its own reads, but is fixed by an array's axis. */
export interface Agreement {
  readonly variable: Variable;
  readonly window: Extent;
  readonly array: string;
  readonly axis: number;
  readonly place: Place | undefined;
}

/** Throws when nothing fixes an extent. */
export function inferExtents(terms: Terms, accesses: Accesses, classes: ExtentClasses): Extents {
  const solver = new Solver(terms, accesses, classes);
  solver.solve();
  return solver;
}

/** What is known now, or that it takes an extent which is not known yet. */
type Attempt = Extent | undefined;

class Solver implements Extents {
  readonly #accesses: Accesses;
  readonly #classes: ExtentClasses;
  readonly #left: ReadonlySet<Variable>;
  readonly #known = new Map<ExtentClass, Extent>();

  constructor(terms: Terms, accesses: Accesses, classes: ExtentClasses) {
    this.#accesses = accesses;
    this.#classes = classes;
    this.#left = new Set(terms.definitions.flatMap((d) => d.indices));
  }

  ofAxis(array: string, axis: number): Extent {
    return this.#known.get(this.#classes.ofAxis(array, axis))!;
  }

  ofVariable(v: Variable): Extent {
    return this.#known.get(this.#classes.ofVariable(v))!;
  }

  solve(): void {
    let open: ExtentClass[] = [];
    for (const c of this.#classes.all) {
      const [axis] = c.axes;
      if (axis && !this.#isBounded(c)) this.#known.set(c, axisExtent(axis.array, axis.axis));
      else open.push(c);
    }
    while (open.length > 0) {
      if (!this.#step(open)) throw nothingFixes(this.#firstIn(open));
      open = open.filter((c) => !this.#known.has(c));
    }
  }

  get agreements(): readonly Agreement[] {
    return this.#classes.all.flatMap((c) => {
      const [axis] = c.axes;
      if (axis === undefined) return [];
      return c.variables.flatMap((v) => {
        const window = this.#left.has(v) && !this.#readsBareAxis(v) && this.#window(v);
        if (!window || window === this.#known.get(c) || !this.#hasUnguarded(v)) return [];
        const place = this.#accesses.axes.find((a) => a.array === axis.array && a.axis === axis.axis)?.place;
        return [{ variable: v, window, ...axis, place }];
      });
    });
  }

  /** Settles at least one class by the surest means that works for any; false when none does. */
  #step(open: readonly ExtentClass[]): boolean {
    const means: readonly ((c: ExtentClass) => Attempt)[] = [
      (c) => (this.#isBounded(c) ? this.#byLeftSide(c) : undefined),
      (c) => (this.#isWindow(c) ? undefined : this.#byGuard(c)),
      (c) => this.#byWindow(c.variables.filter((v) => this.#makesWindow(v, c))),
      (c) => this.#byGuard(c),
      (c) => this.#byWindow(c.variables),
      (c) => this.#byComparison(c.variables),
    ];
    for (const attempt of means) {
      let settled = false;
      for (const c of open) {
        const extent = attempt(c);
        if (extent === undefined) continue;
        this.#known.set(c, extent);
        settled = true;
      }
      if (settled) return true;
    }
    return false;
  }

  #firstIn(open: readonly ExtentClass[]): Variable {
    const waiting = new Set(open.flatMap((c) => c.variables));
    return this.#accesses.variables.find((v) => waiting.has(v))!;
  }

  #isBounded(c: ExtentClass): boolean {
    return c.variables.some((v) => this.#accesses.bounded.has(v));
  }

  /** What left-hand sides say, which must be the same where there are several. */
  #byLeftSide(c: ExtentClass): Attempt {
    const said = c.variables
      .filter((v) => this.#accesses.bounded.has(v))
      .map((v) => ({ v, extent: this.#ownAxis(v, c) ?? this.#byGuard({ axes: [], variables: [v] }) }));
    const [first] = said;
    const other = said.find(({ extent }) => extent !== first?.extent);
    if (first?.extent && other?.extent) throw boundsDiffer(first.v, other.v);
    return other === undefined ? first?.extent : undefined;
  }

  /** The axis that c is called by, where v is bounded by the size of an axis of the same class. */
  #ownAxis(v: Variable, c: ExtentClass): Attempt {
    const bound = upperBound(this.#accesses.own.get(v)![0]!, v)?.rest;
    const [size, ...more] = bound?.sizes.values() ?? [];
    if (size?.size.kind !== "axis" || size.times !== 1 || more.length > 0 || bound?.constant !== -1)
      return undefined;
    const { array, axis } = size.size;
    const [first] = c.axes;
    return first && this.#classes.ofAxis(array, axis) === c ? axisExtent(first.array, first.axis) : undefined;
  }

  /** Whether some definition's own right-hand side makes this a window. */
  #isWindow(c: ExtentClass): boolean {
    return c.variables.some((v) => this.#left.has(v) && this.#makesWindow(v, c));
  }

  #makesWindow(v: Variable, c: ExtentClass): boolean {
    if (this.#readsBareAxis(v) || !(this.#left.has(v) || c.variables.length === 1)) return false;
    return this.#fitting(v).length > 0 || this.#classes.partial.has(v);
  }

  /** Whether an axis fixes v by being subscripted with it. */
  #readsBareAxis(v: Variable): boolean {
    const partial = this.#classes.partial.get(v)?.length ?? 0;
    return (this.#accesses.bare.get(v)?.length ?? 0) > partial;
  }

  #hasUnguarded(v: Variable): boolean {
    return this.#fitting(v).some((a) => !a.guardedAbove);
  }

  #byGuard(c: ExtentClass): Attempt {
    const bounds = c.variables.flatMap((v) => {
      const own = (this.#accesses.own.get(v) ?? []).map((f) => upperBound(f, v));
      if (own.some((b) => b !== undefined && isBelowZero(b))) throw neverHolds(v);
      return own;
    });
    const extents = bounds.flatMap((b) => (b === undefined ? [] : (this.#boundExtent(b) ?? [])));
    return extents.find((e) => e.kind === "fixed") ?? extents[0];
  }

  /** The extent that `step · index ≤ rest` leaves. */
  #boundExtent({ step, rest }: UpperBound): Attempt {
    const [size, ...more] = [...rest.sizes.values()];
    if (rest.indices.size === 0 && more.length === 0) {
      if (size === undefined) return fixedExtent(Math.max(0, Math.floor(rest.constant / step) + 1));
      if (step === 1 && size.times === 1) {
        if (size.size.kind === "scalar") return scalarExtent(size.size.name, rest.constant + 1);
        if (rest.constant === -1) return this.#sizeExtent(size.size);
      }
    }
    // step · index − rest < 1 with rest at its largest: a window in a single place.
    const sizes = this.#multiples(rest, -1);
    const highest = this.#indexMultiples(rest, 1);
    if (sizes === undefined || highest === undefined) return undefined;
    const offset = -rest.constant + highest.reduce((sum, m) => sum + m.times, 0);
    const offsetSizes = [...sizes, ...highest.map((m) => ({ times: -m.times, extent: m.extent }))];
    return windowExtent([upTo({ step, offset, others: [], slack: 0 }, offsetSizes)]);
  }

  #byWindow(variables: readonly Variable[]): Attempt {
    for (const v of variables) {
      const extent = this.#window(v);
      if (extent !== undefined) return extent;
    }
    return undefined;
  }

  #byComparison(variables: readonly Variable[]): Attempt {
    const compared = variables.flatMap((v) => this.#accesses.compared.get(v) ?? []);
    return compared.map((v) => this.#known.get(this.#classes.ofVariable(v))).find((e) => e !== undefined);
  }

  /** The largest extent for which all reads of v's own are inside. */
  #window(v: Variable): Attempt {
    const fits: Fit[] = [];
    for (const { array, axis, guardedAbove } of this.#classes.partial.get(v) ?? []) {
      if (guardedAbove) continue;
      const inside = this.#known.get(this.#classes.ofAxis(array, axis));
      if (inside === undefined) return undefined;
      fits.push({ step: 1, offset: 0, others: [], inside, slack: 0 });
    }
    for (const access of this.#fitting(v)) {
      const fit =
        access.form.indices.get(v)! > 0 ? this.#fitBelowEnd(v, access) : this.#fitAboveZero(v, access);
      if (fit === undefined) return undefined;
      fits.push(fit);
    }
    const [only, ...more] = fits;
    if (only === undefined) return undefined;
    return more.length === 0 && isWhole(only) ? only.inside : windowExtent(distinct(fits));
  }

  /** The accesses that limit v: not those at labels, nor those that a guard keeps above 0. */
  #fitting(v: Variable): readonly AffineAccess[] {
    return (this.#accesses.affine.get(v) ?? []).filter(
      ({ form, guardedBelow }) => form.labels.size === 0 && (form.indices.get(v)! > 0 || !guardedBelow),
    );
  }

  #fitBelowEnd(v: Variable, access: AffineAccess): Fit | undefined {
    const { form, guardedAbove, guardedBelow } = access;
    const inside = this.#known.get(this.#classes.ofAxis(access.array, access.axis));
    const others = this.#others(v, form, 1);
    const offsetSizes = this.#multiples(form, 1);
    const lowest = this.#indexMultiples(form, -1);
    if (!inside || !others || !offsetSizes || !lowest) return undefined;
    const fit = { step: form.indices.get(v)!, offset: form.constant, others, inside };
    const padded = guardedAbove && guardedBelow;
    // The overhang below 0 is minus the subscript where its indices make it smallest.
    const slack = padded ? -form.constant - lowest.reduce((sum, m) => sum + m.times, 0) : 0;
    const slackSizes = padded ? [...lowest, ...offsetSizes.map((m) => ({ ...m, times: -m.times }))] : [];
    return {
      ...fit,
      slack: slackSizes.length === 0 ? Math.max(0, slack) : slack,
      ...(offsetSizes.length > 0 && { offsetSizes }),
      ...(slackSizes.length > 0 && { slackSizes }),
    };
  }

  /** For a negative step: the subscript stays at 0 or above, as a fit with its sign turned. */
  #fitAboveZero(v: Variable, { form }: AffineAccess): Fit | undefined {
    const others = this.#others(v, form, -1);
    const offsetSizes = this.#multiples(form, -1);
    if (!others || !offsetSizes) return undefined;
    const step = -form.indices.get(v)!;
    return upTo({ step, offset: -form.constant, others, slack: 0 }, offsetSizes);
  }

  #others(v: Variable, form: Affine, sign: 1 | -1): Fit["others"] | undefined {
    return all(
      [...form.indices]
        .filter(([w]) => w !== v)
        .map(([w, times]) => {
          const extent = this.#known.get(this.#classes.ofVariable(w));
          return extent && { step: sign * times, extent };
        }),
    );
  }

  /** |times| · extent for the indices whose multiple has this sign. */
  #indexMultiples(form: Affine, sign: 1 | -1): Multiple[] | undefined {
    return all(
      [...form.indices]
        .filter(([, times]) => times * sign > 0)
        .map(([w, times]) => {
          const extent = this.#known.get(this.#classes.ofVariable(w));
          return extent && { times: Math.abs(times), extent };
        }),
    );
  }

  #multiples(form: Affine, sign: 1 | -1): Multiple[] | undefined {
    return all(
      [...form.sizes.values()].map(({ times, size }) => {
        const extent = this.#sizeExtent(size);
        return extent && { times: sign * times, extent };
      }),
    );
  }

  #sizeExtent(size: Size): Attempt {
    return size.kind === "scalar"
      ? scalarExtent(size.name)
      : this.#known.get(this.#classes.ofAxis(size.array, size.axis));
  }
}

interface UpperBound {
  readonly step: number;
  readonly rest: Affine;
}

/** Whether an index would have to be below −1: below 0 is an empty range, which a size may come to. */
const isBelowZero = ({ step, rest }: UpperBound): boolean =>
  rest.indices.size === 0 && rest.sizes.size === 0 && Math.floor(rest.constant / step) < -1;

/** `step · v ≤ rest`, when that is what the fact says. */
function upperBound(fact: Fact, v: Variable): UpperBound | undefined {
  const times = fact.indices.get(v) ?? 0;
  if (times >= 0 || fact.labels.size > 0) return undefined;
  const indices = new Map(fact.indices);
  indices.delete(v);
  return { step: -times, rest: { ...fact, indices } };
}

/** A fit that must not exceed 0; with an offset of minus some size, it stays below that size instead. */
function upTo(fit: Omit<Fit, "inside" | "offsetSizes">, offsetSizes: readonly Multiple[]): Fit {
  const size = offsetSizes.find((m) => m.times === -1);
  const inside = size?.extent ?? fixedExtent(1);
  const offset = size ? fit.offset - 1 : fit.offset;
  const rest = offsetSizes.filter((m) => m !== size);
  return { ...fit, offset, inside, ...(rest.length > 0 && { offsetSizes: rest }) };
}

const isWhole = (fit: Fit): boolean =>
  fit.step === 1 &&
  fit.offset === 0 &&
  fit.offsetSizes === undefined &&
  fit.others.every((o) => o.step < 0) &&
  fit.slack === 0 &&
  fit.slackSizes === undefined;

/** Each fit once; of those that differ in their offset only, the one that allows least. */
function distinct(fits: readonly Fit[]): readonly Fit[] {
  const tightest = new Map<Extent, Fit>();
  const offsets = new Map<Extent, number>();
  for (const fit of fits) {
    const { offset, ...same } = withFixedReach(fit);
    const kind = windowExtent([fit.slackSizes ? { offset, ...same } : { ...same, offset: 0, slack: 0 }]);
    const before = offsets.get(kind);
    if (before !== undefined && offset - fit.slack <= before) continue;
    offsets.set(kind, offset - fit.slack);
    tightest.set(kind, fit);
  }
  return [...tightest.values()];
}

function all<T>(values: readonly (T | undefined)[]): T[] | undefined {
  const present = values.filter((value) => value !== undefined);
  return present.length === values.length ? present : undefined;
}

const neverHolds = (v: Variable): UserError =>
  new UserError(`the bound of ${v.name} is negative, and indices count from 0`, {
    place: v.place,
    fix: `bound it by an integer or a size: ${v.name} < 3`,
  });

const boundsDiffer = (v: Variable, w: Variable): UserError =>
  new UserError(`${v.name}${seen(v.place)} and ${w.name} run over the same axis, but have different bounds`, {
    place: w.place,
    fix: "bound them alike, or let an index of its own subscript each array",
  });

const nothingFixes = (v: Variable): UserError =>
  new UserError(`nothing fixes the extent of ${v.name}`, {
    place: v.place,
    fix: `let ${v.name} subscript an array by itself, or bound it by an integer or a size: ${v.name} < 3`,
  });
