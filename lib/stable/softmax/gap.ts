/** A log-sum-exp less one of its terms. */
import { apply, where, type Expr } from "../../expr/node.ts";
import type { Signed } from "../terms.ts";
import { isLogSumExp, termAt, whereMember } from "./family.ts";
import type { Found, Making } from "./way.ts";

/**
 * ±(lse − f[x]), which is top − f[x] and the log of the total. Where there is one x for each log-sum-exp, the sum of the
 * other terms is at hand and serves the greatest; else the log is taken once, precisely, for all x.
 */
export function gap(terms: readonly Signed[], { families, fired }: Making): Found | undefined {
  for (const t of terms) {
    if (!isLogSumExp(t.of)) continue;
    const m = families.member(t.of);
    const rest = terms.filter((other) => other !== t);
    const found = m && families.position(m, rest, t.sign === 1 ? -1 : 1);
    if (!m || !found) continue;
    const fx = termAt(m, found.x);
    const top = families.read(m, "top");
    const total = families.read(m, "total");
    const others = families.others(m, found.x);
    const above = apply("sub", top, fx);
    const log = families.logOfTotal(m);
    const each = others.kind !== "read";
    const whole = each
      ? apply("add", above, log)
      : where(apply("eq", fx, top), apply("log1p", others), apply("add", above, apply("log", total)));
    const guarded = (e: Expr): Expr => whereMember(m, found.x, e, apply("sub", families.whole(m), fx));
    fired("log-sum-exp minus a member", apply("sub", m.lse, fx), guarded(whole));
    const value = guarded(each ? apply("add", above, families.named("logTotal", log)) : whole);
    return { sign: t.sign, value, left: found.left };
  }
  return undefined;
}
