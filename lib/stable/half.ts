/** A sigmoid less a half, which it is nearly equal to near 0: half of a tanh, which is small there. */
import { apply, num, type Expr } from "../expr/node.ts";
import { argument, isApply } from "./pattern.ts";
import type { Row } from "./row.ts";
import { factors, isSum, product, signedTerms } from "./terms.ts";

/** c·sigmoid(z) − c/2 for a number c. */
function lessHalf(e: Expr): Expr | undefined {
  if (!isSum(e)) return undefined;
  const terms = signedTerms(e);
  const number = terms.find((t) => t.of.kind === "num");
  const other = terms.find((t) => t !== number);
  if (terms.length !== 2 || number?.of.kind !== "num" || !other) return undefined;
  const all = factors(other.of);
  const f = all.find((g) => isApply(g, "sigmoid"));
  const scale = all.filter((g) => g !== f);
  if (f?.kind !== "apply" || !scale.every((g) => g.kind === "num")) return undefined;
  const c = scale.reduce((value, g) => (g.kind === "num" ? value * g.value : value), other.sign as number);
  if (c / 2 !== -number.sign * number.of.value) return undefined;
  return product([num(c / 2), apply("tanh", apply("div", argument(f), num(2)))]);
}

// prettier-ignore
export const halfRows: readonly Row[] = [
  { name: "sigmoid less a half", from: "2*sigmoid(z) - 1", to: "tanh(z/2)", holds: "everywhere",
    counterexample: { text: "2 * sigmoid(z) - 1", at: { z: 1e-12 } },
    has: "sigmoid",
    rewrite: lessHalf },
];
