/**
 * Logistic functions beside what they go to: softplus(u) goes to u, sigmoid(u) and tanh(u) go to 1, and where
 * terms beside them cancel that, the small part is left, which is exp(-|u|) or exp(-2*|u|) and a little.
 */
import { apply, num, rebuild, where, type Expr, type Node } from "../expr/node.ts";
import type { Op } from "../expr/ops.ts";
import { isApply, argument, isNum, one, pair, factored } from "./pattern.ts";
import { cancelled, expanded } from "./polynomial.ts";
import type { Row } from "./row.ts";
import { logOfSoftplus } from "./slight-softplus.ts";
import {
  factors,
  guarded,
  isLeaf,
  isSum,
  negative,
  positive,
  product,
  signedTerms,
  sumOf,
  without,
  opposite,
  signed,
  type Signed,
} from "./terms.ts";

/** Terms c·f(u) of a sum with the same f(u), and the other terms. */
interface Beside {
  readonly u: Expr;
  readonly c: Signed;
  readonly rest: readonly Signed[];
}

function beside(e: Expr, op: Op): Beside | undefined {
  if (!isSum(e)) return undefined;
  const terms = signedTerms(e);
  const is = (g: Expr): g is Node<"apply"> => g.kind === "apply" && g.op === op;
  const f = terms.flatMap((t) => factors(t.of)).find(is);
  if (!f) return undefined;
  const mine = terms.flatMap((t) => {
    const by = without(factors(t.of), [f]);
    return by ? [{ t, c: { sign: t.sign, of: product(by) } }] : [];
  });
  const [only, ...more] = mine.map((m) => m.c);
  if (!only || !mine.every(({ c }) => expanded(c.of)?.every(isPlain))) return undefined;
  const c: Signed = more.length === 0 ? only : { sign: 1, of: sumOf([only, ...more]) };
  return { u: f.args[0]!, c, rest: terms.filter((t) => !mine.some((m) => m.t === t)) };
}

/** A product of values that are there without rounding. */
const isPlain = ({ of }: Signed): boolean => factors(of).every(isLeaf);

const isNumber = ({ of }: Signed): boolean => of.kind === "num";

/** A sum of plain products as what is left of it when it is multiplied out; as it stands where nothing cancels. */
interface Together {
  readonly terms: readonly Signed[];
  readonly cancels: boolean;
}

function together(terms: readonly Signed[]): Together | undefined {
  const all: Signed[] = [];
  for (const { sign, of } of terms) {
    const some = expanded(of);
    if (!some) return undefined;
    all.push(...(sign === 1 ? some : opposite(some)));
  }
  if (!all.every(isPlain)) return undefined;
  const left = cancelled(all);
  const cancels = left.length < all.length;
  return { terms: cancels ? left : terms, cancels };
}

/** c·softplus(u) + b·u by the part that is left of it where softplus(u) is nearly u. */
function softplusBeside(e: Expr): Expr | undefined {
  const found = beside(e, "softplus");
  if (!found) return undefined;
  const { u, c, rest } = found;
  const isNegative = u.kind === "apply" && u.op === "neg";
  const z = factors(isNegative ? u.args[0]! : u);
  const linear = rest.flatMap((t) => {
    const by = without(factors(t.of), z);
    return by === undefined ? [] : [{ t, by: { sign: t.sign, of: product(by) } }];
  });
  if (linear.length === 0) return undefined;
  const b = isNegative ? opposite(linear.map((l) => l.by)) : linear.map((l) => l.by);
  const [far, near] = [together([c, ...b]), together(b)];
  if (!far?.cancels || !near) return undefined;
  const times = (by: readonly Signed[]): Expr => guarded(sumOf(by), u);
  const small = apply("log1p", apply("exp", negative(apply("abs", u))));
  const parts: readonly Signed[] = [
    { sign: 1, of: where(positive(u), times(far.terms), times(near.terms)) },
    { sign: c.sign, of: product([c.of, small]) },
  ];
  return sumOf([...parts, ...rest.filter((t) => !linear.some((l) => l.t === t))]);
}

/** c·f(u) + b, f(u) going to 1 and to `low`: by what f(u) is less than 1 and more than `low`. */
function saturating(e: Expr, op: "sigmoid" | "tanh"): Expr | undefined {
  const found = beside(e, op);
  if (!found) return undefined;
  const { u, c, rest } = found;
  const low = op === "tanh" ? opposite([c]) : [];
  const [above, below] = [together([c, ...rest]), together([...low, ...rest])];
  if (!above || !below || (op === "sigmoid" && !above.cancels)) return undefined;
  const twice = op === "tanh" ? apply("mul", num(2), apply("abs", u)) : apply("abs", u);
  const slight = apply(
    "div",
    apply("exp", negative(twice)),
    apply("add", one, apply("exp", negative(twice))),
  );
  const by = product([...(op === "tanh" ? [num(2)] : []), c.of]);
  const small: Signed = { sign: c.sign, of: isLeaf(by) ? product([by, slight]) : guarded(slight, by) };
  // Numbers cancel on one side or they do not; what else there is may, on both.
  const side = ({ terms, cancels }: Together, slightly: readonly Signed[]): Expr =>
    cancels || !rest.every(isNumber) ? sumOf([...terms, ...slightly]) : e;
  const both = where(positive(u), side(above, opposite([small])), side(below, [small]));
  return op === "tanh" ? where(apply("lt", apply("abs", u), num(0.5)), e, both) : both;
}

/** exp(−|z|), which value and gradient share; sigmoid(−|z|) is e / (1 + e), and softplus(−|z|) is log1p(e). */
const smallExp = (z: Expr): Expr => apply("exp", negative(apply("abs", z)));

function logistic(a: Expr, b: Expr): Expr | undefined {
  const found = factored(a, "softplus");
  if (!found) return undefined;
  const z = argument(found.f);
  const t = without(factors(b), [...factors(z), ...found.rest]);
  if (t === undefined || t.some((f) => !isLeaf(f))) return undefined;
  const label = product(t);
  const linear = where(positive(z), guarded(apply("sub", one, label), z), negative(guarded(label, z)));
  return product([...found.rest, apply("add", linear, apply("log1p", smallExp(z)))]);
}

function sigmoidMinus(a: Expr, b: Expr): Expr | undefined {
  if (isApply(a, "div") && isApply(b, "div") && a.args[1] === b.args[1]) {
    const above = sigmoidMinus(argument(a), argument(b));
    return above && apply("div", above, a.args[1]!);
  }
  const found = factored(a, "sigmoid");
  if (!found) return undefined;
  const t = without(factors(b), found.rest);
  if (t === undefined || t.some((f) => !isLeaf(f))) return undefined;
  const [z, label] = [argument(found.f), product(t)];
  if (isNum(label, 1)) return product([...found.rest, apply("neg", apply("sigmoid", negative(z)))]);
  const small = apply("div", smallExp(z), apply("add", one, smallExp(z)));
  const here = where(positive(z), apply("sub", apply("sub", one, label), small), apply("sub", small, label));
  return product([...found.rest, here]);
}

/** log(S), sigmoids in S, by what S is less than 1. */
export function logOfSigmoids(e: Expr): Expr | undefined {
  if (!isApply(e, "log") || !isSum(argument(e))) return undefined;
  const s = argument(e);
  const terms = expanded(sameSigmoids(s));
  const less = terms && saturating(sumOf([...cancelled(terms), { sign: -1, of: one }]), "sigmoid");
  return less && where(apply("gt", s, num(0.5)), apply("log1p", less), logOfOne(s) ?? e);
}

/** c*sigmoid(u) - c, c multiplied out or not. */
function complement(e: Expr): Expr | undefined {
  const found = beside(e, "sigmoid");
  if (!found || together([found.c, ...found.rest])?.terms.length !== 0) return undefined;
  return product([signed(opposite([found.c])[0]!), apply("sigmoid", negative(found.u))]);
}

/** log1p(S), S less than 0 by a sigmoid that 1 + S is a multiple of: log(1 - c - (1 - c)*sigmoid(u)). */
function log1pOfSigmoids(e: Expr): Expr | undefined {
  if (!isApply(e, "log1p")) return undefined;
  const sum = sumOf([{ sign: 1, of: one }, ...signedTerms(argument(e))]);
  const found = beside(sum, "sigmoid");
  if (!found || together([found.c, ...found.rest])?.terms.length !== 0) return undefined;
  const by = opposite(signedTerms(signed(found.c)));
  const ones = by.filter((t) => t.sign === 1 && isNum(t.of, 1));
  const log =
    ones.length === 1 && by.length > 1
      ? apply("log1p", sumOf(by.filter((t) => t !== ones[0])))
      : apply("log", sumOf(by));
  return apply("sub", log, apply("softplus", found.u));
}

/** A sigmoid with its weight. */
interface Weighted {
  readonly f: Node<"apply">;
  readonly by: Signed;
}

/** The two of a*sigmoid(u) + b*sigmoid(-u); undefined for others. */
export function bothSigmoids(s: Expr): readonly [Weighted, Weighted] | undefined {
  const [a, b, ...more] = signedTerms(s).map(({ sign, of }): Weighted | undefined => {
    const found = factored(of, "sigmoid");
    return found && { f: found.f, by: { sign, of: product(found.rest) } };
  });
  if (!a || !b || more.length > 0 || negative(argument(a.f)) !== argument(b.f)) return undefined;
  return [a, b];
}

export const weighsNothing = ({ by }: Weighted): Expr => apply("eq", by.of, num(0));

const logOfWeighted = ({ f, by }: Weighted): Expr =>
  apply("sub", apply("log", signed(by)), apply("softplus", negative(argument(f))));

/** log(a*sigmoid(u) + b*sigmoid(-u)), of one of them where the other's weight is 0: they may underflow. */
function logOfOne(s: Expr): Expr | undefined {
  const both = bothSigmoids(s);
  if (!both) return undefined;
  const [a, b] = both;
  const second = where(weighsNothing(a), logOfWeighted(b), apply("log", s));
  return where(weighsNothing(b), logOfWeighted(a), second);
}

/** log(sigmoid(u) + exp(v)*sigmoid(-u)), by what it is less than 1, or by the larger of both. */
function logOfShareAndRest(e: Expr): Expr | undefined {
  const both = isApply(e, "log") ? bothSigmoids(argument(e)) : undefined;
  if (!both || !isApply(e, "log")) return undefined;
  const [one, other] = isNum(both[0].by.of, 1) ? both : [both[1], both[0]];
  if (!isNum(one.by.of, 1) || one.by.sign !== 1 || other.by.sign !== 1) return undefined;
  if (!isApply(other.by.of, "exp")) return undefined;
  const [u, v] = [argument(one.f), argument(other.by.of)];
  const near = apply("log1p", apply("mul", other.f, apply("expm1", v)));
  const far = apply("sub", apply("softplus", apply("sub", v, u)), apply("softplus", negative(u)));
  return where(apply("gt", argument(e), num(0.5)), near, far);
}

/** sigmoid(-z) as 1 - sigmoid(z) where that is there as well. */
function sameSigmoids(e: Expr): Expr {
  const all = signedTerms(e)
    .flatMap((t) => factors(t.of))
    .filter((f) => isApply(f, "sigmoid"));
  const opposites = new Map(
    all.map((f) => [apply("sigmoid", negative(argument(f as Node<"apply">))), apply("sub", one, f)] as const),
  );
  const first = all[0];
  const go = (part: Expr): Expr => {
    const other = part === first ? undefined : opposites.get(part);
    return other ?? (part.kind === "apply" && !isApply(part, "sigmoid") ? rebuild(part, go) : part);
  };
  return first === undefined ? e : go(e);
}

// prettier-ignore
export const logisticRows: readonly Row[] = [
  { name: "logistic loss", from: "softplus(z) - t*z", to: "(z > 0 ? (1 - t)*z : -t*z) + log1p(exp(-abs(z)))", holds: "everywhere",
    counterexample: { text: "softplus(z) - t * z", at: { z: 40, t: 1 } },
    has: "softplus",
    rewrite: (e) => pair(e, logistic) },
  { name: "logistic gradient", from: "sigmoid(z) - t", to: "z > 0 ? (1 - t) - q : q - t, q = sigmoid(-abs(z))", holds: "everywhere",
    counterexample: { text: "sigmoid(z) - t", at: { z: 40, t: 1 } },
    has: "sigmoid",
    rewrite: (e) => pair(e, sigmoidMinus) },
  { name: "weighted logistic loss", from: "c*softplus(u) + b*u", to: "(u > 0 ? (c + b)*u : b*u) + c*log1p(exp(-abs(u))), what cancels in c + b gone", holds: "everywhere",
    counterexample: { text: "(1 + (w - 1) * t) * softplus(-z) + (1 - t) * z", at: { z: -40, t: 0, w: 0.3 } },
    always: "a trial has few labels at which what is left cancels",
    has: "softplus",
    rewrite: softplusBeside },
  { name: "weighted logistic gradient", from: "c*sigmoid(u) + b", to: "u > 0 ? (c + b) - c*q : b + c*q, q = sigmoid(-abs(u)), what cancels in c + b gone", holds: "everywhere",
    counterexample: { text: "1 - t - (1 + (w - 1) * t) * sigmoid(-z)", at: { z: -40, t: 0, w: 0.3 } },
    always: "a trial has few labels at which what is left cancels",
    has: "sigmoid",
    rewrite: (e) => saturating(e, "sigmoid") },
  { name: "tanh less what it goes to", from: "c*tanh(u) + b", to: "abs(u) < 1/2 ? c*tanh(u) + b : u > 0 ? (c + b) - 2*c*q : (b - c) + 2*c*q, q = sigmoid(-2*abs(u))", holds: "everywhere",
    counterexample: { text: "tanh(z) - t", at: { z: 30, t: 1 } },
    has: "tanh",
    rewrite: (e) => saturating(e, "tanh") },
  { name: "log of a share and some of the rest", from: "log(sigmoid(u) + exp(v)*sigmoid(-u))", to: "sigmoid(u) + exp(v)*sigmoid(-u) > 1/2 ? log1p(sigmoid(-u)*expm1(v)) : softplus(v - u) - softplus(-u)", holds: "everywhere",
    counterexample: { text: "log(sigmoid(u) + exp(-v) * sigmoid(-u))", at: { u: -800, v: 760 } },
    has: "log",
    rewrite: logOfShareAndRest },
  { name: "log of what sigmoids make", from: "log(c*sigmoid(u) + b)", to: "c*sigmoid(u) + b > 1/2 ? log1p(c*sigmoid(u) + b - 1) : log(c*sigmoid(u) + b), what cancels where sigmoid(u) is nearly 1 gone; of one sigmoid alone, by softplus", holds: "everywhere",
    counterexample: { text: "log(t * sigmoid(z) - (t - 1) * sigmoid(-z))", at: { z: 40, t: 1 } },
    has: "log",
    rewrite: logOfSigmoids },
  { name: "complement of a sigmoid", from: "c*sigmoid(u) - c", to: "-c*sigmoid(-u)", holds: "everywhere",
    counterexample: { text: "(c - 1) * sigmoid(u) - c + 1", at: { c: 0.3, u: 40 } },
    whole: true,
    has: "sigmoid",
    rewrite: complement },
  { name: "log of a complement of sigmoids", from: "log1p((c - 1)*sigmoid(u) - c)", to: "log1p(-c) - softplus(u)", holds: "c < 1",
    counterexample: { text: "log1p((c - 1) * sigmoid(u) - c)", at: { c: 0.3, u: 40 } },
    whole: true,
    has: "log1p",
    rewrite: log1pOfSigmoids },
  { name: "log of softplus", from: "log(softplus(u))", to: "u < -30 ? u - exp(u)/2 : log(softplus(u))", holds: "everywhere, to the digits of a double",
    counterexample: { text: "log(softplus(u))", at: { u: -800 } },
    digits: 16,
    has: "log",
    rewrite: logOfSoftplus },
  { name: "log of a sigmoid", from: "log(sigmoid(z))", to: "-softplus(-z)", holds: "everywhere",
    counterexample: { text: "log(sigmoid(z))", at: { z: -800 } },
    has: "log",
    rewrite: (e) => isApply(e, "log") && isApply(argument(e), "sigmoid") ? negative(apply("softplus", negative(argument(argument(e) as Node<"apply">)))) : undefined },
];
