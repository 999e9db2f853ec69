/** Powers in normal form: x^0 and x^1 taken out, powers of powers and of products merged where that is true for every x. */
import { apply, num, type Expr } from "../expr/node.ts";
import type { Algebra } from "./algebra.ts";
import { leadPositive } from "./condition.ts";
import { exactProduct, invertRatio, mulRatio, one, type Ratio } from "./ratio.ts";
import { isEven, isNonnegative, isOdd, isPositive } from "./sign.ts";
import { exprOf, isNum, summands, termOf } from "./term.ts";

export function power(base: Expr, exponent: Expr, s: Algebra): Expr {
  if (isNum(exponent, 1)) return base;
  if (isNum(exponent, 0)) return num(1);
  if (isNum(base, 1)) return base;
  if (base.kind === "num" && exponent.kind === "num") return numericPower(base.value, exponent.value);
  if (base.kind !== "apply") return apply("pow", base, exponent);
  const [inner] = base.args;
  switch (base.op) {
    case "exp":
      return s.call("exp", [s.mul([inner!, exponent])]);
    case "pow":
      return powerOfPower(inner!, base.args[1]!, exponent, s);
    case "mul":
      return powerOfProduct(base, exponent, s);
    case "abs":
      return isEven(exponent) ? power(inner!, exponent, s) : apply("pow", base, exponent);
    case "add": {
      const logistic = powerOfTwoExponentials(base, exponent, s);
      if (logistic) return logistic;
      // (t − x)^2 is (x − t)^2: an even power has the sign that comes first.
      return isEven(exponent) ? apply("pow", leadPositive(base, s), exponent) : apply("pow", base, exponent);
    }
    case "iverson":
      return exponent.kind === "num" && exponent.value > 0 ? base : apply("pow", base, exponent);
    default:
      return apply("pow", base, exponent);
  }
}

function numericPower(base: number, exponent: number): Expr {
  const whole = Number.isInteger(exponent) && Math.abs(exponent) <= 64;
  if (whole && base !== 0) {
    let value: Ratio | undefined = one;
    for (let n = 0; n < Math.abs(exponent) && value; n++) value = mulRatio(value, { n: base, d: 1 });
    const result: Ratio | undefined = value && exponent < 0 ? invertRatio(value) : value;
    if (result && (result.d === 1 || exponent !== -1)) return exprOf({ coefficient: result, factors: [] });
  }
  if (exponent === 0.5 && base >= 0 && exactProduct(Math.sqrt(base), Math.sqrt(base)) === base)
    return num(Math.sqrt(base));
  return apply("pow", num(base), num(exponent));
}

function powerOfPower(x: Expr, a: Expr, b: Expr, s: Algebra): Expr {
  const product = s.mul([a, b]);
  if ((b.kind === "num" && Number.isInteger(b.value)) || isNonnegative(x)) return power(x, product, s);
  // (x²)^½ is |x|, not x: false at x = −1.
  if (isEven(a)) return power(s.call("abs", [x]), product, s);
  if (isOdd(a) && isOdd(b)) return power(x, product, s);
  return apply("pow", apply("pow", x, a), b);
}

/** (c·x·y)^n: whole powers are taken of each factor; other powers only of factors that are known to be positive. */
function powerOfProduct(product: Expr, n: Expr, s: Algebra): Expr {
  const { coefficient, factors } = termOf(product);
  const whole = n.kind === "num" && Number.isInteger(n.value);
  const free = factors.filter((f) => whole || isPositive(f));
  const tied = factors.filter((f) => !free.includes(f));
  const outer = free.map((f) => s.pow(f, n));
  const freeCoefficient = whole || coefficient.n > 0;
  const number = exprOf({ coefficient, factors: [] });
  if (factors.length === 0 && !whole) return apply("pow", number, n); // (2/3)^0.5 stays as it is
  if (freeCoefficient && !isNum(number, 1)) {
    outer.push(whole ? s.pow(num(coefficient.n), n) : s.pow(number, n));
    if (whole && coefficient.d !== 1) outer.push(s.pow(num(coefficient.d), s.mul([num(-1), n])));
  }
  const rest = s.mul([exprOf({ coefficient: freeCoefficient ? one : coefficient, factors: tied })]);
  if (outer.length === 0) return apply("pow", rest, n);
  return s.mul(
    isNum(rest, 1) ? outer : [...outer, tied.length === 1 ? s.pow(rest, n) : apply("pow", rest, n)],
  );
}

/** (1 + e^x)^-n = σ(−x)^n, and (e^x + e^y)^-n = e^(−n·y)·σ(y − x)^n. */
function powerOfTwoExponentials(sum: Expr, exponent: Expr, s: Algebra): Expr | undefined {
  if (exponent.kind !== "num" || exponent.value >= 0) return undefined;
  const softplus = s.call("log", [sum]);
  if (softplus.kind === "apply" && softplus.op === "log") return undefined;
  const soft = summands(softplus).find((t) => t.kind === "apply" && t.op === "softplus");
  if (soft?.kind !== "apply") return undefined;
  const shift = s.add([softplus, s.mul([num(-1), soft])]);
  const sigmoid = s.call("sigmoid", [s.mul([num(-1), soft.args[0]!])]);
  const n = num(-exponent.value);
  const result = s.mul([s.call("exp", [s.mul([exponent, shift])]), s.pow(sigmoid, n)]);
  return s.record("logistic", apply("pow", sum, exponent), result);
}
