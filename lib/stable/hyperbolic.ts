/** Hyperbolic functions where exponentials overflow. */
import { apply, num, where, type Expr, type Node } from "../expr/node.ts";
import { isApply, argument, one, isFinite } from "./pattern.ts";
import { expression, powersOf } from "./powers.ts";
import type { Row } from "./row.ts";
import { isLeaf } from "./terms.ts";

/** sinh(x)^n / cosh(x)^n. */
function tanhOf(e: Expr): Expr | undefined {
  if (!isApply(e, "div")) return undefined;
  const powers = powersOf(e);
  for (const [f, n] of powers) {
    if (!isApply(f, "sinh") || n <= 0) continue;
    const below = apply("cosh", argument(f));
    if (powers.get(below) !== -n) continue;
    const rest = new Map([...powers].filter(([g]) => g !== f && g !== below));
    return expression(new Map([...rest, [apply("tanh", argument(f)), n]]));
  }
  return undefined;
}

/** x / cosh(u)^n, which is 0 where cosh(u) overflows, also when x does. */
function decaying(e: Expr): Expr | undefined {
  if (!isApply(e, "mul")) return undefined;
  const powers = powersOf(e);
  const cosh = [...powers].find(([f, n]) => isApply(f, "cosh") && n < 0)?.[0];
  const others = [...powers.keys()].some((f) => f !== cosh && !isLeaf(f));
  return cosh && others ? where(isFinite(cosh), e, num(0)) : undefined;
}

// prettier-ignore
export const hyperbolicRows: readonly Row[] = [
  { name: "log of cosh", from: "log(cosh(x))", to: "abs(x) < 1 ? log1p(2 * sinh(x/2)^2) : abs(x) + (log1p(exp(-2*abs(x))) - log(2))", holds: "everywhere",
    counterexample: { text: "log(cosh(x))", at: { x: 1e-5 } },
    has: "log",
    rewrite: (e) => {
      if (!isApply(e, "log") || !isApply(argument(e), "cosh")) return undefined;
      const x = argument(argument(e) as Node<"apply">);
      const near = apply("log1p", apply("mul", num(2), apply("pow", apply("sinh", apply("div", x, num(2))), num(2))));
      const far = apply("sub", apply("log1p", apply("exp", apply("mul", num(-2), apply("abs", x)))), apply("log", num(2)));
      return where(apply("lt", apply("abs", x), one), near, apply("add", apply("abs", x), far));
    } },
  { name: "quotient of hyperbolic functions", from: "sinh(x) / cosh(x)", to: "tanh(x)", holds: "everywhere",
    counterexample: { text: "sinh(x) / cosh(x)", at: { x: 800 } },
    has: "sinh",
    rewrite: tanhOf },
  { name: "quotient by a hyperbolic cosine", from: "x / cosh(u)^2", to: "0 where cosh(u) overflows", holds: "x is less than cosh(u)",
    counterexample: { text: "(1 / cosh(z)) * (1 / cosh(z)) * (z^3 + z)", at: { z: 1e200 } },
    has: "cosh",
    rewrite: decaying },
];
