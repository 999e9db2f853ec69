/** Factors that become simpler together: exponentials join, a sign and its argument make a modulus. */
import { apply, num, occursFree, type Expr, type Node } from "../expr/node.ts";
import type { Algebra } from "./algebra.ts";
import { summands } from "./term.ts";

type Apply = Node<"apply">;
const isCall = (e: Expr, op: Apply["op"]): e is Apply => e.kind === "apply" && e.op === op;

/** The factors after every rule below has been tried; the same ones when none applies. */
export function rewriteProduct(factors: readonly Expr[], s: Algebra): readonly Expr[] {
  let current = factors;
  for (const rule of [joinExponentials, normalize, signTimes, sigmoidTimesExp, hingeOverItself]) {
    const next = rule(current, s);
    if (next !== current) current = next;
  }
  return current;
}

function replaceFactors(
  rule: string,
  factors: readonly Expr[],
  gone: readonly Expr[],
  by: readonly Expr[],
  s: Algebra,
): readonly Expr[] {
  const after = by.length === 0 ? num(1) : by.length === 1 ? by[0]! : apply("mul", ...by);
  s.record(rule, gone.length === 1 ? gone[0]! : apply("mul", ...gone), after);
  return [...factors.filter((f) => !gone.includes(f)), ...by];
}

/** e^x · e^y = e^(x + y) */
function joinExponentials(factors: readonly Expr[], s: Algebra): readonly Expr[] {
  const exps = factors.filter((f) => isCall(f, "exp"));
  if (exps.length < 2) return factors;
  const joined = s.call("exp", [s.add(exps.map((f) => f.args[0]!))]);
  return replaceFactors("exp-product", factors, exps, [joined], s);
}

/** e^x / Σ_j e^f = e^(x − logsumexp_j f): the quotient without its overflow. */
function normalize(factors: readonly Expr[], s: Algebra): readonly Expr[] {
  const exp = factors.find((f): f is Apply => isCall(f, "exp"));
  if (!exp) return factors;
  for (const f of factors) {
    if (!isCall(f, "pow") || f.args[1]!.kind !== "num" || f.args[1]!.value >= 0) continue;
    const total = f.args[0]!;
    if (total.kind !== "reduce" || total.op !== "sum") continue;
    const lse = s.call("log", [total]);
    if (isCall(lse, "log")) continue;
    const joined = s.call("exp", [s.add([exp.args[0]!, s.mul([f.args[1]!, lse])])]);
    return replaceFactors("normalized-exponential", factors, [exp, f], [joined], s);
  }
  return factors;
}

/** sign(x)·x = |x| and sign(x)·|x| = x, up to the sign that x was given. */
function signTimes(factors: readonly Expr[], s: Algebra): readonly Expr[] {
  for (const f of factors) {
    if (!isCall(f, "sign")) continue;
    const x = f.args[0]!;
    const partner = factors.find((g) => g !== f && (g === x || (isCall(g, "abs") && g.args[0] === x)));
    if (partner)
      return replaceFactors(
        "sign-product",
        factors,
        [f, partner],
        [partner === x ? s.call("abs", [x]) : x],
        s,
      );
  }
  return factors;
}

/** e^x · σ(−x) = σ(x) */
function sigmoidTimesExp(factors: readonly Expr[], s: Algebra): readonly Expr[] {
  for (const f of factors) {
    if (!isCall(f, "sigmoid")) continue;
    const x = s.mul([num(-1), f.args[0]!]);
    const exp = factors.find((g) => isCall(g, "exp") && g.args[0] === x);
    if (exp) return replaceFactors("exp-sigmoid", factors, [f, exp], [s.call("sigmoid", [x])], s);
  }
  return factors;
}

/** max(0, x)^a / x^b = [x > 0]·x^(a − b), which is 0 at 0, not 0/0. */
function hingeOverItself(factors: readonly Expr[], s: Algebra): readonly Expr[] {
  for (const f of factors) {
    const [hinge, a] = isCall(f, "pow") ? [f.args[0]!, f.args[1]!] : [f, num(1)];
    const x = isCall(hinge, "max") && hinge.args.length === 2 ? hinge.args[1]! : undefined;
    if (x === undefined || hinge !== apply("max", num(0), x) || a.kind !== "num") continue;
    const under = factors.find((g) => isCall(g, "pow") && g.args[0] === x && isNegative(g.args[1]!));
    if (under === undefined) continue;
    const by = [s.iverson(s.simplify(apply("gt", x, num(0)))), s.mul([s.pow(x, a), under])];
    return replaceFactors("hinge-quotient", factors, [f, under], by, s);
  }
  return factors;
}

const isNegative = (e: Expr): boolean => e.kind === "num" && e.value < 0;

/** The terms of a sum that do not depend on an index, and those that do. */
export function separate(
  e: Expr,
  free: Parameters<typeof occursFree>[0],
): readonly [readonly Expr[], readonly Expr[]] {
  const terms = summands(e);
  return [terms.filter((t) => !occursFree(free, t)), terms.filter((t) => occursFree(free, t))];
}
