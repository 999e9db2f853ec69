/**
 * Extents: how many values an index takes. An index i runs over 0 ≤ i < extent.
 *
 * Extents are symbolic; they become numbers when arrays are bound (`sizes`).
 * Interned, so `===` is equality.
 */

export type Extent =
  /** The size of axis `axis` of input `array`: the representative of all axes that must agree with it. */
  | { readonly kind: "axis"; readonly array: string; readonly axis: number }
  /** A constant, as in `max(r < 2, …)`. */
  | { readonly kind: "fixed"; readonly value: number }
  /** An integer input, as in `sum(r < K, …)`; `plus` is added. */
  | { readonly kind: "scalar"; readonly name: string; readonly plus: number }
  /** The largest extent for which every read is inside: the least of `fits`. */
  | { readonly kind: "window"; readonly fits: readonly Fit[] };

/** What a size is called, such as `N`, where it has a name. */
export type SizeName = (extent: Extent) => string | undefined;

/**
 * One read that bounds a window: `step · index + Σ otherStep · otherIndex + offset` must stay below `inside`.
 * The extent that it allows is floor((inside − 1 + slack − offset − Σ_{step>0} step·(extent − 1)) / step) + 1, at least 0.
 * `slack` is the overhang that an upper guard permits (padding); it equals the overhang below 0, and is never negative.
 * Offset and slack may hold multiples of sizes: `Z[k + extent(X, 0)]`, or a kernel that runs backwards over its input.
 */
export interface Fit {
  readonly step: number;
  readonly offset: number;
  readonly offsetSizes?: readonly Multiple[];
  readonly others: readonly { readonly step: number; readonly extent: Extent }[];
  readonly inside: Extent;
  readonly slack: number;
  readonly slackSizes?: readonly Multiple[];
}

/** `times` · the size of `extent`. */
export interface Multiple {
  readonly times: number;
  readonly extent: Extent;
}

const interned = new Map<string, Extent>();

function intern(key: string, make: () => Extent): Extent {
  const known = interned.get(key);
  if (known !== undefined) return known;
  const extent = make();
  interned.set(key, extent);
  return extent;
}

export const axisExtent = (array: string, axis: number): Extent =>
  intern(`axis ${axis} ${array}`, () => ({ kind: "axis", array, axis }));

export const fixedExtent = (value: number): Extent =>
  intern(`fixed ${value}`, () => ({ kind: "fixed", value }));

export const scalarExtent = (name: string, plus = 0): Extent =>
  intern(`scalar ${plus} ${name}`, () => ({ kind: "scalar", name, plus }));

export function windowExtent(fits: readonly Fit[]): Extent {
  return intern(`window ${fits.map(fitKey).join(";")}`, () => ({ kind: "window", fits }));
}

/** How many values times·i + j has, i of the extent `of` and j < by, where times ≤ by: as many as the largest, and 0. */
export function stridedExtent(of: Extent, times: number, by: number): Extent {
  // No value of i, no value of the sum.
  const others = [{ step: -1, extent: of }];
  const offsetSizes = [{ times: 1 - times, extent: of }];
  return windowExtent([{ step: 1, offset: times - by, offsetSizes, others, inside: of, slack: 0 }]);
}

/** How many values j has where `extent` is that of all values of times·i + j; undefined where it is not. */
export function placesOf(extent: Extent, of: Extent, times: number): number | undefined {
  if (extent.kind !== "window") return undefined;
  const by = times - extent.fits[0]!.offset;
  return by >= times && extent === stridedExtent(of, times, by) ? by : undefined;
}

/** The fit with what other indices of fixed extents reach taken into its offset, so that equal ones are the same. */
export function withFixedReach(fit: Fit): Fit {
  let { offset } = fit;
  const others = fit.others.filter(({ step, extent }) => {
    if (extent.kind !== "fixed" || extent.value < 1) return true;
    offset += Math.max(0, step) * (extent.value - 1);
    return false;
  });
  return others.length === fit.others.length ? fit : { ...fit, offset, others };
}

/** A text that is equal exactly for equal extents. */
export function extentKey(extent: Extent): string {
  switch (extent.kind) {
    case "axis":
      return `${extent.array}.${extent.axis}`;
    case "fixed":
      return String(extent.value);
    case "scalar":
      return `${extent.name}+${extent.plus}`;
    case "window":
      return windowKey(extent);
  }
}

const windowKeys = new WeakMap<Extent, string>();
const longestKey = 300;
let windows = 0;

/** The fits; a number where they are long, as windows over windows would be written out again and again. */
function windowKey(extent: Extent & { readonly kind: "window" }): string {
  let key = windowKeys.get(extent);
  if (key === undefined) {
    const text = `(${extent.fits.map(fitKey).join(";")})`;
    key = text.length <= longestKey ? text : `(${++windows})`;
    windowKeys.set(extent, key);
  }
  return key;
}

const fitKey = (fit: Fit): string =>
  [
    fit.step,
    fit.offset + multiplesKey(fit.offsetSizes),
    fit.slack + multiplesKey(fit.slackSizes),
    extentKey(fit.inside),
    fit.others.map((o) => `${o.step}*${extentKey(o.extent)}`).join("+"),
  ].join(",");

const multiplesKey = (multiples: readonly Multiple[] = []): string =>
  multiples.map((m) => `+${m.times}*${extentKey(m.extent)}`).join("");

/** What an extent is worth, once arrays have shapes and integer inputs have values. */
export interface Sizes {
  axis(array: string, axis: number): number;
  scalar(name: string): number;
}

/** The number of values of an index with this extent; never negative. */
export function sizeOf(extent: Extent, sizes: Sizes): number {
  return measure(extent, sizes, new Map());
}

/** `known` holds the windows measured so far, as windows over windows share them. */
function measure(extent: Extent, sizes: Sizes, known: Map<Extent, number>): number {
  switch (extent.kind) {
    case "axis":
      return sizes.axis(extent.array, extent.axis);
    case "fixed":
      return extent.value;
    case "scalar":
      return Math.max(0, sizes.scalar(extent.name) + extent.plus);
    case "window": {
      let size = known.get(extent);
      if (size === undefined) {
        size = Math.max(0, Math.min(...extent.fits.map((fit) => fitSize(fit, sizes, known))));
        known.set(extent, size);
      }
      return size;
    }
  }
}

function fitSize(fit: Fit, sizes: Sizes, known: Map<Extent, number>): number {
  const total = (multiples: readonly Multiple[] = []): number =>
    multiples.reduce((sum, { times, extent }) => sum + times * measure(extent, sizes, known), 0);
  let reach = fit.offset + total(fit.offsetSizes);
  for (const { step, extent } of fit.others) {
    const size = measure(extent, sizes, known);
    if (size === 0) return 0;
    if (step > 0) reach += step * (size - 1);
  }
  const slack = Math.max(0, fit.slack + total(fit.slackSizes));
  return Math.floor((measure(fit.inside, sizes, known) - 1 + slack - reach) / fit.step) + 1;
}
