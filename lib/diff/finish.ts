/** The last steps to a closed form that one would print: user's names put back, shared parts named, in order, as written. */
import type { Index } from "../expr/node.ts";
import type { Definition, Program } from "../expr/program.ts";
import type { Algebra } from "../simplify/algebra.ts";
import { present } from "../simplify/present.ts";
import type { Step } from "./derivation.ts";
import { fold, hasReduction, readsOf, worthNaming } from "./fold.ts";
import { nextShared } from "./share.ts";
import type { Adjoint } from "./reverse.ts";
import type { Stages } from "./stages.ts";
import { allIndices, readable } from "./names.ts";

interface FinishOptions {
  readonly program: Program;
  readonly stages: Stages;
  /** Adjoints of stages and inputs, in normal form. */
  readonly adjoints: readonly Adjoint[];
  readonly taken: Set<string>;
  readonly s: Algebra;
  /** Hears of every closed form that is written otherwise than it was found. */
  readonly step?: (step: Step) => void;
}

export function finish({ program, stages, adjoints, taken, s, step }: FinishOptions): readonly Definition[] {
  let definitions: readonly Definition[] = [...stages.kept, ...adjoints];
  for (const d of stages.inlined.toReversed()) definitions = nameAgain(definitions, d);
  const forward = new Set(definitions.map((d) => d.name));
  for (const d of adjoints) forward.delete(d.name);
  for (const { name } of definitions) definitions = readDefinition(definitions, name, forward);
  const own = userIndices(program);
  const added: Adjoint[] = [];
  for (let next = nextShared(definitions, taken, own); next; next = nextShared(definitions, taken, own)) {
    const shared = next;
    added.push(shared);
    definitions = [shared, ...definitions.map((d) => ({ ...d, body: fold(d.body, shared) }))];
  }
  for (const { name, body: before } of adjoints) {
    const { body: after } = definitions.find((d) => d.name === name)!;
    if (before !== after) step?.({ definition: name, rule: "names", before, after });
  }
  const shown = new Map([...adjoints, ...added].map((d) => [d.name, d.shown]));
  return ordered(definitions, program).map(({ name, indices, body, place }) => ({
    name,
    place,
    ...readable(indices, present(body, s), shown.get(name) ?? indices, taken),
  }));
}

/** A definition serves others whose closed form has it as a part: Σ_i dout[i, c] is dbeta[c]. Values do not read gradients. */
function readDefinition(
  definitions: readonly Definition[],
  name: string,
  forward: ReadonlySet<string>,
): readonly Definition[] {
  const source = definitions.find((d) => d.name === name)!;
  if (!hasReduction(source.body)) return definitions;
  const before = behind(source, definitions);
  const may = (d: Definition): boolean =>
    d !== source && !before.has(d.name) && (forward.has(name) || !forward.has(d.name));
  return definitions.map((d) => (may(d) ? { ...d, body: fold(d.body, source) } : d));
}

/** The definitions that one is computed from. */
function behind(definition: Definition, definitions: readonly Definition[]): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (d: Definition): void => {
    for (const name of readsOf(d.body)) {
      const source = definitions.find((other) => other.name === name);
      if (!source || found.has(name)) continue;
      found.add(name);
      visit(source);
    }
  };
  visit(definition);
  return found;
}

/** The indices of the program, those of definitions first. */
const userIndices = ({ definitions }: Program): readonly Index[] => [
  ...new Set([
    ...definitions.flatMap((d) => d.indices),
    ...definitions.flatMap((d) => [...allIndices(d.body)]),
  ]),
];

/** A definition of the user's that was put into others, put back where its body still stands. */
function nameAgain(definitions: readonly Definition[], d: Definition): readonly Definition[] {
  if (!worthNaming(d.body) || d.body.type === "bool") return definitions;
  const folded = definitions.map((other) => ({ ...other, body: fold(other.body, d) }));
  return folded.some((other, n) => other.body !== definitions[n]!.body) ? [d, ...folded] : definitions;
}

/** What each definition reads comes before it; otherwise the order stays. */
function ordered(definitions: readonly Definition[], program: Program): readonly Definition[] {
  const byName = new Map(definitions.map((d) => [d.name, d]));
  const done = new Set<string>();
  const out: Definition[] = [];
  const visit = (d: Definition): void => {
    if (done.has(d.name)) return;
    done.add(d.name);
    for (const name of readsOf(d.body)) {
      const source = byName.get(name);
      if (source) visit(source);
    }
    out.push(d);
  };
  const rank = new Map(program.definitions.map((d, n) => [d.name, n]));
  const user = definitions
    .filter((d) => rank.has(d.name))
    .toSorted((a, b) => rank.get(a.name)! - rank.get(b.name)!);
  for (const d of [...user, ...definitions]) visit(d);
  return out;
}
