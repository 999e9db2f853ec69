/** Subscripts that are inside for every input: they need no check at the door. */
import { apply, num, size, type Expr } from "../expr/node.ts";
import type { Extent } from "../expr/extent.ts";
import type { Bound } from "../expr/program.ts";
import { affine, conjuncts, type Affine } from "./affine.ts";

/** Whether 0 ≤ subscript < extent follows from the guard and from how extents are inferred alone. */
export function evident({ subscript, guard, extent }: Bound): boolean {
  const form = affine(subscript);
  const conditions = conjuncts(guard);
  const below = saidBy(conditions, apply("ge", subscript, num(0)));
  const above = saidBy(conditions, apply("lt", subscript, size(extent)));
  return (below || neverNegative(form)) && (above || neverBeyond(form, extent));
}

/** Whether one of the conditions is the wanted one, up to how it is written. */
const saidBy = (conditions: readonly Expr[], wanted: Expr): boolean =>
  conditions.some((c) => slackOf(c) !== undefined && slackOf(c) === slackOf(wanted));

/** An inequality of integers as the affine form that it says is at least 0, as text. */
function slackOf(condition: Expr): string | undefined {
  if (condition.kind !== "apply" || condition.args.some((a) => a.type !== "int")) return undefined;
  const [a, b] = condition.args as [Expr, Expr];
  switch (condition.op) {
    case "ge":
      return textOf(affine(apply("sub", a, b)));
    case "gt":
      return textOf(affine(apply("sub", apply("sub", a, b), num(1))));
    case "le":
      return textOf(affine(apply("sub", b, a)));
    case "lt":
      return textOf(affine(apply("sub", apply("sub", b, a), num(1))));
    default:
      return undefined;
  }
}

const textOf = ({ terms, constant }: Affine): string =>
  [...terms]
    .map(([atom, c]) => `${c}*${atom.id}`)
    .toSorted()
    .concat(String(constant))
    .join(" + ");

const neverNegative = ({ terms, constant }: Affine): boolean =>
  constant >= 0 && [...terms].every(([atom, c]) => atom.kind === "index" && c > 0);

/** i − … with i below the extent itself, or a window that was made to fit. */
function neverBeyond({ terms, constant }: Affine, extent: Extent): boolean {
  const rising = [...terms].filter(([, c]) => c > 0);
  if ([...terms].some(([atom]) => atom.kind !== "index")) return false;
  const [only] = rising;
  if (
    rising.length === 1 &&
    only![0].kind === "index" &&
    only![1] === 1 &&
    constant <= 0 &&
    only![0].index.extent === extent
  )
    return true;
  return rising.some(([atom, c]) => {
    const own = atom.kind === "index" ? atom.index.extent : undefined;
    return (
      own?.kind === "window" &&
      own.fits.some(
        (fit) =>
          fit.inside === extent &&
          fit.step === c &&
          fit.offset === constant &&
          fit.slack === 0 &&
          (fit.slackSizes ?? []).length === 0 &&
          fit.others.filter((o) => o.step > 0).length === rising.length - 1,
      )
    );
  });
}
