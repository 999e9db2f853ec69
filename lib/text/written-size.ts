/**
 * Sizes back to syntax: `extent(X, 0)`, `K + 1`, and for a window what is left of
 * its arrays, such as `extent(X, 0) - extent(K, 0) + 1`.
 *
 * A window with a stride has a `floor` in its size, which is for the reader: the
 * language has no such function. Where an array has an axis of this size, that is written instead.
 */
import { unreachable } from "../errors.ts";
import { fixedExtent, type Extent, type Fit, type Multiple, type SizeName } from "../expr/extent.ts";
import type { Infix, Syntax } from "../expr/syntax.ts";

/** The axis of an array that is there to be read and has this extent. */
export type AxisOf = (extent: Extent) => { readonly array: string; readonly axis: number } | undefined;

/** `nameOf` may know an extent by a name of its own, such as `N`. */
export function writtenSize(extent: Extent, nameOf?: SizeName, axisOf?: AxisOf): Syntax {
  const name = nameOf?.(extent);
  if (name !== undefined) return { kind: "name", name };
  switch (extent.kind) {
    case "axis":
      return sizeOf(extent);
    case "fixed":
      return integer(extent.value);
    case "scalar":
      return shifted({ kind: "name", name: extent.name }, extent.plus);
    case "window": {
      const axis = isStrided(extent) ? axisOf?.(extent) : undefined;
      if (axis !== undefined) return sizeOf(axis);
      const fits = extent.fits.map((fit) => writtenFit(fit, nameOf, axisOf));
      return fits.length === 1 ? fits[0]! : call("min", fits);
    }
    default:
      return unreachable(extent);
  }
}

const isStrided = (extent: Extent): boolean =>
  extent.kind === "window" && extent.fits.some((fit) => fit.step !== 1);

const sizeOf = ({ array, axis }: { readonly array: string; readonly axis: number }): Syntax =>
  call("extent", [{ kind: "name", name: array }, integer(axis)]);

/** How many values of the index a fit lets through, as `extent.ts` says. */
function writtenFit(fit: Fit, nameOf?: SizeName, axisOf?: AxisOf): Syntax {
  const slacks = fit.slackSizes ?? [];
  const reach = fit.others.filter(({ step }) => step > 0);
  const multiples: readonly Multiple[] = [
    { times: 1, extent: fit.inside },
    { times: -1, extent: fixedExtent(1 + fit.offset - (slacks.length === 0 ? fit.slack : 0)) },
    ...(fit.offsetSizes ?? []).map(({ times, extent }) => ({ times: -times, extent })),
    ...reach.flatMap(({ step, extent }) => [
      { times: -step, extent },
      { times: step, extent: fixedExtent(1) },
    ]),
  ];
  const overhang =
    slacks.length === 0
      ? undefined
      : call("max", [
          integer(0),
          combination([...slacks, { times: 1, extent: fixedExtent(fit.slack) }], nameOf, axisOf),
        ]);
  const room = (more: number): Syntax => {
    const all = [...multiples, { times: more, extent: fixedExtent(1) }];
    const sizes = combination(all, nameOf, axisOf);
    return overhang === undefined ? sizes : infix("add", sizes, overhang);
  };
  if (fit.step === 1) return room(1);
  return shifted(call("floor", [infix("div", room(0), integer(fit.step))]), 1);
}

/** Σ times · size, fixed sizes added up, equal ones collected. */
function combination(multiples: readonly Multiple[], nameOf?: SizeName, axisOf?: AxisOf): Syntax {
  let constant = 0;
  const collected = new Map<Extent, number>();
  for (const { times, extent } of multiples)
    if (extent.kind === "fixed") constant += times * extent.value;
    else collected.set(extent, (collected.get(extent) ?? 0) + times);
  const sizes = [...collected]
    .filter(([, times]) => times !== 0)
    .toSorted(([, a], [, b]) => Math.sign(b) - Math.sign(a));
  const sum = sizes.reduce<Syntax | undefined>((sum, [extent, times]) => {
    const size = writtenSize(extent, nameOf, axisOf);
    const term = Math.abs(times) === 1 ? size : infix("mul", integer(Math.abs(times)), size);
    if (sum === undefined) return times < 0 ? { kind: "negate", of: term } : term;
    return infix(times < 0 ? "sub" : "add", sum, term);
  }, undefined);
  return sum === undefined ? integer(constant) : shifted(sum, constant);
}

const infix = (op: Infix, left: Syntax, right: Syntax): Syntax => ({ kind: "infix", op, left, right });

const call = (name: string, args: readonly Syntax[]): Syntax => ({ kind: "call", name, args });

const integer = (value: number): Syntax =>
  value < 0
    ? { kind: "negate", of: { kind: "number", value: -value, integer: true } }
    : { kind: "number", value, integer: true };

const shifted = (e: Syntax, by: number): Syntax =>
  by === 0 ? e : infix(by < 0 ? "sub" : "add", e, integer(Math.abs(by)));
