/**
 * The detection table: how often checkers detect known mistakes, and how often they raise a
 * false alarm, measured on linear classifiers at several scales.
 */
import { bind } from "../bind.ts";
import { evaluate } from "../eval.ts";
import type { Program } from "../expr/program.ts";
import { output } from "../expr/program.ts";
import { double } from "../number/double.ts";
import { differentiate } from "../diff/differentiate.ts";
import { derivedGradients, inspectAt } from "./campaign.ts";
import { passes } from "./judge.ts";
import { mutantsOf, type Kind, type Mutant } from "./mutants/mutants.ts";
import { peers } from "./peers/peers.ts";
import type { Problem } from "./peers/problem.ts";
import type { Point } from "./point.ts";
import { Random } from "./random.ts";

/** Scales of data and weights. */
// prettier-ignore
export const scales = {
  ordinary:          { X: 1,    W: 1 },
  "X × 1e-5":        { X: 1e-5, W: 1 },
  "X × 1e5":         { X: 1e5,  W: 1 },
  "W = 1e-4·N(0,1)": { X: 1,    W: 1e-4 },
} as const;
export type ScaleName = keyof typeof scales;

export interface Sizes {
  readonly N: number;
  readonly D: number;
  readonly C: number;
}

export interface ClassifierOptions extends Sizes {
  readonly scale: ScaleName;
  readonly Delta: number;
  readonly reg: number;
}

/** A point of a linear classifier's loss: inputs X, W and y, and perhaps Delta and reg. */
export function classifierPoint(
  program: Program,
  random: Random,
  { N, D, C, scale, Delta, reg }: ClassifierOptions,
): Point {
  const normals = (count: number, factor: number): Float64Array =>
    Float64Array.from({ length: count }, () => factor * random.normal());
  const { X, W } = scales[scale];
  const all = {
    X: { shape: [N, D], data: normals(N * D, X) },
    W: { shape: [D, C], data: normals(D * C, W) },
    y: { shape: [N], data: Float64Array.from({ length: N }, () => random.int(0, C - 1)) },
    Delta,
    reg,
  };
  const binding = bind(
    program,
    Object.fromEntries(Object.entries(all).filter(([name]) => program.inputs.some((i) => i.name === name))),
  );
  return { program, binding, wrt: ["W"], upstream: undefined };
}

/** What others see: the loss as a function of W. */
export function problemAt({ program, binding }: Point): Problem {
  const { shape, data } = binding.arrays.get("W")!;
  const name = output(program).name;
  return {
    x: Float64Array.from(data),
    value: (x) =>
      evaluate(
        program.definitions,
        { ...binding, arrays: new Map([...binding.arrays, ["W", { shape, data: x }]]) },
        double,
      ).get(name)!.data[0]!,
  };
}

/** One gradient to be judged: a mutant's, or the right one. */
export interface Trial {
  readonly loss: string;
  readonly scale: ScaleName;
  readonly kind: Kind | "right";
  readonly mutant: string;
  readonly point: Point;
  readonly problem: Problem;
  readonly gradient: Float64Array;
  readonly seed: number;
  /** The step to replace a checker's own. */
  readonly step?: number;
}

/** Whether each checker let a trial pass, by the checker's name. */
export type Judgement = ReadonlyMap<string, boolean>;

/** A mistake that changes nothing here is none. */
const least = 1e-7;

/** Every mutant at seeded points of every scale, where it changes something. */
export function mutantTrials(
  losses: ReadonlyMap<string, Program>,
  seeds: number,
  sizes: Sizes,
): readonly Trial[] {
  return [...losses].flatMap(([loss, program]) => {
    const mutants = mutantsOf(program, ["W"]);
    const right = derivedGradients(differentiate(program, { wrt: ["W"] }));
    return (Object.keys(scales) as ScaleName[]).flatMap((scale) =>
      Array.from({ length: seeds }, (_, n) => n + 1).flatMap((seed) => {
        const point = classifierPoint(program, new Random(seed), { ...sizes, scale, Delta: 1, reg: 0.1 });
        const problem = problemAt(point);
        const base = Float64Array.from(right(point).get("W")!.data);
        const trial = (kind: Trial["kind"], mutant: string, gradient: Float64Array): Trial => ({
          loss,
          scale,
          kind,
          mutant,
          point,
          problem,
          gradient,
          seed,
        });
        return [
          trial("right", "none", base),
          ...mutants.flatMap((mutant) =>
            mutated(mutant, point, base).map((g) => trial(mutant.kind, mutant.name, g)),
          ),
        ];
      }),
    );
  });
}

function mutated({ gradients, kind }: Mutant, point: Point, base: Float64Array): readonly Float64Array[] {
  const claim = gradients(point).get("W");
  if (claim === undefined || claim.data.length !== base.length) return [];
  const gradient = Float64Array.from(claim.data);
  if (!gradient.every(Number.isFinite)) return []; // nobody lets that pass
  const most = base.reduce((m, g) => Math.max(m, Math.abs(g)), 0);
  const differs = gradient.some(
    (g, n) => !(Math.abs(g - base[n]!) <= (kind === "rounding" ? 1e-9 : least) * most),
  );
  return differs || kind === "equivalent" ? [gradient] : [];
}

/** Right gradients of a loss over margins and steps. */
export function alarmTrials(
  loss: string,
  program: Program,
  deltas: readonly number[],
  steps: readonly number[],
  seeds: number,
  sizes: Sizes,
): readonly Trial[] {
  const right = derivedGradients(differentiate(program, { wrt: ["W"] }));
  return deltas.flatMap((Delta) =>
    Array.from({ length: seeds }, (_, n) => n + 1).flatMap((seed) => {
      const point = classifierPoint(program, new Random(seed), {
        ...sizes,
        scale: "ordinary",
        Delta,
        reg: 0.1,
      });
      const problem = problemAt(point);
      const gradient = Float64Array.from(right(point).get("W")!.data);
      return steps.map((step): Trial => ({
        loss,
        scale: "ordinary",
        kind: "right",
        mutant: `Delta = ${Delta}`,
        point,
        problem,
        gradient,
        seed,
        step,
      }));
    }),
  );
}

export const ours = "dscore";

/** What our checker and the re-written peers say. `inconclusive` counts against ours: it is neither a detection nor a pass. */
export function judge({ point, problem, gradient, seed, step, kind }: Trial): Judgement {
  const { shape } = point.binding.arrays.get("W")!;
  const { verdict } = inspectAt(point, new Map([["W", { shape, data: gradient }]]));
  const own = isRight(kind) ? passes(verdict) : verdict !== "bug" && verdict !== "artefact";
  return new Map([
    ...peers.map((peer) => [peer.name, peer.passes(problem, gradient, new Random(seed), step)] as const),
    [ours, own],
  ]);
}

/** Whether a gradient of this kind must pass. */
export const isRight = (kind: Trial["kind"]): boolean => kind === "right" || kind === "equivalent";

/** A share of trials, as a row of a table. */
export interface Rate {
  readonly trials: number;
  /** How many did not pass, by checker. */
  readonly failed: Readonly<Record<string, number>>;
}

export function rate(judgements: readonly Judgement[]): Rate {
  const failed: Record<string, number> = {};
  for (const judgement of judgements)
    for (const [name, passed] of judgement) failed[name] = (failed[name] ?? 0) + (passed ? 0 : 1);
  return { trials: judgements.length, failed };
}
