/**
 * Quotients of a sum over a definition that is that sum, times a number: m = (p + q)/2 in (p + q)/m.
 *
 * A derivative leaves them where a definition and its parts meet; they are numbers, and cancel with others.
 */
import { apply, rebuild, type Expr, type Index } from "../expr/node.ts";
import { withBodies } from "../expr/bodies.ts";
import { rewriting } from "../expr/parts.ts";
import type { Definition } from "../expr/program.ts";
import { substitute } from "../expr/substitute.ts";
import { expression, powersOf, quotient, type Powers } from "./powers.ts";
import { isSum } from "./terms.ts";

/** What a definition is: a sum, times numbers. */
interface Multiple {
  readonly indices: readonly Index[];
  readonly sum: Expr;
  readonly by: Powers;
}

/** The definitions with such quotients as the numbers that they are. */
export function inMultiples(definitions: readonly Definition[]): readonly Definition[] {
  const known = new Map<string, Multiple>();
  for (const d of definitions) {
    const multiple = multipleOf(d);
    if (multiple) known.set(d.name, multiple);
  }
  if (known.size === 0) return definitions;
  const go = rewriting((e, go) => {
    const isProduct = e.kind === "apply" && (e.op === "div" || e.op === "mul");
    return rebuild((isProduct ? withoutMultiple(powersOf(e), known) : undefined) ?? e, go);
  });
  return withBodies(definitions, go);
}

function multipleOf({ indices, body }: Definition): Multiple | undefined {
  const powers = powersOf(body);
  const sum = [...powers].find(([f, n]) => n === 1 && isSum(f))?.[0];
  if (sum === undefined) return undefined;
  const by = quotient(powers, new Map([[sum, 1]]));
  return [...by.keys()].every((f) => f.kind === "num") ? { indices, sum, by } : undefined;
}

function withoutMultiple(powers: Powers, known: ReadonlyMap<string, Multiple>): Expr | undefined {
  for (const [m, n] of powers) {
    const multiple = m.kind === "read" && n === -1 ? known.get(m.name) : undefined;
    if (!multiple || m.kind !== "read") continue;
    const { indices, by } = multiple;
    const sum = substitute(multiple.sum, new Map(indices.map((i, axis) => [i, m.at[axis]!])));
    if (powers.get(sum) === undefined || powers.get(sum)! < 1) continue;
    const left = quotient(
      powers,
      new Map([
        [sum, 1],
        [m, -1],
      ]),
    );
    return expression(powersOf(apply("div", expression(left), expression(by))));
  }
  return undefined;
}
