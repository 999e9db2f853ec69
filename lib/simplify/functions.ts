/**
 * Functions of one or two arguments in normal form: one row an identity, tried in order.
 *
 * A row holds wherever its left side is defined (over the reals). Rows that look
 * right and are not are kept as comments, with the point that refutes them.
 */
import { apply, num, type Expr, type Node } from "../expr/node.ts";
import type { Op } from "../expr/ops.ts";
import type { Algebra } from "./algebra.ts";
import { leadPositive } from "./condition.ts";
import { one, type Ratio } from "./ratio.ts";
import { isEven, isNonnegative, isPositive } from "./sign.ts";
import { exprOf, factorsOf, isNum, summands, termOf } from "./term.ts";

/** The result for a call with these arguments, or undefined when the row does not apply. */
type Rewrite = (x: Expr, s: Algebra) => Expr | undefined;
interface Row {
  readonly op: Op;
  /** What a step calls it. */
  readonly name: string;
  /** The identity, in the language: left side, right side. The spec evaluates both. */
  readonly identity: readonly [string, string];
  readonly rewrite: Rewrite;
}

const isCall = (e: Expr, op: Op): e is Node<"apply"> => e.kind === "apply" && e.op === op;
const argument = (e: Expr): Expr => (e.kind === "apply" ? e.args[0]! : e);
const negative = (x: Expr, s: Algebra): Expr => s.mul([num(-1), x]);

const at =
  (value: number, result: number): Rewrite =>
  (x) =>
    isNum(x, value) ? num(result) : undefined;
const undoes =
  (inverse: Op): Rewrite =>
  (x) =>
    isCall(x, inverse) ? argument(x) : undefined;

/** Factors whose logarithm is simpler than they are. */
const splits = (f: Expr): boolean =>
  f.kind !== "num" && (isCall(f, "exp") || isCall(f, "sigmoid") || f.kind === "reduce" || isCall(f, "pow"));

/** log x with x split into a sum of logarithms of its factors, all but one known to be positive. */
function logOfProduct(x: Expr, s: Algebra): Expr | undefined {
  const factors = factorsOf(x);
  const positive = factors.filter(isPositive);
  const rest = factors.filter((f) => !isPositive(f));
  if (factors.length < 2 || !positive.some(splits)) return undefined;
  const inside = rest.length === 0 ? [] : [s.call("log", [s.mul(rest)])];
  return s.add([...positive.map((f) => s.call("log", [f])), ...inside]);
}

function logOfPower(x: Expr, s: Algebra): Expr | undefined {
  if (!isCall(x, "pow")) return undefined;
  const [base, n] = x.args;
  if (n!.kind !== "num") return isPositive(base!) ? s.mul([n!, s.call("log", [base!])]) : undefined;
  return s.mul([n!, s.call("log", [isEven(n!) && !isNonnegative(base!) ? s.call("abs", [base!]) : base!])]);
}

/** Σ_j e^f under a logarithm. */
function logOfSum(x: Expr, s: Algebra): Expr | undefined {
  if (x.kind !== "reduce" || x.op !== "sum") return undefined;
  const exponents = exponentOf(x.body);
  return exponents && s.reduce("logsumexp", x.over, x.guard, s.add(exponents));
}

/** The exponents of a product of exponentials only. */
function exponentOf(body: Expr): readonly Expr[] | undefined {
  if (!factorsOf(body).every((f) => isCall(f, "exp"))) return undefined;
  return factorsOf(body).map(argument);
}

/** 1 + e^x, and e^x + e^y: the sums of two exponentials. */
function logOfTwo(x: Expr, s: Algebra): Expr | undefined {
  const terms = summands(x);
  if (terms.length !== 2) return undefined;
  const [a, b] = terms as [Expr, Expr];
  const [first, second] = [a, b].map((t) =>
    isNum(t, 1) ? num(0) : isCall(t, "exp") ? argument(t) : undefined,
  );
  if (!first || !second) return undefined;
  const [low, high] = isNum(first, 0)
    ? [first, second]
    : isNum(second, 0)
      ? [second, first]
      : [second, first];
  return s.add([low, s.call("softplus", [s.add([high, negative(low, s)])])]);
}

/** 1 − σ(x) under a logarithm, before it could be split. */
const logOfSigmoid: Rewrite = (x, s) =>
  isCall(x, "sigmoid") ? negative(s.call("softplus", [negative(argument(x), s)]), s) : undefined;

/** A factor c·x of a modulus: f(c·|x|) is f(c·x) for an even function. */
function withoutModulus(x: Expr): { readonly inner: Expr; readonly sign: number } | undefined {
  const { coefficient, factors } = termOf(x);
  if (factors.length !== 1 || !isCall(factors[0]!, "abs")) return undefined;
  const n = Math.abs(coefficient.n);
  const inner = exprOf({ coefficient: { n, d: coefficient.d }, factors: factorsOf(argument(factors[0]!)) });
  return { inner, sign: Math.sign(coefficient.n) };
}

const evenIn =
  (op: Op): Rewrite =>
  (x, s) => {
    const found = withoutModulus(x);
    if (found) return s.call(op, [found.inner]);
    const up = leadPositive(x, s);
    return up === x ? undefined : s.call(op, [up]);
  };

const oddIn =
  (op: Op): Rewrite =>
  (x, s) => {
    const up = leadPositive(x, s);
    return up === x ? undefined : negative(s.call(op, [up]), s);
  };

const softplusOfModulus: Rewrite = (x, s) => {
  const found = withoutModulus(x);
  if (!found) return undefined;
  const hinge = s.call("max", [found.inner, num(0)]);
  const soft = s.call("softplus", [found.inner]);
  return found.sign < 0 ? s.add([soft, negative(hinge, s)]) : s.add([soft, negative(found.inner, s), hinge]);
};

/** |c·x·y| with what is known of the sign taken out. */
function modulus(x: Expr, s: Algebra): Expr | undefined {
  if (isNonnegative(x)) return x;
  const { coefficient, factors } = termOf(x);
  const outer = factors.filter(isNonnegative);
  if (
    outer.length > 0 ||
    coefficient.n < 0 ||
    ((coefficient.n !== 1 || coefficient.d !== 1) && factors.length > 0)
  ) {
    const scale = exprOf({ coefficient: { n: Math.abs(coefficient.n), d: coefficient.d }, factors: [] });
    const rest = s.mul(factors.filter((f) => !isNonnegative(f)));
    return s.mul([scale, ...outer, s.call("abs", [rest])]);
  }
  const up = leadPositive(x, s);
  return up === x ? undefined : s.call("abs", [up]);
}

function signOf(x: Expr, s: Algebra): Expr | undefined {
  if (x.kind === "num") return num(Math.sign(x.value));
  if (isPositive(x)) return num(1);
  const { coefficient, factors } = termOf(x);
  const kept = factors.filter((f) => !isPositive(f));
  if (kept.length < factors.length || Math.abs(coefficient.n) !== 1 || coefficient.d !== 1)
    return s.mul([num(Math.sign(coefficient.n)), s.call("sign", [s.mul(kept)])]);
  const up = leadPositive(x, s);
  return up === x ? undefined : negative(s.call("sign", [up]), s);
}

// prettier-ignore
export const rows: readonly Row[] = [
  { op: "exp",       name: "exp-zero",       identity: ["exp(0)", "1"],                                                     rewrite: at(0, 1) },
  { op: "exp",       name: "exp-log",        identity: ["exp(log(x))", "x"],                                                rewrite: undoes("log") },
  { op: "exp",       name: "exp-log-term",   identity: ["exp(y + 2 * log(x))", "x^2 * exp(y)"],                             rewrite: expOfLog },
  { op: "log",       name: "log-one",        identity: ["log(1)", "0"],                                                     rewrite: at(1, 0) },
  { op: "log",       name: "log-exp",        identity: ["log(exp(x))", "x"],                                                rewrite: undoes("exp") },
  { op: "log",       name: "log-sigmoid",    identity: ["log(sigmoid(x))", "-softplus(-x)"],                                rewrite: logOfSigmoid },
  { op: "log",       name: "log-product",    identity: ["log(exp(x) * y)", "x + log(y)"],                                   rewrite: logOfProduct },
  { op: "log",       name: "log-power",      identity: ["log(x^2)", "2 * log(abs(x))"],                                     rewrite: logOfPower },
  { op: "log",       name: "softplus",       identity: ["log(1 + exp(x))", "softplus(x)"],                                  rewrite: logOfTwo },
  { op: "log",       name: "log-two-exp",    identity: ["log(exp(x) + exp(y))", "y + softplus(x - y)"],                     rewrite: logOfTwo },
  { op: "log",       name: "log-sum-exp",    identity: ["log(sum(r < 3, exp(r * x)))", "logsumexp(r < 3, r * x)"],          rewrite: logOfSum },
  { op: "sigmoid",   name: "sigmoid-zero",   identity: ["sigmoid(0)", "0.5"],                                               rewrite: at(0, 0.5) },
  { op: "softplus",  name: "softplus-zero",  identity: ["softplus(0)", "log(2)"],                                           rewrite: (x) => (isNum(x, 0) ? apply("log", num(2)) : undefined) },
  { op: "softplus",  name: "softplus-abs",   identity: ["softplus(-abs(x))", "softplus(x) - max(x, 0)"],                    rewrite: softplusOfModulus },
  { op: "abs",       name: "abs-factor",     identity: ["abs(-2 * x)", "2 * abs(x)"],                                       rewrite: modulus },
  { op: "sign",      name: "sign-factor",    identity: ["sign(-2 * x)", "-sign(x)"],                                        rewrite: signOf },
  { op: "cos",       name: "cos-zero",       identity: ["cos(0)", "1"],                                                     rewrite: at(0, 1) },
  { op: "cos",       name: "cos-even",       identity: ["cos(-abs(x))", "cos(x)"],                                          rewrite: evenIn("cos") },
  { op: "cosh",      name: "cosh-zero",      identity: ["cosh(0)", "1"],                                                    rewrite: at(0, 1) },
  { op: "cosh",      name: "cosh-even",      identity: ["cosh(-abs(x))", "cosh(x)"],                                        rewrite: evenIn("cosh") },
  ...(["sin", "tan", "asin", "atan", "sinh", "tanh", "asinh", "atanh", "erf", "cbrt"] as const).flatMap((op): Row[] => [
    { op,  name: `${op}-zero`,  identity: [`${op}(0 * x)`, "0"],           rewrite: at(0, 0) },
    { op,  name: `${op}-odd`,   identity: [`${op}(-x)`, `-${op}(x)`],      rewrite: oddIn(op) },
  ]),
  // Not rows: sqrt(x^2) = x                    at x = -1 gives -1, not 1
  //           log(x * y) = log(x) + log(y)     at x = y = -1 is undefined on the right, 0 on the left
  //           asin(sin(x)) = x                 at x = 4
  //           sign(x)^2 = 1                    at x = 0
];

/** e^(a + n·log x) = x^n · e^a */
function expOfLog(x: Expr, s: Algebra): Expr | undefined {
  const terms = summands(x);
  for (const t of terms) {
    const { coefficient, factors } = termOf(t);
    if (factors.length !== 1 || !isCall(factors[0]!, "log")) continue;
    const rest = s.add(terms.filter((u) => u !== t));
    return s.mul([s.pow(argument(factors[0]!), exprOf({ coefficient, factors: [] })), s.call("exp", [rest])]);
  }
  return undefined;
}

/** An operation that has no normal form of its own, in the terms of those that have; these are definitions. */
// prettier-ignore
const expanded: Partial<Record<Op, (args: readonly Expr[], s: Algebra) => Expr>> = {
  sub:      ([a, b], s) => s.add([a!, negative(b!, s)]),
  neg:      ([a], s)    => negative(a!, s),
  div:      ([a, b], s) => s.mul([a!, s.pow(b!, num(-1))]),
  sqrt:     ([a], s)    => s.pow(a!, num(0.5)),
  relu:     ([a], s)    => s.call("max", [a!, num(0)]),
  log1p:    ([a], s)    => s.call("log", [s.add([num(1), a!])]),
  expm1:    ([a], s)    => s.add([s.call("exp", [a!]), num(-1)]),
  iverson:  ([p], s)    => s.iverson(p!),
};

export function callFunction(op: Op, args: readonly Expr[], s: Algebra): Expr {
  const definition = expanded[op];
  if (definition) return definition(args, s);
  if (op === "max" || op === "min") return extremum(op, args, s);
  if (op === "stop" && args[0]!.kind === "num") return args[0]!;
  const plain = apply(op, ...args);
  for (const row of rows) {
    if (row.op !== op) continue;
    const result = row.rewrite(args[0]!, s);
    if (result && result !== plain) return s.record(row.name, plain, result);
  }
  return plain;
}

/** max and min: flat, without repeats, without arguments that a constant distance rules out. */
function extremum(op: "max" | "min", args: readonly Expr[], s: Algebra): Expr {
  const flat = [...new Set(args.flatMap((a) => (isCall(a, op) ? a.args : [a])))];
  const dual = op === "max" ? "min" : "max";
  const beaten = (a: Expr, b: Expr): boolean => {
    if (isCall(a, dual) && a.args.includes(b)) return true; // max(b, min(b, c)) = b
    const gap = s.add([b, negative(a, s)]);
    return op === "max" ? isNonnegative(gap) : isNonnegative(negative(gap, s));
  };
  const kept: Expr[] = [];
  for (const a of flat) {
    if (kept.some((k) => beaten(a, k))) continue;
    for (let n = kept.length - 1; n >= 0; n--) if (beaten(kept[n]!, a)) kept.splice(n, 1);
    kept.push(a);
  }
  if (kept.length === 1) return kept[0]!;
  const scale = sharedScale(kept);
  if (scale) return s.mul([exprOf({ coefficient: scale, factors: [] }), extremum(op, kept.map(unscaled), s)]);
  return apply(op, ...kept.toSorted(s.compare));
}

const unscaled = (a: Expr): Expr =>
  isNum(a, 0) ? a : exprOf({ coefficient: one, factors: termOf(a).factors });

/** The positive number other than 1 that all arguments but zeros have as their coefficient. */
function sharedScale(args: readonly Expr[]): Ratio | undefined {
  const nonzero = args.filter((a) => !isNum(a, 0));
  const [first] = nonzero;
  if (!first || first.kind === "num" || nonzero.some((a) => summands(a).length > 1)) return undefined;
  const { coefficient } = termOf(first);
  if (coefficient.n <= 0 || (coefficient.n === 1 && coefficient.d === 1)) return undefined;
  const same = nonzero.every(
    (a) => termOf(a).coefficient.n === coefficient.n && termOf(a).coefficient.d === coefficient.d,
  );
  return same ? coefficient : undefined;
}
