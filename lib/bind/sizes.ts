/** Sizes of the axes of inputs: those that must agree do, and those that nothing says are filled in. */
import { sizesOf, type Tensor } from "../binding.ts";
import { UserError, type Place } from "../errors.ts";
import { sizeOf, type Extent } from "../expr/extent.ts";
import type { Node } from "../expr/node.ts";
import type { Input } from "../expr/program.ts";
import { print } from "../text/print.ts";
import type { GivenArray } from "./array.ts";
import { exemplar } from "./usage.ts";

/** An axis of an input whose size is known. */
interface KnownAxis {
  readonly input: Input;
  readonly axis: number;
  readonly size: number;
}

/**
 * The shape of every array. Axes of one extent agree, and agree with what the
 * extent is worth; otherwise an error names both.
 */
export function settleShapes(
  inputs: readonly Input[],
  given: ReadonlyMap<string, GivenArray>,
  reads: readonly Node<"read">[],
): Map<string, readonly number[]> {
  const known = new Map<Extent, KnownAxis>();
  for (const input of inputs)
    for (const [axis, extent] of input.shape.entries()) {
      const size = given.get(input.name)!.shape[axis];
      if (extent.kind !== "axis" || size === undefined) continue;
      const before = known.get(extent);
      if (before === undefined) known.set(extent, { input, axis, size });
      else if (before.size !== size) throw disagreement(before, { input, axis, size }, reads);
    }
  const shapes = new Map<string, readonly number[]>();
  for (const { name, shape } of inputs)
    shapes.set(
      name,
      shape.map((extent, axis) => known.get(extent)?.size ?? given.get(name)!.shape[axis] ?? 0),
    );
  const sizes = sizesOf(tensors(shapes, given));
  for (const input of inputs)
    for (const [axis, extent] of input.shape.entries()) {
      if (extent.kind === "axis") continue;
      const size = shapes.get(input.name)![axis]!;
      const wanted = sizeOf(extent, sizes);
      if (size !== wanted) throw misfit({ input, axis, size }, extent, wanted, reads);
    }
  return shapes;
}

function tensors(
  shapes: ReadonlyMap<string, readonly number[]>,
  given: ReadonlyMap<string, GivenArray>,
): Map<string, Tensor> {
  return new Map([...given].map(([name, { data }]) => [name, { shape: shapes.get(name)!, data }]));
}

function disagreement(first: KnownAxis, second: KnownAxis, reads: readonly Node<"read">[]): UserError {
  return new UserError(`${described(first, reads)} but ${described(second, reads)}`);
}

function misfit(known: KnownAxis, extent: Extent, wanted: number, reads: readonly Node<"read">[]): UserError {
  const because = extent.kind === "scalar" && extent.plus === 0 ? `${extent.name} = ${wanted}` : `${wanted}`;
  return new UserError(
    `${described(known, reads)} but ${subscript(known, reads)} takes ${because} ${wanted === 1 ? "value" : "values"}`,
  );
}

/** `X has 5 along i (X[i,d], line 1, column 20)`. */
function described(known: KnownAxis, reads: readonly Node<"read">[]): string {
  const { input, axis, size } = known;
  const read = exemplar(input.name, input.shape.length, reads);
  const seen = [read === undefined ? [] : print(read), placeText(input.places[axis])].flat().join(", ");
  return `${input.name} has ${size} along ${subscript(known, reads)}${seen === "" ? "" : ` (${seen})`}`;
}

function subscript({ input, axis }: KnownAxis, reads: readonly Node<"read">[]): string {
  const read = exemplar(input.name, input.shape.length, reads);
  return read === undefined ? `axis ${axis}` : print(read.at[axis]!);
}

const placeText = (place: Place | undefined): string[] =>
  place === undefined ? [] : [`line ${place.line}, column ${place.column}`];
