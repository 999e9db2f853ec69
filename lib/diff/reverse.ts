/** Reverse mode over stages: the adjoint of every stage and input that the gradient needs. */
import { apply, at, freeIndices, index, num, read, type Expr, type Index } from "../expr/node.ts";
import type { Definition, Input, Program } from "../expr/program.ts";
import { shownName } from "../expr/substitute.ts";
import type { Algebra } from "../simplify/algebra.ts";
import { readAdjoints } from "./adjoint.ts";
import { allReads, claim, privateIndices, readable } from "./names.ts";
import type { Stages } from "./stages.ts";

export interface Adjoints {
  /** In order of computation: dscore before dW. */
  readonly definitions: readonly Definition[];
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
}

/** Where gradients flow to, with the indices that its adjoint has while it is summed up, and those it is shown with. */
interface Target {
  readonly name: string;
  readonly indices: readonly Index[];
  readonly shown: readonly Index[];
  readonly contributions: Expr[];
}

export function reverse({ stages, wrt, program, upstream, taken, algebraFor }: ReverseOptions): Adjoints {
  const targets = targetsOf(stages, wrt, program);
  const active = new Set(targets.keys());
  const definitions: Definition[] = [];
  const names = new Map<string, string>();

  const close = (target: Target): Definition => {
    const total = algebraFor(`d${target.name}`).add(target.contributions);
    const definition = { name: claim(`d${target.name}`, taken), ...readable(target.indices, total, target.shown, taken) };
    names.set(target.name, definition.name);
    definitions.push(definition);
    return definition;
  };
  const [last, ...earlier] = stages.kept.toReversed();
  const seeds: [Definition, Expr][] = [[last!, upstream ? read(upstream.name, last!.indices.map(at)) : num(1)]];
  for (;;) {
    const [stage, seed] = seeds.pop()!;
    contribute(stage, seed, targets, active, algebraFor);
    const next = earlier.findIndex((d) => targets.has(d.name) && targets.get(d.name)!.contributions.length > 0);
    if (next < 0) break;
    const [following] = earlier.splice(0, next + 1).slice(-1);
    const adjoint = close(targets.get(following!.name)!);
    seeds.push([following!, read(adjoint.name, following!.indices.map(at))]);
  }
  for (const name of wrt) if (!names.has(name)) close(targets.get(name)!);
  return { definitions, names };
}

/** Adds to each target what flows to it through the reads of one stage. */
function contribute(
  stage: Definition,
  seed: Expr,
  targets: ReadonlyMap<string, Target>,
  active: ReadonlySet<string>,
  algebraFor: (definition: string) => Algebra,
): void {
  for (const [r, adjoint] of readAdjoints(stage.body, seed, stage.indices, active, algebraFor(stage.name))) {
    const target = targets.get(r.name)!;
    const s = algebraFor(`d${r.name}`);
    const deltas = r.at.map((e, n) => s.iverson(s.simplify(apply("eq", e, at(target.indices[n]!)))));
    target.contributions.push(s.sum(freeIndices(r), s.mul([adjoint, ...deltas])));
  }
}

/** Stages and inputs that a gradient is asked of, or that one is behind. */
function targetsOf(stages: Stages, wrt: readonly string[], program: Program): ReadonlyMap<string, Target> {
  const targets = new Map<string, Target>();
  const add = (name: string, shown: readonly Index[]): void => {
    targets.set(name, { name, shown, indices: privateIndices(shown), contributions: [] });
  };
  for (const input of program.inputs) if (wrt.includes(input.name)) add(input.name, axisIndices(input, stages));
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
