/** How large values can be, whatever the inputs are, as far as that follows from how they are computed. */
import { apply, at, children, type Expr, type Node } from "../expr/node.ts";
import type { Op } from "../expr/ops.ts";
import { substitute } from "../expr/substitute.ts";
import { unreachable } from "../errors.ts";
import type { Stage } from "./stage.ts";

/** The logarithm of a bound of every index and size: arrays have fewer elements. */
const whole = 53;

/** Powers of 2 below that are far from the largest double. */
export const farFromOverflow = 1000;

/** Functions that are between −1 and 1. */
const small: ReadonlySet<Op> = new Set<Op>(["iverson", "sigmoid", "tanh", "erf", "sin", "cos", "sign"]);
/** Operations that are no larger in size than the largest of their arguments. */
const among: ReadonlySet<Op> = new Set<Op>(["neg", "abs", "relu", "max", "min", "stop", "precise"]);

/** The sizes of values that read stages. */
export class Magnitudes {
  readonly #stages: ReadonlyMap<string, Stage>;
  readonly #known = new Map<Expr, number>();

  constructor(stages: readonly Stage[]) {
    this.#stages = new Map(stages.map((s) => [s.name, s]));
  }

  /** A number m ≥ 0 for which |e| ≤ 2^m, or e is NaN; infinite when none is known. */
  of(e: Expr): number {
    let known = this.#known.get(e);
    if (known === undefined) this.#known.set(e, (known = this.#decide(e)));
    return known;
  }

  #decide(e: Expr): number {
    switch (e.kind) {
      case "num":
        return Number.isNaN(e.value) ? 0 : Math.max(0, Math.log2(Math.abs(e.value)));
      case "index":
      case "size":
        return whole;
      case "read": {
        const stage = this.#stages.get(e.name);
        if (stage === undefined) return Infinity;
        if (stage.role === "accumulate") return stage.op === "sum" ? whole + this.of(stage.body) : Infinity;
        return this.of(stage.body);
      }
      case "where":
        return Math.max(this.of(e.then), this.of(e.else));
      case "reduce":
        return e.op === "sum" ? whole + this.of(e.body) : Infinity;
      case "apply":
        return this.#operation(e);
      default:
        return unreachable(e);
    }
  }

  #operation({ op, args }: Node<"apply">): number {
    if (small.has(op)) return 0;
    if (op === "expsum" || op === "exp")
      return this.#isAtMostZero(op === "exp" ? args[0]! : apply("add", ...args)) ? 0 : Infinity;
    const sizes = args.map((a) => this.of(a));
    if (among.has(op)) return Math.max(...sizes);
    if (op === "add" || op === "sub") return Math.max(...sizes) + Math.log2(args.length);
    return op === "mul" ? sizes.reduce((a, b) => a + b, 0) : Infinity;
  }

  /** Whether a value is one of several less the largest of them. */
  #isAtMostZero(e: Expr): boolean {
    if (e.kind !== "apply" || e.args.length !== 2 || (e.op !== "add" && e.op !== "sub")) return false;
    const [a, b] = e.args as [Expr, Expr];
    if (e.op === "sub") return this.#isLargestOf(b, a);
    return (
      (b.kind === "apply" && b.op === "neg" && this.#isLargestOf(b.args[0]!, a)) ||
      (a.kind === "apply" && a.op === "neg" && this.#isLargestOf(a.args[0]!, b))
    );
  }

  /** Whether `largest` is the maximum of values of which `e` is one. */
  #isLargestOf(largest: Expr, e: Expr): boolean {
    const stage = largest.kind === "read" ? this.#stages.get(largest.name) : undefined;
    const all = stage === undefined ? largest : stage.body;
    if (all.kind !== "reduce" || all.op !== "max" || all.guard !== undefined || stage?.role === "accumulate")
      return false;
    const own =
      largest.kind === "read" && stage !== undefined
        ? new Map(stage.indices.map((i, n) => [i, largest.at[n]!]))
        : new Map();
    return indicesIn(e)
      .filter((v) => v.kind === "index" && v.index.extent === all.over.extent)
      .some((v) => substitute(all.body, new Map([...own, [all.over, v]])) === e);
  }
}

/** The indices in an expression, as subscripts. */
const indicesIn = (e: Expr): readonly Expr[] =>
  e.kind === "index" ? [at(e.index)] : children(e).flatMap(indicesIn);
