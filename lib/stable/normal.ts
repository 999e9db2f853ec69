/**
 * Tails of the normal distribution: what is made of erfc(x) where it underflows, and where it is nearly 2.
 *
 * By the asymptotic series erfc(x) = exp(-x^2) / (x*sqrt(pi)) * (1 + tail(x)), with u = 1/(2*x^2)
 *
 *   tail(x) = -u * (1 - 3*u * (1 - 5*u * (1 - ...)))
 *
 * (M. Abramowitz and I. Stegun, Handbook of Mathematical Functions, 7.1.23); from x = 10 on the
 * seventeenth term is less than 1e-20.
 */
import { apply, num, where, type Expr, type Node } from "../expr/node.ts";
import { cancelled, expanded } from "./polynomial.ts";
import { expression, powersOf } from "./powers.ts";
import type { Row } from "./row.ts";
import { factors, isLeaf, negative, product, signedTerms, type Signed } from "./terms.ts";

const far = num(10, "real");
const rootOfPi = num(Math.sqrt(Math.PI), "real");
const one = num(1);

const is = (e: Expr, op: string): e is Node<"apply"> => e.kind === "apply" && e.op === op;

const tail = (x: Expr): Expr => {
  const u = apply("div", num(0.5), apply("mul", x, x));
  let nested: Expr = one;
  for (let odd = 31; odd > 1; odd -= 2)
    nested = apply("sub", one, apply("mul", apply("mul", num(odd), u), nested));
  return negative(apply("mul", u, nested));
};

/** log(c·erfc(x)). */
function logOfErfc(e: Expr): Expr | undefined {
  if (!is(e, "log")) return undefined;
  const powers = powersOf(e.args[0]!);
  const erfc = [...powers.keys()].find((f) => is(f, "erfc"));
  if (!erfc || !is(erfc, "erfc") || powers.get(erfc) !== 1) return undefined;
  const c = expression(new Map([...powers].filter(([f]) => f !== erfc)));
  if (!factorsOf(c).every(isLeaf)) return undefined;
  const x = erfc.args[0]!;
  const isHalf = c.kind === "apply" && c.op === "div" && c.args[0] === one && c.args[1] === num(2);
  const rest = apply("log1p", apply("div", apply("erfc", negative(x)), num(-2)));
  const near = isHalf ? rest : apply("add", apply("log", apply("mul", num(2), c)), rest);
  const outer = apply("log", apply("div", c, apply("mul", x, rootOfPi)));
  const tiny = apply("add", apply("log1p", tail(x)), outer);
  return where(
    apply("lt", x, num(0)),
    near,
    where(apply("lt", x, far), e, apply("sub", tiny, apply("mul", x, x))),
  );
}

const factorsOf = (e: Expr): readonly Expr[] => (is(e, "div") ? e.args.flatMap(factors) : factors(e));

/** exp(−x²) / erfc(x), the exponential of the very x that erfc has. */
function overErfc(e: Expr): Expr | undefined {
  if (e.kind !== "apply" || e.op !== "div") return undefined;
  const powers = powersOf(e);
  const erfc = [...powers.keys()].find((f) => is(f, "erfc"));
  const exp = [...powers.keys()].find((f) => is(f, "exp"));
  if (!erfc || !exp || !is(erfc, "erfc") || !is(exp, "exp")) return undefined;
  if (powers.get(erfc) !== -1 || powers.get(exp) !== 1) return undefined;
  const x = erfc.args[0]!;
  const [only, ...more] = signedTerms(x);
  const size = only && more.length === 0 ? only.of : x;
  const sum: readonly (readonly Signed[] | undefined)[] = [
    expanded(exp.args[0]!),
    expanded(apply("mul", size, size)),
  ];
  if (sum.some((terms) => terms === undefined) || cancelled(sum.flatMap((t) => t ?? [])).length > 0)
    return undefined;
  const rest = new Map([...powers].filter(([f]) => f !== erfc && f !== exp));
  const square = [apply("mul", x, x), apply("mulroundoff", x, x)].map(negative);
  const ratio = where(
    apply("lt", x, far),
    apply("div", apply("expsum", ...square), erfc),
    apply("div", apply("mul", x, rootOfPi), apply("add", one, tail(x))),
  );
  return product([ratio, expression(rest)]);
}

// prettier-ignore
export const normalRows: readonly Row[] = [
  { name: "log of erfc", from: "log(c * erfc(x))", to: "x < 0 ? log(2*c) + log1p(-erfc(-x)/2) : x < 10 ? log(c * erfc(x)) : log1p(tail(x)) + log(c/(x*sqrt(pi))) - x^2", holds: "everywhere, to the digits of a double",
    counterexample: { text: "log(erfc(x) / 2)", at: { x: 40 } },
    digits: 15,
    has: "log",
    rewrite: logOfErfc },
  { name: "normal density over its tail", from: "exp(-x^2) / erfc(x)", to: "x < 10 ? exp(-x^2) / erfc(x) with what rounding takes from x^2 : x*sqrt(pi) / (1 + tail(x))", holds: "everywhere, to the digits of a double",
    counterexample: { text: "exp(-x^2) / erfc(x)", at: { x: 40 } },
    digits: 15,
    has: "erfc",
    rewrite: overErfc },
];
