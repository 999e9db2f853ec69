/**
 * From a program and a point to a tape: the checker's own forward evaluation.
 */
import type { Binding, Tensor } from "../binding.ts";
import type { Expr, Index } from "../expr/node.ts";
import type { Program } from "../expr/program.ts";
import type { Point } from "./point.ts";
import type { Tape } from "./tape.ts";
import { Tracer } from "./tracer.ts";

/** Where a choice on the tape stands in the program. */
export interface Origin {
  readonly expr: Expr;
  /** The values of its free indices. */
  readonly at: readonly (readonly [Index, number])[];
  /** For a reduction, the value of its index for each operand. */
  readonly positions?: readonly number[];
}

/** The coordinates of one array: those from `from` on. */
export interface Block {
  readonly name: string;
  readonly shape: readonly number[];
  readonly from: number;
  readonly size: number;
}

export interface Trace {
  readonly program: Program;
  readonly tape: Tape;
  /** The node of the checked scalar: the loss, or Σ d<out>·out for a layer. */
  readonly root: number;
  /** How many coordinates there are; they are the nodes 0 … n − 1. */
  readonly n: number;
  readonly blocks: readonly Block[];
  /** Every max, min, argmax, argmin, abs, relu, sign and comparison of reals that depends on a coordinate. */
  readonly origins: ReadonlyMap<number, Origin>;
  /** Subscripts that rounding could change: an argmax that is tied. */
  readonly unsteady: ReadonlySet<number>;
}

/**
 * Evaluates a program at a point. `wrt` are the real inputs whose elements are coordinates; `upstream` is
 * wanted for layers; coordinates that are `held` are constants.
 */
export function trace(
  program: Program,
  binding: Binding,
  wrt: readonly string[],
  upstream: Tensor | undefined,
  held?: ReadonlySet<number>,
): Trace {
  return tracerFor(program, binding, wrt).run(binding, upstream, held);
}

/** The trace at a point, kept for as long as the point is. */
export function traceAt(point: Point): Trace {
  let traced = traces.get(point);
  if (traced === undefined) {
    const { program, binding, wrt, upstream, held } = point;
    traces.set(point, (traced = trace(program, binding, wrt, upstream, held)));
  }
  return traced;
}

const traces = new WeakMap<Point, Trace>();

/** Tracers that are ready for other points of the same shapes, by program and by shapes. */
const tracers = new WeakMap<Program, Map<string, Tracer>>();

/** Shapes that tracers are kept for, of each program. */
const mostTracers = 500;

function tracerFor(program: Program, binding: Binding, wrt: readonly string[]): Tracer {
  let ready = tracers.get(program);
  if (ready === undefined || ready.size >= mostTracers) tracers.set(program, (ready = new Map()));
  const key = layout(program, binding, wrt);
  let tracer = ready.get(key);
  if (tracer === undefined) ready.set(key, (tracer = new Tracer(program, binding, wrt)));
  return tracer;
}

/** All that a tracer rests on beside its program: coordinates, shapes, and the integers that sizes may come from. */
function layout({ inputs }: Program, { arrays }: Binding, wrt: readonly string[]): string {
  let key = wrt.join(" ");
  for (const { name, type } of inputs) {
    const { shape, data } = arrays.get(name)!;
    key += type === "int" && shape.length === 0 ? `;${data[0]}` : `;${shape.join(",")}`;
  }
  return key;
}
