/**
 * The functions that dscore's WebAssembly computes by itself, one row each, for any width.
 *
 *   const exp = define(module, "exp", "f64x2");     a function (v128) -> v128 of the module: call(exp, x)
 *   const exp = define(module, "exp", "f64");       the same for one number, (f64) -> f64
 *   inline(f, "exp", "f64x2", [x])                  its instructions, where `f` is being written
 *
 * Inside a loop over vectors `inline` is the faster one by a third, as the engine keeps the constants in registers or
 * on the stack; it takes about half a kilobyte of code. No function needs imports; the exponential of doubles reads a
 * table (`roots.ts`), which the module brings with it. What a lane gives does not depend on the other lanes; f64 is lane 0 of
 * f64x2, f32 that of f32x4.
 */
import { op as code, type Code } from "../code.ts";
import { ops, type Op } from "../../expr/ops.ts";
import type { FunctionBuilder } from "../function.ts";
import { libraryFunction } from "../library.ts";
import type { ModuleBuilder } from "../module.ts";
import { lanesIn, type Width } from "./emit.ts";
import { erf, erfc } from "./error.ts";
import { exp, expm1, expSum } from "./exponential.ts";
import { hypot } from "./hypotenuse.ts";
import type { Format, Lanes } from "./lanes.ts";
import { log, log10, log1p, log2 } from "./logarithm.ts";
import { sigmoid, softplus, tanh } from "./logistic.ts";
import { pow } from "./power.ts";
import { exactSum, mulRoundoff, roundoff } from "./twofold.ts";

export interface VectorFunction {
  /** Values in all lanes from arguments in all lanes. */
  readonly describe: <F, I, M>(lanes: Lanes<F, I, M>, ...args: readonly F[]) => F;
  /** The greatest error in units of the last place of the result, subnormal ones included. */
  readonly ulp: Readonly<Record<Format["name"], number>>;
}

type Unary = <F, I, M>(lanes: Lanes<F, I, M>, x: F) => F;

const unary = (f: Unary, ulp: VectorFunction["ulp"]): VectorFunction => ({
  describe: (lanes, x) => f(lanes, x!),
  ulp,
});

// prettier-ignore
export const functions = {
  exp:      unary(exp,      { double: 0.7, single: 0.7 }),
  expm1:    unary(expm1,    { double: 0.85, single: 0.8 }),
  log:      unary(log,      { double: 0.65, single: 0.65 }),
  log1p:    unary(log1p,    { double: 0.65, single: 0.65 }),
  log2:     unary(log2,     { double: 0.7, single: 0.7 }),
  log10:    unary(log10,    { double: 0.7, single: 0.7 }),
  sigmoid:  unary(sigmoid,  { double: 0.7, single: 0.75 }),
  softplus: unary(softplus, { double: 0.7, single: 0.7 }),
  tanh:     unary(tanh,     { double: 0.65, single: 0.65 }),
  erf:      unary(erf,      { double: 0.8, single: 0.75 }),
  erfc:     unary(erfc,     { double: 0.95, single: 0.9 }),
  pow:      { describe: (lanes, x, y) => pow(lanes, x!, y!),                    ulp: { double: 0.8, single: 0.8 } },
  hypot:    { describe: (lanes, x, y) => hypot(lanes, x!, y!),                  ulp: { double: 1.25, single: 1.25 } },
  expsum:   { describe: (lanes, x, y, z) => expSum(lanes, x!, y!, z),           ulp: { double: 0.8, single: 0.8 } },
  exactsum: { describe: (lanes, x, y, z, w) => exactSum(lanes, x!, y!, z, w),   ulp: { double: 1, single: 1 } },
  roundoff: { describe: (lanes, x, y) => roundoff(lanes, x!, y!),               ulp: { double: 0, single: 0 } },
  mulroundoff: { describe: (lanes, x, y) => mulRoundoff(lanes, x!, y!),         ulp: { double: 0, single: 0 } },
} satisfies Partial<Record<Op, VectorFunction>>;

export type VectorOp = keyof typeof functions;

export const isVectorOp = (op: Op): op is VectorOp => Object.hasOwn(functions, op);

/** One number, or vectors of them. */
export type Shape = Width | "f64" | "f32";

/** The function's instructions, appended to `f`. */
export function inline(f: FunctionBuilder, op: VectorOp, shape: Shape, args: readonly Code[]): Code {
  const { describe }: VectorFunction = functions[op];
  if (shape === "f64x2" || shape === "f32x4")
    return describe(lanesIn(f, shape), ...args.map((x) => f.keep(x)));
  const width = shape === "f64" ? "f64x2" : "f32x4";
  const spread = args.map((x) => f.keep(code(`${width}.splat`, x)));
  return code(`${width}.extract_lane`, describe(lanesIn(f, width), ...spread));
}

/** A function of the module, the same one when asked again. `arity` is the number of arguments where it may vary. */
export function define(
  module: ModuleBuilder,
  op: VectorOp,
  shape: Shape,
  arity = leastArity(op),
): FunctionBuilder {
  const name = `${op}${arity === leastArity(op) ? "" : arity}_${shape}`;
  const gives = shape === "f64" || shape === "f32" ? shape : "v128";
  const takes = Array.from({ length: arity }, () => gives);
  const made = libraryFunction(name, { name, takes, gives }, (f) =>
    f.finish(
      inline(
        f,
        op,
        shape,
        takes.map((_, n) => f.parameter(n)),
      ),
    ),
  );
  return module.include(made);
}

const leastArity = (op: VectorOp): number => ops[op].arity[0];
