/** What is asked of the checker: a point, the gradients claimed there, and how hard to look. */
import { expectArgument, expectOptions } from "../argument.ts";
import { bind, type Given } from "../bind.ts";
import { readArray, type InputValue } from "../bind/array.ts";
import type { Binding, Tensor } from "../binding.ts";
import { UserError } from "../errors.ts";
import { output, type Program } from "../expr/program.ts";
import { outputShape, refuseShape, type Point } from "./point.ts";

/** An array as it is claimed: row-major values of a shape; a scalar has the shape []. */
export interface Claim {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** A claim, in the forms that an input may have: what a kernel returns is one. */
export type Claimed = Claim | InputValue;

// prettier-ignore
const known = ["at", "gradients", "upstream", "accept", "seed", "coordinates", "numeric", "explain", "step", "confirm"];

export interface CheckOptions {
  /** The point, bound or as given. */
  readonly at: Given | Binding;
  /** The gradients claimed, by the input they are gradients of. */
  readonly gradients: ReadonlyMap<string, Claimed> | Readonly<Record<string, Claimed>>;
  /** For a layer, the gradient by its output; taken from `d<output>` in `at` when it is there. */
  readonly upstream?: Claim;
  /** `conservative` also passes what rules applied one by one may return at a kink. */
  readonly accept?: "clarke" | "conservative";
  /** Of the random direction, the sampled coordinates and the cell that the second witness looks at. */
  readonly seed?: number;
  /** How many coordinates to check; all when absent. */
  readonly coordinates?: number;
  /** Whether to compute difference quotients. The verdict does not need them. */
  readonly numeric?: boolean;
  /** Whether to say what a difference with a fixed step would show at each coordinate: 2 evaluations more for each. */
  readonly explain?: boolean;
  /** The fixed step. */
  readonly step?: number;
  /** How many coordinates the second witness compares. */
  readonly confirm?: number;
}

const isBinding = (at: Given | Binding): at is Binding => "sizes" in at && at["arrays"] instanceof Map;

/**
 * The point that is asked about, and the claimed gradients one after the other.
 *
 * @throws UserError when the point does not fit the program, or a gradient its input.
 */
export function pointAndGradient(
  program: Program,
  options: CheckOptions,
): { point: Point; gradient: Float64Array } {
  expectArgument("check", "program", program);
  expectOptions("check", options, known);
  const { gradients } = options;
  expectArgument("check({ at })", "inputs", options.at);
  expectArgument("check({ gradients })", "inputs", gradients);
  const claims = new Map<string, Claimed>(
    gradients instanceof Map ? gradients : Object.entries(gradients as Readonly<Record<string, Claimed>>),
  );
  const point = pointOf(program, options, [...claims.keys()]);
  const all: number[] = [];
  for (const [name, claimed] of claims) {
    const { shape } = point.binding.arrays.get(name) as Tensor;
    const claim = claimOf(name, claimed, shape);
    refuseShape(`the gradient by ${name}`, claim, shape);
    for (let n = 0; n < claim.data.length; n++) all.push(claim.data[n]!);
  }
  return { point, gradient: Float64Array.from(all) };
}

const isClaim = (claimed: Claimed): claimed is Claim =>
  typeof claimed === "object" &&
  claimed !== null &&
  "shape" in claimed &&
  Array.isArray(claimed.shape) &&
  "data" in claimed &&
  (Array.isArray(claimed.data) || ArrayBuffer.isView(claimed.data));

/** The claim by an input of this shape. */
function claimOf(name: string, claimed: Claimed, wanted: readonly number[]): Claim {
  if (isClaim(claimed) && !("stride" in claimed || "strides" in claimed || "offset" in claimed))
    return claimed;
  const { shape, data } = readArray(`d${name}`, claimed, wanted.length, name);
  return { shape: shape.map((size, axis) => size ?? wanted[axis]!), data };
}

function pointOf(program: Program, { at, upstream }: CheckOptions, wrt: readonly string[]): Point {
  const out = output(program);
  const name = `d${out.name}`;
  const isLayer = out.indices.length > 0;
  const known = new Set(program.inputs.map((i) => i.name));
  const binding = isBinding(at) ? at : bind(program, at, { allowExtra: isLayer && !known.has(name) });
  for (const input of wrt) refuseUnreal(program, input);
  const wanted = outputShape(program, binding);
  if (wanted === undefined) return { program, binding, wrt, upstream: undefined };
  const given = upstream ?? (isBinding(at) ? undefined : upstreamGiven(name, at[name], wanted));
  if (given === undefined)
    throw new UserError(`${out.name} is a layer: its gradients need ${name}, the gradient by ${out.name}`, {
      fix: `give ${name} beside the inputs, with the shape [${wanted.join(", ")}]`,
    });
  refuseShape(name, given, wanted);
  return { program, binding, wrt, upstream: { shape: wanted, data: Float64Array.from(given.data) } };
}

function refuseUnreal({ inputs }: Program, name: string): void {
  if (inputs.find((i) => i.name === name)?.type === "real") return;
  const reals = inputs.filter((i) => i.type === "real").map((i) => i.name);
  throw new UserError(`${name} is not a real input of the program; there are ${reals.join(", ") || "none"}`);
}

/** The upstream gradient as it was given beside the inputs. */
function upstreamGiven(
  name: string,
  value: Given[string] | undefined,
  wanted: readonly number[],
): Claim | undefined {
  if (value === undefined) return undefined;
  const { shape, data } = readArray(name, value, wanted.length, name);
  return { shape: shape.map((size, axis) => size ?? wanted[axis]!), data };
}
