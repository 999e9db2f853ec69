/** One plus, exponentials less one: the small part survives. */
import { apply, num, where, type Expr } from "../expr/node.ts";
import { isApply, argument, besideOne, isNum, isReal, one, pair, factored } from "./pattern.ts";
import { offset } from "./distances.ts";
import { powersOf } from "./powers.ts";
import type { Row } from "./row.ts";
import { factors, guarded, isLeaf, isSum, product, signedTerms, sumOf, without } from "./terms.ts";

/** c·exp(x) − c for a number c, however it is written: exp(x) / 2 − 0.5. */
function numericExpm1(a: Expr, b: Expr): Expr | undefined {
  const powers = powersOf(a);
  const f = [...powers.keys()].find((g) => isApply(g, "exp"));
  if (f?.kind !== "apply" || powers.get(f) !== 1 || b.kind !== "num") return undefined;
  const scale = [...powers].filter(([g]) => g !== f);
  if (scale.length === 0 || scale.some(([g]) => g.kind !== "num")) return undefined;
  const value = scale.reduce((c, [g, n]) => (g.kind === "num" ? c * g.value ** n : c), 1);
  return value === b.value ? apply("mul", num(value), apply("expm1", argument(f))) : undefined;
}

/** (x − y)², |x − y| and x − y of values as they stand, which are 0 where these are equal. */
export function isDistance(e: Expr): boolean {
  const isSize = (isApply(e, "pow") && isNum(e.args[1]!, 2)) || isApply(e, "abs");
  return (isSize || isSum(e)) && signedTerms(isSize ? argument(e) : e).every(({ of }) => isLeaf(of));
}

/** t·exp(z) that is 0 where t is, also when the exponential overflows. */
export function labelled(e: Expr): Expr | undefined {
  if (!isApply(e, "mul") || e.args.length !== 2) return undefined;
  const power = e.args.find((f) => isApply(f, "exp"));
  const label = e.args.find((f) => f !== power);
  if (power === undefined || label === undefined || !isReal(label)) return undefined;
  return label.kind === "read" || isDistance(label) ? guarded(label, power) : undefined;
}

/** b − t·exp(z) near z = 0 and t = b. */
function labelledMinus(a: Expr, b: Expr): Expr | undefined {
  // A label at an exponential may have been told from 0 already.
  const found = factored(a.kind === "where" && a.then === num(0) ? a.else : a, "exp");
  const label = found && product(found.rest);
  if (!found || !label || label === b || !isLeaf(b) || label.kind === "num") return undefined;
  const z = argument(found.f);
  const difference = apply("sub", label, b);
  const apart = isLeaf(label) ? difference : offset(label, b);
  if (apart === undefined) return undefined;
  const off = apply("lt", apply("mul", num(4), apply("abs", difference)), apply("abs", b));
  const near = apply("add", apply("mul", label, apply("expm1", z)), apart);
  return where(apply("and", apply("lt", apply("abs", z), num(0.25)), off), near, apply("sub", a, b));
}

/** exp(z) − n near z = 0 as expm1(z) − (n − 1): n − 1 is exact there or does not matter. */
export function exponentialMinus(a: Expr, b: Expr): Expr | undefined {
  const found = factored(a, "exp");
  const n = found && without(factors(b), found.rest);
  if (!found || n === undefined || n.length === 0 || n.some((f) => !isLeaf(f))) return undefined;
  const [z, count] = [argument(found.f), product(n)];
  const near = apply("sub", apply("expm1", z), apply("sub", count, one));
  // Where both are near 1: elsewhere the difference is as good, and expm1 takes long. What is asked does
  // not wait for the exponential.
  const off = apply("add", apply("abs", z), apply("abs", apply("sub", count, one)));
  const far = apply("sub", found.f, count);
  return product([...found.rest, where(apply("lt", off, num(0.25)), near, far)]);
}

/** log(1 - exp(z)), z < 0: the exponential is nearly 1 or nearly 0. */
function logLessExp(e: Expr): Expr | undefined {
  if (!isApply(e, "log1p")) return undefined;
  const [exp, ...more] = signedTerms(argument(e));
  if (exp === undefined || more.length > 0 || exp.sign === 1) return undefined;
  if (!isApply(exp.of, "exp") && !isApply(exp.of, "expsum")) return undefined;
  const z = sumOf(exp.of.args.flatMap((a) => signedTerms(a)));
  const near = apply("log", apply("neg", apply("expm1", z)));
  return where(apply("gt", z, num(-0.7)), logOfSmall(z) ?? near, e);
}

/** log(1 - exp(-exp(v))) where exp(v) is too small to be told from 1 - exp(-exp(v)), and may underflow. */
function logOfSmall(z: Expr): Expr | undefined {
  const [exp, ...more] = signedTerms(z);
  if (exp?.sign !== -1 || more.length > 0 || !isApply(exp.of, "exp")) return undefined;
  const v = argument(exp.of);
  const near = apply("log", apply("neg", apply("expm1", z)));
  return where(apply("lt", v, num(-40)), v, near);
}

// prettier-ignore
export const nearOneRows: readonly Row[] = [
  { name: "log1p", from: "log(1 + x)", to: "log1p(x)", holds: "x > -1",
    counterexample: { text: "log(1 + x)", at: { x: 1e-20 } },
    has: "log",
    rewrite: (e) => {
      const x = isApply(e, "log") ? besideOne(argument(e)) : undefined;
      return x && apply("log1p", x);
    } },
  { name: "log of one minus an exponential", from: "log1p(-exp(z))", to: "z > -0.7 ? log(-expm1(z)) : log1p(-exp(z))", holds: "z < 0",
    counterexample: { text: "log1p(-exp(z))", at: { z: -1e-12 } },
    has: "log1p",
    rewrite: logLessExp },
  { name: "expm1", from: "exp(x) - 1", to: "expm1(x)", holds: "everywhere",
    counterexample: { text: "exp(x) - 1", at: { x: 1e-20 } },
    has: "exp",
    rewrite: (e) => pair(e, (a, b) => {
      const found = factored(a, "exp");
      return found && product(found.rest) === b ? product([...found.rest, apply("expm1", argument(found.f))]) : numericExpm1(a, b);
    }) },
  { name: "exponential minus a count", from: "exp(z) - n", to: "abs(z) + abs(n - 1) < 1/4 ? expm1(z) - (n - 1) : exp(z) - n", holds: "everywhere",
    counterexample: { text: "exp(z) - n", at: { z: 1e-12, n: 1 } },
    has: "exp",
    rewrite: (e) => pair(e, exponentialMinus) },
  { name: "label times an exponential minus a count", from: "t*exp(z) - n", to: "abs(z) < 1/4 and 4*abs(t - n) < abs(n) ? t*expm1(z) + (t - n) : t*exp(z) - n", holds: "everywhere",
    counterexample: { text: "t * exp(z) - n", at: { t: 1, z: 1e-12, n: 1 } },
    has: "exp",
    rewrite: (e) => pair(e, labelledMinus) },
  { name: "label times an exponential", from: "t*exp(z)", to: "t == 0 ? 0 : t*exp(z)", holds: "everywhere",
    counterexample: { text: "t * exp(z)", at: { t: 0, z: 1000 } },
    always: "a trial has few labels that are 0 at an exponential that overflows",
    has: "exp",
    rewrite: labelled },
];
