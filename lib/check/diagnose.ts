/**
 * Which known mistake a wrong gradient is: the mutant that gives the same numbers,
 * at this point and at others.
 */
import { evaluate, evaluateAt, type Table } from "../eval.ts";
import { sizeOf } from "../expr/extent.ts";
import { freeIndices, type Index } from "../expr/node.ts";
import { output } from "../expr/program.ts";
import { differentiate } from "../diff/differentiate.ts";
import type { Derivation } from "../diff/derivation.ts";
import { double } from "../number/double.ts";
import type { Claim } from "./check.ts";
import { names, tiersOf, type Mutant } from "./mutants/mutants.ts";
import { isWrong } from "./judge.ts";
import { positionIn, type Point } from "./point.ts";
import type { Report } from "./report.ts";

/** A gradient that was claimed at a point. */
export interface Case {
  readonly point: Point;
  readonly gradients: ReadonlyMap<string, Claim>;
}

/** The arrays of a claim that are wrong by a report: a mistake in one says nothing of the others. */
export function wrongOf(gradients: Case["gradients"], { gradients: reports }: Report): Case["gradients"] {
  const wrong = [...gradients].filter(([name]) => isWrong(reports.get(name)?.verdict ?? "correct"));
  return wrong.length === 0 ? gradients : new Map(wrong);
}

/** Rounding differs from program to program; mistakes are larger. As a share of the largest value of the array. */
const sameness = 1e-9;

/** Cases looked at beside the first. */
const mostCases = 8;

/** Of the cases, so many must agree; at a kink a right program may differ from the mutant by rounding. */
const agreement = 0.75;

/**
 * "your dW is what you get when …"; undefined when no known mistake gives these numbers. The first case must be one that
 * failed; its arrays are compared.
 */
export function diagnose([first, ...rest]: readonly Case[]): string | undefined {
  if (first === undefined) return undefined;
  const wrt = [...first.gradients.keys()];
  const { program } = first.point;
  const others = rest.slice(0, mostCases);
  for (const tier of tiersOf(program, wrt)) {
    const best = equalMutant(tier(), first, others);
    if (best === undefined) continue;
    const wrong = wrt.map((name) => `d${name}`).join(", ");
    return `your ${wrong} is what you get when ${best.when}${numbers(best, first.point)}`;
  }
  return undefined;
}

/** The mutant that agrees in most cases, in the first at any rate; the better known of several. */
function equalMutant(mutants: readonly Mutant[], first: Case, others: readonly Case[]): Mutant | undefined {
  const wrt = [...first.gradients.keys()];
  const [best] = mutants
    .filter((mutant) => equals(first, mutant, wrt))
    .map((mutant) => ({ mutant, agreeing: others.filter((other) => equals(other, mutant, wrt)).length }))
    .filter(({ agreeing }) => agreeing >= agreement * others.length)
    .toSorted(
      (a, b) => b.agreeing - a.agreeing || names.indexOf(a.mutant.name) - names.indexOf(b.mutant.name),
    );
  return best?.mutant;
}

function equals({ point, gradients }: Case, mutant: Mutant, wrt: readonly string[]): boolean {
  const mutated = mutant.gradients(point);
  return wrt.every((name) => {
    const [claim, other] = [gradients.get(name), mutated.get(name)];
    return (
      claim !== undefined &&
      other !== undefined &&
      other.data.length === claim.data.length &&
      same(claim.data, other.data)
    );
  });
}

function same(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  let most = 0;
  for (let n = 0; n < a.length; n++) most = Math.max(most, Math.abs(a[n]!), Math.abs(b[n]!));
  for (let n = 0; n < a.length; n++) if (!(Math.abs(a[n]! - b[n]!) <= sameness * most)) return false;
  return true;
}

/** What the mistake makes of one number, where it makes the greatest difference: ": at i = 3 it is 1 where −9 was meant". */
function numbers({ site }: Mutant, point: Point): string {
  if (site === undefined) return "";
  const { definition, from, to } = site;
  const free = [...new Set([...freeIndices(from), ...freeIndices(to)])];
  if (!free.every((i) => definition.indices.includes(i))) return "";
  const scope = { field: double, sizes: point.binding.sizes, tables: tablesAt(point) };
  const shape = free.map((i) => sizeOf(i.extent, point.binding.sizes));
  const count = Math.min(
    10_000,
    shape.reduce((n, size) => n * size, 1),
  );
  let worst: { at: readonly number[]; wrong: number; right: number } | undefined;
  for (let n = 0; n < count; n++) {
    const at = positionIn(shape, n);
    const indices = new Map<Index, number>(free.map((i, axis) => [i, at[axis]!]));
    const [wrong, right] = [evaluateAt(to, indices, scope), evaluateAt(from, indices, scope)];
    if (worst === undefined || Math.abs(wrong - right) > Math.abs(worst.wrong - worst.right))
      worst = { at, wrong, right };
  }
  if (worst === undefined || worst.wrong === worst.right) return "";
  const place = free.map((i, axis) => `${i.name} = ${worst.at[axis]}`).join(", ");
  return `: in ${definition.name}${place === "" ? "" : ` at ${place}`} stands ${shown(worst.wrong)} where ${shown(worst.right)} was meant`;
}

const shown = (x: number): string => String(Number(x.toPrecision(6)));

function tablesAt({ program, binding, upstream, wrt }: Point): ReadonlyMap<string, Table<number>> {
  const derivation: Derivation = differentiate(program, { wrt });
  const arrays = new Map(binding.arrays);
  if (upstream !== undefined) arrays.set(`d${output(program).name}`, upstream);
  const values = evaluate(derivation.definitions, { ...binding, arrays }, double);
  const inputs = [...arrays].map(
    ([name, { shape, data }]) => [name, { shape, data: Array.from(data) }] as const,
  );
  return new Map<string, Table<number>>([...inputs, ...values]);
}
