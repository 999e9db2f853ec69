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

/**
 * One read that bounds a window: `step · index + Σ otherStep · otherIndex + offset` must stay below `inside`.
 * The extent that it allows is floor((inside − 1 + slack − offset − Σ_{step>0} step·(extent − 1)) / step) + 1, at least 0.
 * `slack` is the overhang that an upper guard permits (padding); it equals the overhang below 0.
 */
export interface Fit {
  readonly step: number;
  readonly offset: number;
  readonly others: readonly { readonly step: number; readonly extent: Extent }[];
  readonly inside: Extent;
  readonly slack: number;
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
  const keys = fits.map((f) =>
    [
      f.step,
      f.offset,
      f.slack,
      extentKey(f.inside),
      ...f.others.map((o) => `${o.step}*${extentKey(o.extent)}`),
    ].join(","),
  );
  return intern(`window ${keys.join(";")}`, () => ({ kind: "window", fits }));
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
      return `(${extent.fits.map((f) => `${f.step},${f.offset},${f.slack},${extentKey(f.inside)},${f.others.map((o) => `${o.step}*${extentKey(o.extent)}`).join("+")}`).join(";")})`;
  }
}

/** What an extent is worth, once arrays have shapes and integer inputs have values. */
export interface Sizes {
  axis(array: string, axis: number): number;
  scalar(name: string): number;
}

/** The number of values of an index with this extent; never negative. */
export function sizeOf(extent: Extent, sizes: Sizes): number {
  switch (extent.kind) {
    case "axis":
      return sizes.axis(extent.array, extent.axis);
    case "fixed":
      return extent.value;
    case "scalar":
      return Math.max(0, sizes.scalar(extent.name) + extent.plus);
    case "window":
      return Math.max(0, Math.min(...extent.fits.map((fit) => fitSize(fit, sizes))));
  }
}

function fitSize(fit: Fit, sizes: Sizes): number {
  let reach = fit.offset;
  for (const { step, extent } of fit.others) {
    const size = sizeOf(extent, sizes);
    if (size === 0) return 0;
    if (step > 0) reach += step * (size - 1);
  }
  return Math.floor((sizeOf(fit.inside, sizes) - 1 + fit.slack - reach) / fit.step) + 1;
}
