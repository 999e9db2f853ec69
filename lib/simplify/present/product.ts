/** Products: as quotients, with roots written as such, a sign taken up by a sum, conditions as cases. */
import { apply, num, where, type Expr } from "../../expr/node.ts";
import type { Algebra } from "../algebra.ts";
import { conjuncts } from "../condition.ts";
import { mayStandOutside } from "../outside.ts";
import { ratio, type Ratio } from "../ratio.ts";
import { exprOf, isNum, summands, termOf, type Term } from "../term.ts";
import { isGuard } from "./cases.ts";
import { writeAll } from "./conditions.ts";
import { isNegative } from "./order.ts";
import type { Multiples } from "./multiples.ts";
import type { Go } from "./writer.ts";

export function writeProduct({ coefficient, factors }: Term, go: Go): Expr {
  const guards = factors.filter(isGuard);
  if (guards.length > 0 && !go.factors) {
    const rest = factors.filter((f) => !isGuard(f));
    const condition = guards.flatMap((g) => (g.kind === "apply" ? conjuncts(g.args[0]!) : []));
    const joined = writeAll(condition, go);
    if (rest.length > 0) return where(joined, writeProduct({ coefficient, factors: rest }, go), num(0));
    return scale(coefficient, [apply("iverson", joined)], []);
  }
  const above: Expr[] = [];
  const under: Expr[] = [];
  for (const f of factors) {
    const exponent = f.kind === "apply" && f.op === "pow" ? termOf(f.args[1]!).coefficient.n : 1;
    if (f.kind === "apply" && f.op === "pow" && exponent < 0) under.push(writePower(f, -1, go));
    else above.push(f.kind === "apply" && f.op === "pow" ? writePower(f, 1, go) : go(f));
  }
  return scale(coefficient, above, under);
}

/** A product with a sum of cases, with the factors that cannot stand outside of them taken inside. */
export function underCases({ coefficient, factors }: Term, s: Algebra): Expr | undefined {
  for (const sum of factors.filter((f) => f.kind === "apply" && f.op === "add")) {
    const cases = summands(sum).map((t) => termOf(t).factors.filter(isGuard));
    if (cases.some((guards) => guards.length === 0)) continue;
    const tied = factors.filter(
      (f) => f !== sum && !isGuard(f) && !mayStandOutside(f, cases.flat(), s.facts),
    );
    if (tied.length === 0) continue;
    const inner = s.add(summands(sum).map((t) => s.mul([t, ...tied])));
    const rest = factors.filter((f) => f !== sum && !tied.includes(f));
    return s.mul([exprOf({ coefficient, factors: [] }), ...rest, inner]);
  }
  return undefined;
}

/** −2·(x − t) as 2·(t − x): a sum that has a negative term takes up the sign, unless it is one that stays. */
export function flipped(term: Term, s: Algebra, { stays }: Multiples): Term {
  const { coefficient, factors } = allNegativeTurned(term, s);
  if (coefficient.n >= 0) return { coefficient, factors };
  const sum = factors.find((f) => f.kind === "apply" && f.op === "add" && f.args.some(isNegative));
  if (!sum || stays(sum)) return { coefficient, factors };
  const turned = s.mul([num(-1), sum]);
  return {
    coefficient: { n: -coefficient.n, d: coefficient.d },
    factors: factors.map((f) => (f === sum ? turned : f)),
  };
}

/** Sums without a positive term, with the sign in front. */
function allNegativeTurned({ coefficient, factors }: Term, s: Algebra): Term {
  const gloomy = factors.filter((f) => f.kind === "apply" && f.op === "add" && f.args.every(isNegative));
  const sign = gloomy.length % 2 === 0 ? 1 : -1;
  return {
    coefficient: { n: sign * coefficient.n, d: coefficient.d },
    factors: factors.map((f) => (gloomy.includes(f) ? s.mul([num(-1), f]) : f)),
  };
}

/** base^(sign · exponent), with roots written as such. */
function writePower(f: Expr & { kind: "apply" }, sign: 1 | -1, go: Go): Expr {
  const base = go(f.args[0]!);
  const { coefficient, factors } = termOf(f.args[1]!);
  const exponent = exprOf({ coefficient: ratio(sign * coefficient.n, coefficient.d), factors });
  if (isNum(exponent, 1)) return base;
  if (isNum(exponent, 0.5)) return apply("sqrt", base);
  if (sign === 1) return apply("pow", base, go(f.args[1]!));
  return apply("pow", base, go(exponent));
}

/** coefficient · above / under, as a quotient; a half is a division by 2. */
function scale({ n, d }: Ratio, above: readonly Expr[], under: readonly Expr[]): Expr {
  const size = Math.abs(n);
  const inverse = 1 / size;
  const divides = size < 1 && Number.isInteger(inverse) && 1 / inverse === size && above.length > 0;
  const upper = divides || (size === 1 && above.length > 0) ? above : [num(size), ...above];
  const lower = [...(divides ? [num(inverse)] : []), ...(d === 1 ? [] : [num(d)]), ...under];
  // A number takes up the sign: −2·x / n, not −(2·x / n).
  const negative = n < 0;
  const signed = negative && upper[0]!.kind === "num" ? [num(-upper[0]!.value), ...upper.slice(1)] : upper;
  const numerator = signed.length === 1 ? signed[0]! : apply("mul", ...signed);
  const quotient =
    lower.length === 0
      ? numerator
      : apply("div", numerator, lower.length === 1 ? lower[0]! : apply("mul", ...lower));
  return negative && signed === upper ? apply("neg", quotient) : quotient;
}
