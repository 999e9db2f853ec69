/** What is known of the sign of a real expression in normal form; "no" when it is not known. */
import type { Expr } from "../expr/node.ts";
import { isNum } from "./term.ts";

const positive = new WeakMap<Expr, boolean>();
const nonnegative = new WeakMap<Expr, boolean>();

export const isPositive = (e: Expr): boolean => remember(positive, e, positiveByForm);
export const isNonnegative = (e: Expr): boolean =>
  isPositive(e) || remember(nonnegative, e, nonnegativeByForm);

function remember(known: WeakMap<Expr, boolean>, e: Expr, decide: (e: Expr) => boolean): boolean {
  let answer = known.get(e);
  if (answer === undefined) known.set(e, (answer = decide(e)));
  return answer;
}

function positiveByForm(e: Expr): boolean {
  switch (e.kind) {
    case "num":
      return e.value > 0;
    // An index of extent 0 has no values, so nothing that its size stands in is ever evaluated, but for an empty mean.
    case "size":
      return true;
    case "apply":
      switch (e.op) {
        case "exp":
        case "sigmoid":
        case "softplus":
        case "cosh":
        case "erfc":
          return true;
        case "mul":
          return e.args.every(isPositive);
        case "add":
          return e.args.some(isPositive) && e.args.every(isNonnegative);
        case "pow":
          return isPositive(e.args[0]!);
        case "max":
          return e.args.some(isPositive);
        case "min":
          return e.args.every(isPositive);
        case "stop":
          return isPositive(e.args[0]!);
        default:
          return false;
      }
    case "where":
      return isPositive(e.then) && isPositive(e.else);
    case "reduce":
      return (e.op === "prod" || (e.op === "sum" && e.guard === undefined)) && isPositive(e.body);
    default:
      return false;
  }
}

function nonnegativeByForm(e: Expr): boolean {
  switch (e.kind) {
    case "num":
      return e.value >= 0;
    case "index":
      return true;
    case "apply":
      switch (e.op) {
        case "abs":
        case "iverson":
        case "hypot":
          return true;
        case "add":
        case "mul":
        case "min":
          return e.args.every(isNonnegative);
        case "max":
          return e.args.some(isNonnegative);
        case "pow":
          return isNonnegative(e.args[0]!) || isEven(e.args[1]!) || isNum(e.args[1]!, 0.5);
        case "stop":
          return isNonnegative(e.args[0]!);
        default:
          return false;
      }
    case "where":
      return isNonnegative(e.then) && isNonnegative(e.else);
    case "reduce":
      return (e.op === "sum" || e.op === "prod") && isNonnegative(e.body);
    default:
      return false;
  }
}

export const isEven = (e: Expr): boolean => e.kind === "num" && e.value % 2 === 0;
export const isOdd = (e: Expr): boolean => e.kind === "num" && Math.abs(e.value % 2) === 1;
