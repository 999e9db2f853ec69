/**
 * Variables that a loop accumulates in: sums, products, extrema, and sums with what their roundings lose.
 *
 * A loop may run in lanes when every variable of the world around it that it changes is one of these: each
 * lane accumulates on its own, and the lanes are put together after the loop.
 */
import { parts, type Scalar, type Statement, type Update } from "../../loop/nest.ts";
import { printScalar } from "../../loop/print.ts";
import { bodiesOf, scalarsOf } from "../storage.ts";

export interface Accumulation {
  readonly name: string;
  readonly by: Exclude<Update, "set">;
  readonly type: Scalar["type"];
  /** The variable that takes what roundings of this sum lose. */
  readonly lost: string | undefined;
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
  for (const { name, by, value } of outer) {
    const sum = by === "add" ? compensated(value, outer) : undefined;
    if (sum !== undefined) pairs.set(sum, name);
  }
  const losses = new Set(pairs.values());
  for (const { name, by, value } of outer) {
    if (by === "set" || found.has(name)) return undefined;
    if (losses.has(name)) continue;
    found.set(name, { name, by, type: value.type, lost: pairs.get(name) });
  }
  return readOnlyInPairs(body, new Set([...found.keys(), ...losses]), losses) ? found : undefined;
}

/** The sum whose rounding `roundoff(sum, x)` is, where x is what is added to it. */
function compensated(value: Scalar, assigns: readonly Assign[]): string | undefined {
  if (value.kind !== "apply" || value.op !== "roundoff") return undefined;
  const [sum, term] = value.args as [Scalar, Scalar];
  if (sum.kind !== "name") return undefined;
  const text = printScalar(term);
  const added = assigns.filter((a) => a.name === sum.name);
  const [only] = added;
  return added.length === 1 && only!.by === "add" && printScalar(only!.value) === text ? sum.name : undefined;
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
      const term = s.value.kind === "apply" ? s.value.args[1]! : s.value;
      if (mentionsAny(term, accumulators)) fine = false;
    } else if (scalarsOf(s).some((v) => mentionsAny(v, accumulators))) fine = false;
  });
  return fine;
}

export const mentionsAny = (s: Scalar, names: { has(name: string): boolean }): boolean =>
  (s.kind === "name" && names.has(s.name)) || parts(s).some((part) => mentionsAny(part, names));

export function visit(statements: readonly Statement[], see: (s: Statement) => void): void {
  for (const s of statements) {
    see(s);
    visit(bodiesOf(s), see);
  }
}
