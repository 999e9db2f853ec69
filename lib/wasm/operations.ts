/**
 * Operations on reals that are no single instruction of WebAssembly: written out, or functions of the host.
 *
 * What `functions/` has no vectors of, the host computes: JavaScript's `Math`.
 */
import type { Op } from "../expr/ops.ts";
import { call, f32, f64, op, opWith, type Code } from "./code.ts";
import type { FunctionBuilder } from "./function.ts";
import { define, inline, isVectorOp } from "./functions/functions.ts";
import { everywhere, type Lanes } from "./lanes.ts";
import type { ModuleBuilder } from "./module.ts";
import type { Real } from "./storage.ts";

/** Operations that the host computes, under their names in `Math`. */
// prettier-ignore
const math: ReadonlySet<Op> = new Set<Op>([
  "cbrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "asinh", "acosh", "atanh", "atan2",
]);

/** Those of a few instructions, which are always written out. */
const exactSums: ReadonlySet<Op> = new Set<Op>(["exactsum", "roundoff", "mulroundoff"]);

/** So many functions are written out where they are used, about a kilobyte each; others are called. */
const mostInlined = 32;

export class Operations {
  readonly #module: ModuleBuilder;
  #asksHost = false;
  #inlined = 0;

  constructor(module: ModuleBuilder) {
    this.#module = module;
  }

  /** Whether the module wants `Math` from the host. */
  get asksHost(): boolean {
    return this.#asksHost;
  }

  /** An operation on values of one float type. */
  scalar(f: FunctionBuilder, o: Op, args: readonly Code[], type: Real): Code {
    const constant = type === "f64" ? f64 : f32;
    switch (o) {
      case "relu":
        return op(`${type}.max`, constant(0), args[0]!);
      case "sign": {
        const x = f.keep(args[0]!);
        const below = op(`select.${type}`, constant(-1), x, op(`${type}.lt`, x, constant(0)));
        return op(`select.${type}`, constant(1), below, op(`${type}.gt`, x, constant(0)));
      }
      case "roundoff":
        return roundoff(f, type, f.keep(args[0]!), f.keep(args[1]!));
      default:
        if (isVectorOp(o)) return call(define(this.#module, o, type, args.length), ...args);
        return this.#fromHost(o, args, type);
    }
  }

  /** An operation on all lanes. What the host computes is asked for lane by lane. */
  vector(f: FunctionBuilder, o: Op, args: readonly Code[], lanes: Lanes): Code {
    if (isVectorOp(o))
      return this.#mayInline(o)
        ? inline(f, o, lanes.shape, args)
        : call(define(this.#module, o, lanes.shape, args.length), ...args);
    const each = Array.from({ length: lanes.count }, (_, lane) =>
      this.#fromHost(
        o,
        args.map((a) => opWith(`${lanes.shape}.extract_lane`, { lane }, a)),
        lanes.real,
      ),
    );
    return each.reduce(
      (all, one, lane) => opWith(`${lanes.shape}.replace_lane`, { lane }, all, one),
      everywhere(lanes, 0),
    );
  }

  /** Whether there is room for the instructions of one more function. */
  #mayInline(o: Op): boolean {
    const size = o === "pow" ? 4 : exactSums.has(o) ? 0 : 1;
    this.#inlined += size;
    return size === 0 || this.#inlined <= mostInlined;
  }

  #fromHost(o: Op, args: readonly Code[], type: Real): Code {
    if (!math.has(o)) throw new Error(`${o} reached WebAssembly`);
    this.#asksHost = true;
    const takes = args.map(() => "f64" as const);
    const callee = this.#module.import("Math", o, takes, "f64");
    if (type === "f64") return call(callee, ...args);
    return op("f32.demote_f64", call(callee, ...args.map((a) => op("f64.promote_f32", a))));
  }
}

/** What a + b loses when it is rounded (D. E. Knuth's two-sum). */
export function roundoff(f: FunctionBuilder, shape: Real | Lanes["shape"], a: Code, b: Code): Code {
  const [add, sub] = [`${shape}.add`, `${shape}.sub`] as const;
  const sum = f.keep(op(add, a, b));
  const back = f.keep(op(sub, sum, a));
  return op(add, op(sub, a, op(sub, sum, back)), op(sub, b, back));
}

/** The same where a is not smaller than b in size (T. J. Dekker). */
export function quickRoundoff(f: FunctionBuilder, shape: Real | Lanes["shape"], a: Code, b: Code): Code {
  const [add, sub] = [`${shape}.add`, `${shape}.sub`] as const;
  return op(sub, b, op(sub, f.keep(op(add, a, b)), a));
}
