/** A log-sum-exp less an average of its terms. */
import { apply, num, occursFree, type Expr, type Index, type Node } from "../../expr/node.ts";
import { substitute } from "../../expr/substitute.ts";
import { has, isLinear, replaced } from "../linear.ts";
import { factors, sumOf, type Signed } from "../terms.ts";
import { bestOf, isLogSumExp } from "./family.ts";
import { precisely } from "./precisely.ts";
import type { Found, Making } from "./way.ts";

/** ±(lse − an average of its terms f), which does not change when all f are moved: so that the greatest is 0. */
export function average(terms: readonly Signed[], { families, fired }: Making): Found | undefined {
  for (const t of terms) {
    if (!isLogSumExp(t.of)) continue;
    const { over, body } = t.of;
    const pattern = readOf(body, over);
    if (!pattern) continue;
    const picks = (r: Node<"read">): boolean =>
      r.name === pattern.name &&
      r.at.every((s, n) => occursFree(over, pattern.at[n]!) || s === pattern.at[n]);
    const mine = terms.filter((u) => u !== t && has(u.of, picks));
    if (mine.length === 0 || ![body, ...mine.map((u) => u.of)].every((e) => isLinear(e, picks))) continue;
    const constant = sumOf(
      [{ sign: t.sign, of: body }, ...mine].map(({ sign, of }) => ({
        sign,
        of: replaced(of, picks, () => num(1)),
      })),
    );
    const left = families.simplify(constant);
    if (left.kind !== "num" || Math.abs(left.value) > 1e-9) continue;
    const m = families.member(t.of);
    if (!m) continue;
    const best = bestOf(m);
    const moved = ({ sign, of }: Signed): Signed => ({
      sign,
      of: precisely(
        replaced(of, picks, (r) => apply("sub", r, substitute(pattern, new Map([[over, best]])))),
      ),
    });
    // Weights such as 0.7 and 0.3 are not quite 1 together.
    const more: readonly Signed[] =
      left.value === 0
        ? []
        : [{ sign: 1, of: apply("mul", left, substitute(pattern, new Map([[over, best]]))) }];
    const value = sumOf([
      { sign: t.sign, of: apply("log1p", families.others(m, best)) },
      ...mine.map(moved),
      ...more,
    ]);
    fired("log-sum-exp minus an average", sumOf([t, ...mine]), value);
    return { sign: 1, value, left: terms.filter((u) => u !== t && !mine.includes(u)) };
  }
  return undefined;
}

/** The one read in terms f[j] that varies with j, where they are a multiple of it. */
function readOf(body: Expr, over: Index): Node<"read"> | undefined {
  const [varying, ...more] = factors(
    body.kind === "apply" && body.op === "div" ? body.args[0]! : body,
  ).filter((f) => occursFree(over, f));
  return more.length === 0 && varying?.kind === "read" ? varying : undefined;
}
