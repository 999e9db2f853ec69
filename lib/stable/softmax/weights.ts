/** Weights beside an exponential whose log-sum-exp has their logs in it: w·exp(s − lse) as exp(s + log w − lse). */
import { apply, occursFree, rebuild, type Expr, type Node } from "../../expr/node.ts";
import { rewriting } from "../../expr/parts.ts";
import { substitute } from "../../expr/substitute.ts";
import { expression, powersOf, quotient } from "../powers.ts";
import { signedTerms, sumOf, type Signed } from "../terms.ts";
import type { Families } from "./families.ts";
import { isLogSumExp, type LogSumExp } from "./family.ts";
import { exponent, isExp } from "./probability.ts";

/** Where a log-sum-exp is of s[j] + log(w[j]), what stands as w[x]·exp(s[x] − lse) is one of its shares. */
export const withLogs = (e: Expr, families: Families): Expr =>
  rewriting((part, go) => {
    const inner = rebuild(part, go);
    return inner.kind === "apply" && (inner.op === "mul" || inner.op === "div")
      ? taken(inner, families)
      : inner;
  })(e);

function taken(e: Node<"apply">, families: Families): Expr {
  const powers = powersOf(e);
  for (const [exp, n] of powers) {
    if (n !== 1 || !isExp(exp)) continue;
    const terms = exponent(exp);
    for (const t of terms) {
      const logs = t.sign === -1 && isLogSumExp(t.of) ? logsAt(t.of, terms, families) : [];
      const weights = new Map(logs.map(({ sign, of }) => [argument(of), sign] as const));
      if (weights.size === 0 || ![...weights].every(([w, power]) => powers.get(w) === power)) continue;
      const rest = quotient(powers, new Map([...weights, [exp, 1]]));
      return expression(new Map([...rest, [apply("exp", sumOf([...terms, ...logs])), 1]]));
    }
  }
  return e;
}

/** The logs among the terms of a log-sum-exp, at the class whose other terms are those of an exponent. */
function logsAt(lse: LogSumExp, terms: readonly Signed[], families: Families): readonly Signed[] {
  const { over, body } = lse;
  const all = signedTerms(body);
  const logs = all.filter(({ of }) => isLog(of) && occursFree(over, of));
  const found = families.among(
    all.filter((t) => !logs.includes(t)),
    over,
    terms,
    1,
  );
  if (!found) return [];
  return logs.map(({ sign, of }) => ({ sign, of: substitute(of, new Map([[over, found.x]])) }));
}

const isLog = (e: Expr): boolean => e.kind === "apply" && e.op === "log";

const argument = (e: Expr): Expr => (e.kind === "apply" ? e.args[0]! : e);
