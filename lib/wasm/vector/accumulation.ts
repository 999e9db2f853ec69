/**
 * Variables that a loop accumulates in: sums, products, extrema, and sums with what their roundings lose.
 *
 * A loop may run in lanes when every variable of the world around it that it changes is one of these: each
 * lane accumulates on its own, and the lanes are put together after the loop.
 */
import type { Op } from "../../expr/ops.ts";
import { mentionsAny } from "../../loop/mentioned.ts";
import { bodiesOf, scalarsOf, type Scalar, type Statement, type Update } from "../../loop/nest.ts";
import { printScalar } from "../../loop/print.ts";

export interface Accumulation {
  readonly name: string;
  readonly by: Exclude<Update, "set">;
  readonly type: Scalar["type"];
  /** The variable that takes what roundings of this sum lose. */
  readonly lost: string | undefined;
  /** Whether what it loses is computed in the short form, as no term is negative. */
  readonly short: boolean;
}

type Assign = Extract<Statement, { kind: "assign" }>;

/** The accumulations of a loop's body, by name; undefined where it changes a variable in another way. */
export function accumulations(body: readonly Statement[]): ReadonlyMap<string, Accumulation> | undefined {
  const own = new Set<string>();
  const assigns: Assign[] = [];
  visit(body, (s) => {
    if (s.kind === "let") own.add(s.name);
    if (s.kind === "assign") assigns.push(s);
  });
  const outer = assigns.filter((a) => !own.has(a.name));
  const found = new Map<string, Accumulation>();
  const pairs = new Map<string, string>();
  const short = new Set<string>();
  for (const { name, by, value } of outer) {
    const loss = by === "add" ? compensated(value, outer) : undefined;
    if (loss === undefined) continue;
    pairs.set(loss.sum, name);
    if (loss.short) short.add(loss.sum);
  }
  const losses = new Set(pairs.values());
  for (const { name, by, value } of outer) {
    if (by === "set" || found.has(name)) return undefined;
    if (losses.has(name)) continue;
    found.set(name, { name, by, type: value.type, lost: pairs.get(name), short: short.has(name) });
  }
  return readOnlyInPairs(body, new Set([...found.keys(), ...losses]), losses) ? found : undefined;
}

/** What a sum loses when a term is added to it. */
export interface Loss {
  readonly sum: string;
  readonly term: Scalar;
  /** Whether it is T. J. Dekker's short form, term − ((sum + term) − sum), and not a two-sum. */
  readonly short: boolean;
}

/** What `roundoff(sum, term)` and the short form say; undefined for other scalars. */
export function lossOf(value: Scalar): Loss | undefined {
  if (value.kind !== "apply") return undefined;
  const [first, second] = value.args;
  if (value.op === "roundoff" && first?.kind === "name")
    return { sum: first.name, term: second!, short: false };
  if (value.op !== "sub" || !isApply(second, "sub")) return undefined;
  const [added, sum] = second.args;
  if (sum?.kind !== "name" || !isApply(added, "add") || added.args.length !== 2) return undefined;
  const matches =
    printScalar(added.args[0]!) === sum.name && printScalar(added.args[1]!) === printScalar(first!);
  return matches ? { sum: sum.name, term: first!, short: true } : undefined;
}

const isApply = (s: Scalar | undefined, op: Op): s is Extract<Scalar, { kind: "apply" }> =>
  s?.kind === "apply" && s.op === op;

/** The loss of a sum that a value is, where its term is what is added to that sum. */
function compensated(value: Scalar, assigns: readonly Assign[]): Loss | undefined {
  const loss = lossOf(value);
  if (loss === undefined) return undefined;
  const added = assigns.filter((a) => a.name === loss.sum);
  const [only] = added;
  const same =
    added.length === 1 && only!.by === "add" && printScalar(only!.value) === printScalar(loss.term);
  return same ? loss : undefined;
}

/** Whether nothing reads the accumulators but the statement that takes their losses. */
function readOnlyInPairs(
  body: readonly Statement[],
  accumulators: ReadonlySet<string>,
  losses: ReadonlySet<string>,
): boolean {
  let fine = true;
  visit(body, (s) => {
    if (s.kind === "assign" && losses.has(s.name)) {
      const term = lossOf(s.value)?.term ?? s.value;
      if (mentionsAny(term, accumulators)) fine = false;
    } else if (scalarsOf(s).some((v) => mentionsAny(v, accumulators))) fine = false;
  });
  return fine;
}

export function visit(statements: readonly Statement[], see: (s: Statement) => void): void {
  for (const s of statements) {
    see(s);
    visit(bodiesOf(s), see);
  }
}
