/** The last steps to a closed form that one would print: user's names put back, shared parts named, in order, as written. */
import { namesRead } from "../expr/names-read.ts";
import type { Index } from "../expr/node.ts";
import type { Definition, Program } from "../expr/program.ts";
import type { Algebra } from "../simplify/algebra.ts";
import { provablyInside } from "../simplify/linear.ts";
import { multiplesOf } from "../simplify/present/multiples.ts";
import { present } from "../simplify/present/present.ts";
import type { Inside } from "../simplify/unify.ts";
import type { Step } from "./derivation.ts";
import { boundsIndex, fold, hasReduction, worthNaming } from "./fold.ts";
import { readsInside, shapesOf, type Shapes } from "./inside.ts";
import { sharing, type SharingRules } from "./share.ts";
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
  const shapes = shapesOf(program, [...definitions, ...stages.inlined]);
  const put = putting(shapes, s);
  for (const d of stages.inlined.toReversed()) definitions = nameAgain(definitions, d, put);
  const forward = new Set(definitions.map((d) => d.name));
  for (const d of adjoints) forward.delete(d.name);
  for (const { name } of definitions) definitions = readDefinition(definitions, name, forward, put);
  const own = userIndices(program);
  const added: Adjoint[] = [];
  const rules: SharingRules = {
    taken,
    like: own,
    inside: (subscript, i) => provablyInside(subscript, i.extent, s),
    computable: readsInside(program, shapes, s),
  };
  const next = sharing(rules);
  for (let named = next(definitions); named; named = next(definitions)) {
    added.push(named);
    definitions = [named, ...definitions.map(put(named))];
  }
  const byName = new Map(definitions.map((d) => [d.name, d]));
  for (const { name, body: before } of adjoints) {
    const { body: after } = byName.get(name)!;
    if (before !== after) step?.({ definition: name, rule: "names", before, after });
  }
  const multiples = multiplesOf(definitions.filter((d) => forward.has(d.name)).map((d) => d.body));
  const shown = new Map([...adjoints, ...added].map((d) => [d.name, d.shown]));
  return ordered(definitions, program).map(({ name, indices, body, place }) => ({
    name,
    place,
    ...readable(indices, present(body, s, { multiples }), shown.get(name) ?? indices, taken),
  }));
}

/** A definition with another one named in it; itself where that does not stand in it. */
type Put = (named: Definition) => (into: Definition) => Definition;

const putting =
  (shapes: Shapes, s: Algebra): Put =>
  (named) => {
    const bounded = new Set(named.indices.filter((i) => boundsIndex(named.body, i, shapes)));
    const inside: Inside = (subscript, i) => bounded.has(i) || provablyInside(subscript, i.extent, s);
    return (into) => {
      const body = fold(into.body, named, inside);
      return body === into.body ? into : { ...into, body };
    };
  };

/** A definition serves others whose closed form has it as a part: Σ_i dout[i, c] is dbeta[c]. Values do not read gradients. */
function readDefinition(
  definitions: readonly Definition[],
  name: string,
  forward: ReadonlySet<string>,
  put: Put,
): readonly Definition[] {
  const source = definitions.find((d) => d.name === name)!;
  if (!hasReduction(source.body)) return definitions;
  const folded = definitions.map(put(source));
  const may = (d: Definition): boolean => d !== source && (forward.has(name) || !forward.has(d.name));
  const changed = (d: Definition, n: number): boolean => may(d) && folded[n] !== d;
  if (!definitions.some(changed)) return definitions;
  const before = behind(source, definitions);
  return definitions.map((d, n) => (changed(d, n) && !before.has(d.name) ? folded[n]! : d));
}

/** The definitions that one is computed from. */
function behind(definition: Definition, definitions: readonly Definition[]): ReadonlySet<string> {
  const byName = new Map(definitions.map((d) => [d.name, d]));
  const found = new Set<string>();
  const visit = (d: Definition): void => {
    for (const name of namesRead(d.body)) {
      const source = byName.get(name);
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
function nameAgain(definitions: readonly Definition[], d: Definition, put: Put): readonly Definition[] {
  if (!worthNaming(d.body) || d.body.type === "bool") return definitions;
  const folded = definitions.map(put(d));
  return folded.some((other, n) => other !== definitions[n]) ? [d, ...folded] : definitions;
}

/** What each definition reads comes before it; otherwise the order stays. */
function ordered(definitions: readonly Definition[], program: Program): readonly Definition[] {
  const byName = new Map(definitions.map((d) => [d.name, d]));
  const done = new Set<string>();
  const out: Definition[] = [];
  const visit = (d: Definition): void => {
    if (done.has(d.name)) return;
    done.add(d.name);
    for (const name of namesRead(d.body)) {
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
