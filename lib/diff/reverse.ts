/** Reverse mode over stages: the adjoint of every stage and input that the gradient needs. */
import { apply, at, freeIndices, index, num, read, type Expr, type Index } from "../expr/node.ts";
import type { Definition, Input, Program } from "../expr/program.ts";
import { instance, shownName } from "../expr/substitute.ts";
import type { Algebra } from "../simplify/algebra.ts";
import { readAdjoints } from "./adjoint.ts";
import type { Step } from "./derivation.ts";
import type { Local } from "./local.ts";
import { allIndices, allReads, claim, otherIndices } from "./names.ts";
import type { Stages } from "./stages.ts";

/** The adjoint of a stage or input; `shown` are the indices that the user has for its axes. */
export interface Adjoint extends Definition {
  readonly shown: readonly Index[];
}

export interface Adjoints {
  /** In order of computation: dscore before dW. */
  readonly definitions: readonly Adjoint[];
  /** For each stage or input that has one, the name of its adjoint. */
  readonly names: ReadonlyMap<string, string>;
}

interface ReverseOptions {
  readonly stages: Stages;
  readonly wrt: readonly string[];
  readonly program: Program;
  /** `d<output>`, when the output is a layer. */
  readonly upstream: Input | undefined;
  /** Names in use; those that are given out here are added. */
  readonly taken: Set<string>;
  readonly algebraFor: (definition: string) => Algebra;
  readonly step: (step: Step) => void;
}

/** Where gradients flow to, with the indices that its adjoint has while it is summed up, and those it is shown with. */
interface Target {
  readonly name: string;
  readonly indices: readonly Index[];
  readonly shown: readonly Index[];
  readonly contributions: Expr[];
}

export function reverse({
  stages,
  wrt,
  program,
  upstream,
  taken,
  algebraFor,
  step,
}: ReverseOptions): Adjoints {
  const targets = targetsOf(stages, wrt, program, taken);
  const active = new Set(targets.keys());
  const definitions: Adjoint[] = [];
  const names = new Map<string, string>();

  const total = ({ name, contributions }: Target): Expr => {
    const after = algebraFor(`d${name}`).add(contributions);
    if (contributions.length > 1)
      step({ definition: `d${name}`, rule: "add up", before: apply("add", ...contributions), after });
    return after;
  };
  const close = (target: Target, body: Expr): Definition => {
    const name = claim(`d${target.name}`, taken);
    const definition = { name, indices: target.indices, body, shown: target.shown };
    names.set(target.name, name);
    definitions.push(definition);
    return definition;
  };
  /** The adjoint of a stage where it is read: by its name, or itself when it is no more than a name. */
  const seedOf = (stage: Definition): Expr => {
    const target = targets.get(stage.name)!;
    const body = total(target);
    const trivial = body.kind === "num" || (body.kind === "read" && !wrt.includes(stage.name));
    if (trivial) return instance({ indices: target.indices, body }, stage.indices.map(at));
    return read(close(target, body).name, stage.indices.map(at));
  };
  const reached = (d: Definition): boolean => (targets.get(d.name)?.contributions.length ?? 0) > 0;

  let [stage, ...earlier] = stages.kept.toReversed();
  let seed = upstream ? read(upstream.name, stage!.indices.map(at)) : num(1);
  while (stage) {
    contribute(stage, seed, targets, active, algebraFor, step);
    // Definitions only read earlier ones, so all that flows to the next stage has arrived.
    const next = earlier.findIndex(reached);
    stage = earlier[next];
    if (stage) seed = seedOf(stage);
    earlier = earlier.slice(next + 1);
  }
  for (const name of wrt) if (!names.has(name)) close(targets.get(name)!, total(targets.get(name)!));
  return { definitions, names };
}

/** Adds to each target what flows to it through the reads of one stage. */
function contribute(
  stage: Definition,
  seed: Expr,
  targets: ReadonlyMap<string, Target>,
  active: ReadonlySet<string>,
  algebraFor: (definition: string) => Algebra,
  step: (step: Step) => void,
): void {
  const told = (local: Local, parent: Expr): void =>
    step({
      definition: stage.name,
      rule: `derivative of ${local.rule}`,
      before: parent,
      after: local.derivative,
      by: local.child,
    });
  for (const [r, adjoint] of readAdjoints(
    stage.body,
    seed,
    stage.indices,
    active,
    algebraFor(stage.name),
    told,
  )) {
    const target = targets.get(r.name)!;
    const s = algebraFor(`d${r.name}`);
    const deltas = r.at.map((e, n) => s.iverson(s.simplify(apply("eq", e, at(target.indices[n]!)))));
    target.contributions.push(s.sum(freeIndices(r), s.mul([adjoint, ...deltas])));
  }
}

/** Stages and inputs that a gradient is asked of, or that one is behind. */
function targetsOf(
  stages: Stages,
  wrt: readonly string[],
  program: Program,
  taken: ReadonlySet<string>,
): ReadonlyMap<string, Target> {
  const targets = new Map<string, Target>();
  // Simplified stages may bind indices by names that the program does not have.
  const used = new Set([...taken, ...stages.kept.flatMap((d) => [...allIndices(d.body)]).map((i) => i.name)]);
  const add = (name: string, shown: readonly Index[]): void => {
    targets.set(name, { name, shown, indices: otherIndices(shown, used), contributions: [] });
  };
  for (const input of program.inputs)
    if (wrt.includes(input.name)) add(input.name, axisIndices(input, stages));
  for (const stage of stages.kept.slice(0, -1)) {
    const behind = [...allReads(stage.body)].some((r) => targets.has(r.name));
    if (behind || wrt.includes(stage.name)) add(stage.name, stage.indices);
  }
  return targets;
}

/** Indices for the axes of an input, named as the user named them where it is first read. */
function axisIndices(input: Input, stages: Stages): readonly Index[] {
  const reads = stages.kept.flatMap((d) => [...allReads(d.body)]).filter((r) => r.name === input.name);
  const used = new Set<string>();
  return input.shape.map((extent, n) => {
    const written = reads.map((r) => r.at[n]!).find((e) => e.kind === "index" && !used.has(e.index.name));
    const name = written?.kind === "index" ? written.index.name : shownName("i", used);
    used.add(name);
    return index(name, extent);
  });
}
