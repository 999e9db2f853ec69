/**
 * Hyperbolic functions that are written by exponentials, under a log, over each other, and less each other.
 *
 *   log((exp(u) + exp(-u)) / 2)                   log(cosh(u))
 *   (exp(u) - exp(-u)) / (exp(u) + exp(-u))       tanh(u)
 *   exp(u) - exp(-u)                              2 * sinh(u)
 */
import { apply, num, rebuild, type Expr } from "../expr/node.ts";
import { anywhere, rewriting } from "../expr/parts.ts";
import type { Definition } from "../expr/program.ts";
import { argument, isApply } from "./pattern.ts";
import { cancelled, expanded } from "./polynomial.ts";
import { expression, powersOf, quotient, type Powers } from "./powers.ts";
import type { Fired, Row } from "./row.ts";
import { isSum, product, signedTerms, sumOf, withoutOpposites } from "./terms.ts";

// prettier-ignore
export const oppositeExponentialsReason: Omit<Row, "rewrite"> = {
  name: "opposite exponentials", from: "log((exp(u) + exp(-u)) / 2)", to: "log(cosh(u)); of (exp(u) - exp(-u)) / (exp(u) + exp(-u)), tanh(u)", holds: "everywhere",
  counterexample: { text: "log((exp(u) + exp(-u)) / 2)", at: { u: 800 } },
  always: "they overflow where their log does not, and are looked for before log-sum-exps are",
};

/** The definitions with hyperbolic functions in the place of their exponentials. */
export function inHyperbolics(definitions: readonly Definition[], fired: Fired): readonly Definition[] {
  const go = rewriting((e, go) => {
    const other = hyperbolic(e);
    if (other !== undefined) fired(oppositeExponentialsReason.name, e, other);
    const inner = rebuild(other ?? e, go);
    // Of log(cosh(u)) + log(2) the log of 2 may be taken away.
    return inner !== e && isSum(inner) ? sumOf(withoutOpposites(signedTerms(inner))) : inner;
  });
  return definitions.map((d) => (hasOpposites(d.body) ? { ...d, body: go(d.body) } : d));
}

const hasOpposites = (e: Expr): boolean => anywhere(e, (part) => oppositeIn(part) !== undefined);

/** exp(u) + exp(-u), or exp(u) - exp(-u). */
interface Opposite {
  readonly u: Expr;
  readonly isCosh: boolean;
}

function oppositeIn(e: Expr): Opposite | undefined {
  if (!isSum(e)) return undefined;
  const [a, b, ...more] = signedTerms(e);
  if (!a || !b || more.length > 0 || a.sign !== 1) return undefined;
  if (!isApply(a.of, "exp") || !isApply(b.of, "exp")) return undefined;
  const [u, v] = [argument(a.of), argument(b.of)];
  const sum = [expanded(u), expanded(v)];
  if (sum.includes(undefined) || cancelled(sum.flatMap((t) => t ?? [])).length > 0) return undefined;
  return { u, isCosh: b.sign === 1 };
}

function hyperbolic(e: Expr): Expr | undefined {
  if (isApply(e, "log")) return logOf(powersOf(argument(e)));
  if (isApply(e, "div")) return overEachOther(powersOf(e));
  const found = oppositeIn(e);
  return found && !found.isCosh ? apply("mul", num(2), apply("sinh", found.u)) : undefined;
}

/** The log of a number times a sum of opposites. */
function logOf(powers: Powers): Expr | undefined {
  const sum = [...powers].find(([f, n]) => n === 1 && oppositeIn(f)?.isCosh === true)?.[0];
  const rest = sum && [...powers].filter(([f]) => f !== sum);
  if (!sum || !rest?.every(([f]) => f.kind === "num")) return undefined;
  const scale = rest.reduce((c, [f, n]) => (f.kind === "num" ? c * f.value ** n : c), 2);
  const log = apply("log", apply("cosh", oppositeIn(sum)!.u));
  return scale === 1 ? log : apply("add", log, apply("log", num(scale)));
}

/** A difference over the sum of the same two. */
function overEachOther(powers: Powers): Expr | undefined {
  for (const [f, n] of powers) {
    const above = n === 1 ? oppositeIn(f) : undefined;
    if (!above || above.isCosh) continue;
    const below = [...powers].find(([g, m]) => m === -1 && isSameSum(oppositeIn(g), above))?.[0];
    if (below === undefined) continue;
    const rest = expression(
      quotient(
        powers,
        new Map([
          [f, 1],
          [below, -1],
        ]),
      ),
    );
    const tanh = apply("tanh", above.u);
    return isApply(rest, "div")
      ? apply("div", product([rest.args[0]!, tanh]), rest.args[1]!)
      : product([rest, tanh]);
  }
  return undefined;
}

const isSameSum = (sum: Opposite | undefined, { u }: Opposite): boolean =>
  sum?.isCosh === true &&
  (sum.u === u || cancelled([...(expanded(sum.u) ?? []), ...(expanded(u) ?? [])]).length === 0);
