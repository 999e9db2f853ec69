/**
 * A campaign: many aimed points, at each of which a gradient must pass.
 *
 * `spec/check/campaign.ts` runs one for every loss of the catalogue and prints a table.
 */
import { evaluate } from "../eval.ts";
import { differentiate } from "../diff/differentiate.ts";
import type { Derivation } from "../diff/derivation.ts";
import { output, type Program } from "../expr/program.ts";
import { double } from "../number/double.ts";
import { inspect, type Claim } from "./check.ts";
import { mergeCoverage, unvisited } from "./coverage.ts";
import { order, passes, type Verdict } from "./judge.ts";
import type { Point } from "./point.ts";
import { aimedPoint, type PointOptions } from "./points.ts";
import { Random } from "./random.ts";
import type { GuardCoverage, Report } from "./report.ts";

/** The gradients claimed at a point. */
export type Gradients = (point: Point) => ReadonlyMap<string, Claim>;

export interface Campaign {
  readonly points: number;
  readonly verdicts: Readonly<Record<Verdict, number>>;
  /** Points at which the gradient under test was not finite itself: no alarm there is false. */
  readonly notFinite: number;
  /** The first points that did not pass. */
  readonly failures: readonly { readonly seed: number; readonly report: Report; readonly point: Point }[];
  readonly guards: readonly GuardCoverage[];
  readonly milliseconds: number;
}

/** Failures kept to look at. */
const kept = 5;

/** Checks gradients at aimed points with seeds `seed`, `seed` + 1, …: each is reproduced by its own seed. */
export function campaign(
  program: Program,
  gradients: Gradients,
  points: number,
  seed: number,
  options: PointOptions = {},
): Campaign {
  const started = performance.now();
  const verdicts: Record<Verdict, number> = {
    correct: 0,
    "correct-at-kink": 0,
    inconclusive: 0,
    artefact: 0,
    bug: 0,
  };
  const failures: { seed: number; report: Report; point: Point }[] = [];
  let guards: GuardCoverage[] = [];
  let notFinite = 0;
  for (let n = 0; n < points; n++) {
    const point = aimedPoint(program, new Random(seed + n), options);
    const claimed = gradients(point);
    const report = inspectAt(point, claimed);
    if (![...claimed.values()].every(({ data }) => Array.from(data).every(Number.isFinite))) {
      notFinite++;
      continue;
    }
    verdicts[report.verdict]++;
    guards = mergeCoverage([guards, report.guards]);
    if (!passes(report.verdict) && failures.length < kept) failures.push({ seed: seed + n, report, point });
  }
  return { points, verdicts, notFinite, failures, guards, milliseconds: performance.now() - started };
}

/** The verdict on gradients at a point, by the first witness alone. */
export function inspectAt(point: Point, gradients: ReadonlyMap<string, Claim>): Report {
  return inspect(point.program, {
    at: point.binding,
    gradients,
    numeric: false,
    ...(point.upstream && { upstream: point.upstream }),
  });
}

/** The gradients that a derivation gives, evaluated as they stand. */
export function derivedGradients(derivation: Derivation): Gradients {
  const upstreamName = `d${output(derivation.program).name}`;
  return ({ binding, upstream }) => {
    const arrays = new Map(binding.arrays);
    if (upstream !== undefined) arrays.set(upstreamName, upstream);
    const values = evaluate(derivation.definitions, { ...binding, arrays }, double);
    return new Map([...derivation.gradients].map(([name, definition]) => [name, values.get(definition)!]));
  };
}

/** One line of the table. */
export function summary(
  name: string,
  { points, verdicts, notFinite, guards, milliseconds }: Campaign,
): string {
  const counts = order.map((v) => `${v} ${verdicts[v]}`).join("  ");
  const unseen = unvisited(guards).map(({ guard, side }) => `${guard} ${side}`);
  const open = unseen.length === 0 ? "" : `  never visited: ${unseen.join(", ")}`;
  return `${name.padEnd(20)} ${points} points  ${counts}  not finite ${notFinite}  ${(milliseconds / points).toFixed(2)} ms each${open}`;
}

/** The campaign of one program with the gradients that dscore derives. */
export const ownCampaign = (
  program: Program,
  points: number,
  seed: number,
  options: PointOptions = {},
): Campaign => campaign(program, derivedGradients(differentiate(program)), points, seed, options);
