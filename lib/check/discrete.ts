/**
 * Integers and conditions that no real number enters: labels, subscripts, guards
 * such as `j != y[i]`. They are computed as they stand and leave no mark on a tape.
 */
import { unreachable } from "../errors.ts";
import { sizeOf, type Sizes } from "../expr/extent.ts";
import { children, type Expr, type Node } from "../expr/node.ts";
import type { Reduction } from "../expr/ops.ts";
import type { Definition } from "../expr/program.ts";

export type Discrete = () => number;

/** Which expressions are discrete in a program, and how to compute them; conditions are 1 and 0. */
export interface DiscreteScope {
  readonly sizes: Sizes;
  readonly definitions: ReadonlyMap<string, Definition>;
  /** The array of an input, at the present point. */
  slot(name: string): { readonly shape: readonly number[]; readonly data: ArrayLike<number> } | undefined;
  /** The present value of an index. */
  cell(e: Node<"index">["index"]): { value: number };
  /** An element of a discrete definition. */
  defined(name: string, at: readonly number[]): number;
}

/** Whether an expression is an integer or a condition in which no real number is read. */
export function isDiscrete(
  e: Expr,
  definitions: ReadonlyMap<string, Definition>,
  memo: Map<Expr, boolean>,
): boolean {
  const known = memo.get(e);
  if (known !== undefined) return known;
  let discrete = e.type !== "real" && children(e).every((child) => isDiscrete(child, definitions, memo));
  if (discrete && e.kind === "read") {
    const definition = definitions.get(e.name);
    discrete = definition === undefined || isDiscrete(definition.body, definitions, memo);
  }
  memo.set(e, discrete);
  return discrete;
}

/** How to compute a discrete expression at the present index values. */
export function discrete(e: Expr, scope: DiscreteScope): Discrete {
  const go = (e: Expr): Discrete => discrete(e, scope);
  switch (e.kind) {
    case "num":
      return () => e.value;
    case "size": {
      const size = sizeOf(e.extent, scope.sizes);
      return () => size;
    }
    case "index": {
      const cell = scope.cell(e.index);
      return () => cell.value;
    }
    case "read": {
      const subscripts = e.at.map(go);
      const array = scope.definitions.has(e.name) ? undefined : scope.slot(e.name);
      if (array === undefined)
        return () =>
          scope.defined(
            e.name,
            subscripts.map((s) => s()),
          );
      const { shape } = array;
      return () => array.data[positionOf(e.name, shape, subscripts)]!;
    }
    case "where": {
      const [guard, then, otherwise] = [go(e.guard), go(e.then), go(e.else)];
      return () => (guard() !== 0 ? then() : otherwise());
    }
    case "apply":
      return operation(e, e.args.map(go));
    case "reduce":
      return reduction(e, scope);
    default:
      return unreachable(e);
  }
}

/** A read outside of its array: at the point itself none is left by then, beside it an index that is computed may lead there. */
export class ReadOutside extends Error {}

/** The place of an element in row-major order. Throws a `ReadOutside`. */
export function positionOf(name: string, shape: readonly number[], subscripts: readonly Discrete[]): number {
  let position = 0;
  for (let axis = 0; axis < subscripts.length; axis++) {
    const subscript = subscripts[axis]!();
    if (!(subscript >= 0 && subscript < shape[axis]!))
      throw new ReadOutside(
        `${name} is read at ${subscript} along axis ${axis}, whose size is ${shape[axis]}`,
      );
    position = position * shape[axis]! + subscript;
  }
  return position;
}

function operation(e: Node<"apply">, args: readonly Discrete[]): Discrete {
  const [a, b] = args as [Discrete, Discrete];
  const fold =
    (f: (x: number, y: number) => number): Discrete =>
    () => {
      let total = a();
      for (let n = 1; n < args.length; n++) total = f(total, args[n]!());
      return total;
    };
  switch (e.op) {
    case "add":
      return fold((x, y) => x + y);
    case "mul":
      return fold((x, y) => x * y);
    case "max":
      return fold((x, y) => Math.max(x, y));
    case "min":
      return fold((x, y) => Math.min(x, y));
    case "sub":
      return () => a() - b();
    case "neg":
      return () => -a();
    case "abs":
      return () => Math.abs(a());
    case "sign":
      return () => Math.sign(a());
    case "iverson":
    case "stop":
      return a;
    case "lt":
      return () => (a() < b() ? 1 : 0);
    case "le":
      return () => (a() <= b() ? 1 : 0);
    case "gt":
      return () => (a() > b() ? 1 : 0);
    case "ge":
      return () => (a() >= b() ? 1 : 0);
    case "eq":
      return () => (a() === b() ? 1 : 0);
    case "ne":
      return () => (a() !== b() ? 1 : 0);
    case "and":
      return () => (args.every((p) => p() !== 0) ? 1 : 0);
    case "or":
      return () => (args.some((p) => p() !== 0) ? 1 : 0);
    case "not":
      return () => 1 - a();
    default:
      throw new Error(`${e.op} gives a real number: it should not have been taken for discrete`);
  }
}

/** What the terms of a reduction leave as it is. */
export const neutral = {
  sum: 0,
  prod: 1,
  max: -Infinity,
  min: Infinity,
  argmax: -Infinity,
  argmin: Infinity,
  logsumexp: -Infinity,
} as const satisfies Record<Reduction, number>;

function reduction({ op, over, guard, body }: Node<"reduce">, scope: DiscreteScope): Discrete {
  const size = sizeOf(over.extent, scope.sizes);
  const cell = scope.cell(over);
  const term = discrete(body, scope);
  const holds = guard && discrete(guard, scope);
  return () => {
    const outer = cell.value;
    let best = -1;
    let total = neutral[op];
    for (cell.value = 0; cell.value < size; cell.value++) {
      if (holds !== undefined && holds() === 0) continue;
      const x = term();
      const wins = best < 0 || (op === "max" || op === "argmax" ? x > total : x < total);
      if (op === "sum") total += x;
      else if (op === "prod") total *= x;
      else if (wins) [total, best] = [x, cell.value];
    }
    cell.value = outer;
    return op === "argmax" || op === "argmin" ? best : total;
  };
}
