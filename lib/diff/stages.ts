/**
 * The stages that a derivation goes back over.
 *
 * Definitions are simplified and put into those that read them, so that what
 * belongs together meets (log of a quotient of exponentials, a mean and its
 * deviations). Contractions such as score = Σ_d X·W stay stages of their own:
 * their adjoints (dscore) are what the result is written in, and sharing them is
 * what makes reverse mode cheap.
 */
import { anywhere, rewriting, writtenSize } from "../expr/parts.ts";
import type { Extent } from "../expr/extent.ts";
import { children, rebuild, type Expr, type Index } from "../expr/node.ts";
import type { Definition, Program } from "../expr/program.ts";
import { instance } from "../expr/substitute.ts";
import type { Algebra } from "../simplify/algebra.ts";
import { provablyInside } from "../simplify/linear.ts";
import { readsInside, shapesOf } from "./inside.ts";
import { contracts } from "./contracts.ts";
import { withSumsApart } from "./sums-apart.ts";
import { claim } from "./names.ts";

export interface Stages {
  /** What is differentiated, in order; the last one is the output. */
  readonly kept: readonly Definition[];
  /** Definitions that were put into others, simplified: their names may serve again in the result. */
  readonly inlined: readonly Definition[];
}

export interface StageOptions {
  /** Names in use; those that are given out here are added. */
  readonly taken: Set<string>;
  /** Shapes by name; those of stages are added. */
  readonly shapes: Map<string, readonly Extent[]>;
  readonly algebraFor: (name: string) => Algebra;
}

/** `keep` names definitions that must stay, because a gradient is asked for at them. */
export function stagesOf(
  program: Program,
  keep: ReadonlySet<string>,
  { taken, shapes, algebraFor }: StageOptions,
): Stages {
  const kept: Definition[] = [];
  let inside: ((e: Expr) => boolean) | undefined;
  const nameFor = (stem: string): string => claim(stem, taken);
  const keepWithSums = (stage: Definition, s: Algebra): void => {
    const computable = (e: Expr): boolean => (inside ??= readsInside(program, shapes, s))(e);
    const inRange = (x: Expr, { extent }: Index): boolean => provablyInside(x, extent, s);
    const { body, sums } = withSumsApart(stage, kept, computable, inRange, nameFor);
    const parted = [...sums, sums.length > 0 ? { ...stage, body: s.simplify(body) } : stage];
    kept.push(...parted);
    for (const [name, shape] of shapesOf(program, parted)) shapes.set(name, shape);
  };
  const inlined = new Map<string, Definition>();
  const isLong = (body: Expr, name: string): boolean => {
    const size = writtenSize(body);
    return size > mostInlined || (size > mostRepeated && size * readsOf(name, program) > mostInlined);
  };
  for (const [n, definition] of program.definitions.entries()) {
    const s = algebraFor(definition.name);
    const body = s.simplify(inline(definition.body, inlined));
    const stage = { ...definition, body };
    const last = n === program.definitions.length - 1;
    if (last || keep.has(definition.name) || anywhere(body, contracts) || isLong(body, definition.name))
      keepWithSums(stage, s);
    else inlined.set(definition.name, stage);
  }
  return { kept, inlined: [...inlined.values()] };
}

/**
 * A definition whose body takes more nodes than this to write out stays a stage, so that
 * a_1 = e^a_0·a_0, a_2 = e^a_1·a_1, … does not grow without bound.
 */
const mostInlined = 150;

/** One that is shorter may be written as often as it is read. */
const mostRepeated = 40;

/** How often a definition is read where the program is written out. */
function readsOf(name: string, { definitions }: Program): number {
  const known = new Map<Expr, number>();
  const count = (e: Expr): number => {
    let reads = known.get(e);
    if (reads === undefined) {
      reads = children(e).reduce((n, part) => n + count(part), e.kind === "read" && e.name === name ? 1 : 0);
      known.set(e, reads);
    }
    return reads;
  };
  return definitions.reduce((n, d) => n + count(d.body), 0);
}

/** Reads of inlined definitions replaced by their bodies. */
export function inline(e: Expr, definitions: ReadonlyMap<string, Definition>): Expr {
  const go = rewriting((e, go) => {
    const inner = rebuild(e, go);
    const definition = inner.kind === "read" ? definitions.get(inner.name) : undefined;
    return definition && inner.kind === "read" ? instance(definition, inner.at) : inner;
  });
  return go(e);
}
