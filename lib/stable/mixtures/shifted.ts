/** Products and sums that are linear in exponentials, these less a peak. */
import { apply, num, occursFree, reduce, where, type Expr } from "../../expr/node.ts";
import { isApply } from "../pattern.ts";
import { expression, powersOf, quotient, type Powers } from "../powers.ts";
import { isSum, signedTerms, sumOf } from "../terms.ts";
import { isExp, lessPeak } from "./mixture.ts";

/** A product of which `times` exponentials are taken less the peak. */
export function timesLess(powers: Powers, times: number, peak: Expr): Powers | undefined {
  let left = powers;
  for (let n = 0; n < times; n++) {
    const found = [...left]
      .filter(([, m]) => m >= 1)
      .map(([f]) => [f, shifted(f, peak)] as const)
      .find(([, other]) => other !== undefined);
    if (!found) return undefined;
    left = powersOf(found[1]!, 1, new Map(quotient(left, new Map([[found[0], 1]]))));
  }
  return left;
}

/** An expression that is linear in exponentials, these less the peak. */
function shifted(e: Expr, peak: Expr): Expr | undefined {
  if (isExp(e)) return lessPeak(e, peak);
  if (e.kind === "num") return e.value === 0 ? e : undefined;
  if (e.kind === "reduce") {
    const body = e.op === "sum" && !occursFree(e.over, peak) ? shifted(e.body, peak) : undefined;
    return body && reduce("sum", e.over, e.guard, body);
  }
  if (e.kind === "where") {
    const [then, other] = [shifted(e.then, peak), shifted(e.else, peak)];
    return then && other && where(e.guard, then, other);
  }
  if (isSum(e)) {
    const terms = signedTerms(e).map(({ sign, of }) => ({ sign, of: shifted(of, peak) }));
    return terms.every((t) => t.of !== undefined)
      ? sumOf(terms.map(({ sign, of }) => ({ sign, of: of! })))
      : undefined;
  }
  if (!isApply(e, "mul") && !isApply(e, "div")) return undefined;
  const powers = timesLess(powersOf(e), 1, peak);
  return powers && whereItIsThere(powers);
}

/** A quotient whose upper part is 0 where a value in it is: of those whose weight is 0 the exponent may be above the peak. */
export function whereItIsThere(powers: Powers): Expr {
  const above = [...powers].filter(([, n]) => n > 0);
  const below = [...powers].filter(([, n]) => n < 0);
  const weight = expression(new Map(above.filter(([f]) => f.kind === "read" && f.type === "real")));
  if (weight.kind === "num") return expression(powers);
  const there = where(apply("eq", weight, num(0)), num(0), expression(new Map(above)));
  return expression(new Map([[there, 1], ...below]));
}
