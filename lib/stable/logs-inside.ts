/**
 * Logistic functions of logs, as odds are: sigmoid(log(a) - log(b)) is a / (a + b).
 *
 * A log has lost what its size says, and an exponential of it magnifies that.
 */
import { apply, num, where, type Expr } from "../expr/node.ts";
import { conjoin } from "../expr/nested-reduction.ts";
import { argument, isApply, one } from "./pattern.ts";
import { powersOf } from "./powers.ts";
import type { Row } from "./row.ts";
import { positive, product, signedTerms } from "./terms.ts";

interface Odds {
  readonly above: Expr;
  readonly below: Expr;
  /** Whether all of them have logs. */
  readonly there: Expr;
}

/** a and b of log(a) - log(b), of several logs. */
function odds(e: Expr): Odds | undefined {
  const terms = signedTerms(e);
  const of = (sign: 1 | -1): Expr[] | undefined => {
    const mine = terms.filter((t) => t.sign === sign);
    return mine.every((t) => isApply(t.of, "log"))
      ? mine.map((t) => argument(t.of as Extract<Expr, { kind: "apply" }>))
      : undefined;
  };
  const [plus, minus] = [of(1), of(-1)];
  if (!plus || !minus || terms.length > 4) return undefined;
  const [above, below]: [Expr[], Expr[]] = [[], []];
  for (const [f, n] of powersOf(apply("div", product(plus), product(minus)))) {
    const power = Math.abs(n) === 1 ? f : apply("pow", f, num(Math.abs(n)));
    (n > 0 ? above : below).push(power);
  }
  const all = [...new Set([...plus, ...minus])].map(positive);
  return { above: product(above), below: product(below), there: conjoin(all)! };
}

function ofLogs(e: Expr): Expr | undefined {
  if (!isApply(e, "sigmoid") && !isApply(e, "softplus")) return undefined;
  const found = odds(argument(e));
  if (!found) return undefined;
  const { above, below, there } = found;
  const value = isApply(e, "sigmoid")
    ? apply("div", above, apply("add", above, below))
    : apply("log1p", below === one ? above : apply("div", above, below));
  return where(there, value, e);
}

// prettier-ignore
export const logsInsideRows: readonly Row[] = [
  { name: "logistic function of logs", from: "sigmoid(log(a) - log(b))", to: "a > 0 and b > 0 ? a / (a + b) : sigmoid(log(a) - log(b))", holds: "everywhere",
    counterexample: { text: "sigmoid(log(a) - log(b))", at: { a: 3e-300, b: 0.7 } },
    always: "a trial has few points at which both are positive",
    has: "sigmoid",
    rewrite: ofLogs },
  { name: "softplus of logs", from: "softplus(log(a) - log(b))", to: "a > 0 and b > 0 ? log1p(a / b) : softplus(log(a) - log(b))", holds: "everywhere",
    counterexample: { text: "softplus(log(a) - log(b))", at: { a: 3e-300, b: 0.7 } },
    always: "a trial has few points at which both are positive",
    has: "softplus",
    rewrite: ofLogs },
];
