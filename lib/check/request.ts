/** What is asked of the checker: a point, the gradients claimed there, and how hard to look. */
import { bind, type Given } from "../bind.ts";
import { readArray } from "../bind/array.ts";
import type { Binding, Tensor } from "../binding.ts";
import { UserError } from "../errors.ts";
import { output, type Program } from "../expr/program.ts";
import { outputShape, refuseShape, type Point } from "./point.ts";

/** An array as it is claimed: row-major values of a shape; a scalar has the shape []. */
export interface Claim {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

export interface CheckOptions {
  /** The point, bound or as given. */
  readonly at: Given | Binding;
  /** The gradients claimed, by the input they are gradients of. */
  readonly gradients: ReadonlyMap<string, Claim> | Readonly<Record<string, Claim>>;
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
  const { gradients } = options;
  const claims = new Map(gradients instanceof Map ? gradients : Object.entries(gradients));
  const point = pointOf(program, options, [...claims.keys()]);
  const all: number[] = [];
  for (const [name, claim] of claims) {
    refuseShape(`the gradient by ${name}`, claim, (point.binding.arrays.get(name) as Tensor).shape);
    for (let n = 0; n < claim.data.length; n++) all.push(claim.data[n]!);
  }
  return { point, gradient: Float64Array.from(all) };
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
