/** A log-sum-exp less one of its terms. */
import { apply, where } from "../../expr/node.ts";
import { substitute } from "../../expr/substitute.ts";
import type { Signed } from "../terms.ts";
import { isLogSumExp, whereMember } from "./family.ts";
import { decided } from "../weighted.ts";
import type { Found, Making } from "./way.ts";

/** ±(lse − f[x]). */
export function gap(terms: readonly Signed[], { families, fired }: Making): Found | undefined {
  for (const t of terms) {
    if (!isLogSumExp(t.of)) continue;
    const m = families.member(t.of);
    const rest = terms.filter((other) => other !== t);
    const found = m && families.position(m, rest, t.sign === 1 ? -1 : 1);
    if (!m || !found) continue;
    const fx = substitute(m.lse.body, new Map([[m.lse.over, found.x]]));
    const top = families.read(m, "top");
    const total = families.read(m, "total");
    const others = families.others(m, found.x);
    const isTop = apply("eq", fx, top);
    const value = where(
      // A sum for each x is worth it only where the logarithm of the total would be small.
      others.kind === "read" ? isTop : apply("and", decided(total), isTop),
      apply("log1p", others),
      apply("add", apply("sub", top, fx), apply("log", total)),
    );
    const guarded = whereMember(m, found.x, value, apply("sub", families.whole(m), fx));
    fired("log-sum-exp minus a member", apply("sub", m.lse, fx), guarded);
    return { sign: t.sign, value: guarded, left: found.left };
  }
  return undefined;
}
