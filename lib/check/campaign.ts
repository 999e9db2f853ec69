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
import { inspect, quickVerdict, type Claim } from "./check.ts";
import { coverage, mergeCoverage, unvisited } from "./coverage.ts";
import { order, passes, worst, type Judged, type Verdict } from "./judge.ts";
import type { Point } from "./point.ts";
import { aimedPoint, type PointOptions } from "./points.ts";
import { Random } from "./random.ts";
import type { GuardCoverage, Report } from "./report.ts";

/** The gradients claimed at a point. */
export type Gradients = (point: Point) => ReadonlyMap<string, Claim>;

/** A share from 0 to 1, and the seed of the point where it is. */
export interface Nearest {
  readonly share: number;
  readonly seed: number;
}

export interface Campaign {
  readonly points: number;
  /** Of each point, the worst verdict on what is finite in the gradient under test. */
  readonly verdicts: Readonly<Record<Verdict, number>>;
  /** Points at which the gradient under test is not finite somewhere although there is a gradient there: wrong. */
  readonly notFinite: number;
  /** Points at which neither that gradient nor the checker has a finite value for some coordinate: outside the domain. */
  readonly noGradient: number;
  /** How near a gradient that passed has come to failing: the greatest share of its room that an error has used up. */
  readonly nearest: Nearest;
  /** The first points that did not pass. */
  readonly failures: readonly { readonly seed: number; readonly report: Report; readonly point: Point }[];
  readonly guards: readonly GuardCoverage[];
  readonly milliseconds: number;
}

/** Failures kept to look at. */
const kept = 5;

/** Guards are counted up after so many points. */
const batch = 64;

/** Checks gradients at aimed points with seeds `seed`, `seed` + 1, …: each is reproduced by its own seed. */
export function campaign(
  program: Program,
  gradients: Gradients,
  points: number,
  seed: number,
  options: PointOptions = {},
): Campaign {
  const started = performance.now();
  const verdicts = noVerdicts();
  const failures: { seed: number; report: Report; point: Point }[] = [];
  let parts: (readonly GuardCoverage[])[] = [];
  let [notFinite, noGradient] = [0, 0];
  let nearest: Nearest = { share: 0, seed };
  for (let n = 0; n < points; n++) {
    const point = aimedPoint(program, new Random(seed + n), options);
    const claimed = gradients(point);
    const found = verdictAt(point, claimed);
    verdicts[found.verdict]++;
    if (found.notFinite) notFinite++;
    if (found.noGradient) noGradient++;
    if (found.share > nearest.share) nearest = { share: found.share, seed: seed + n };
    parts.push(found.guards);
    if (parts.length === batch) parts = [mergeCoverage(parts)];
    if (failures.length < kept && (!passes(found.verdict) || found.notFinite))
      failures.push({ seed: seed + n, report: inspectAt(point, claimed), point });
  }
  const guards = mergeCoverage(parts);
  const milliseconds = performance.now() - started;
  return { points, verdicts, notFinite, noGradient, nearest, failures, guards, milliseconds };
}

const noVerdicts = (): Record<Verdict, number> => ({
  correct: 0,
  "correct-at-kink": 0,
  inconclusive: 0,
  artefact: 0,
  bug: 0,
});

function verdictAt(
  point: Point,
  gradients: ReadonlyMap<string, Claim>,
): {
  verdict: Verdict;
  notFinite: boolean;
  noGradient: boolean;
  share: number;
  guards: readonly GuardCoverage[];
} {
  const claimed = Float64Array.from([...gradients.values()].flatMap(({ data }) => Array.from(data)));
  const wrt = [...gradients.keys()];
  const same = wrt.length === point.wrt.length && wrt.every((name, n) => name === point.wrt[n]);
  const { verdict, judged, traced } = quickVerdict(same ? point : { ...point, wrt }, claimed);
  const guards = coverage(traced);
  const share = shareUsed(judged, claimed);
  if (claimed.every(Number.isFinite)) return { verdict, notFinite: false, noGradient: false, share, guards };
  const of = (finite: boolean): Verdict[] =>
    judged.filter((_, c) => Number.isFinite(claimed[c]!) === finite).map((j) => j.verdict);
  const others = of(false);
  return {
    verdict: worst(of(true)),
    notFinite: others.some((v) => v !== "inconclusive"),
    noGradient: others.includes("inconclusive"),
    share,
    guards,
  };
}

/** The greatest share of its slack that a coordinate uses up, of those that are right and have one right value. */
function shareUsed(judged: readonly Judged[], claimed: Float64Array): number {
  let most = 0;
  for (let c = 0; c < judged.length; c++) {
    const { verdict, expected, slack } = judged[c]!;
    const gap = Math.abs(claimed[c]! - expected[0]);
    if (verdict === "correct" && expected[0] === expected[1] && gap > most * slack) most = gap / slack;
  }
  return most;
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

/** What a campaign counts, without the points themselves: what threads send to each other. */
export interface Tally extends Omit<Campaign, "failures"> {
  readonly failures: readonly {
    readonly seed: number;
    readonly verdict: Verdict;
    readonly reason: string | undefined;
  }[];
}

export const tally = ({ failures, ...counts }: Campaign): Tally => ({
  ...counts,
  failures: failures.map(({ seed, report: { verdict, reason } }) => ({ seed, verdict, reason })),
});

/** Campaigns over seeds that follow one another are one: the same, however it was divided. */
export function together(parts: readonly Tally[]): Tally {
  const sum = (of: (part: Tally) => number): number => parts.reduce((total, part) => total + of(part), 0);
  const verdicts = noVerdicts();
  for (const verdict of order) verdicts[verdict] = sum((p) => p.verdicts[verdict]);
  return {
    points: sum((p) => p.points),
    verdicts,
    notFinite: sum((p) => p.notFinite),
    noGradient: sum((p) => p.noGradient),
    nearest: parts.reduce((best, p) => (p.nearest.share > best.share ? p.nearest : best), parts[0]!.nearest),
    failures: parts.flatMap((p) => p.failures).slice(0, kept),
    guards: mergeCoverage(parts.map((p) => p.guards)),
    milliseconds: sum((p) => p.milliseconds),
  };
}

/** One line of the table. */
export function summary(
  name: string,
  { points, verdicts, notFinite, noGradient, guards, milliseconds }: Omit<Campaign, "failures">,
): string {
  const counts = order.map((v) => `${v} ${verdicts[v]}`).join("  ");
  const unseen = unvisited(guards).map(({ guard, side }) => `${guard} ${side}`);
  const open = unseen.length === 0 ? "" : `  never visited: ${unseen.join(", ")}`;
  return `${name.padEnd(20)} ${points} points  ${counts}  not finite ${notFinite}  no gradient ${noGradient}  ${(milliseconds / points).toFixed(2)} ms each${open}`;
}

/** The campaign of one program with the gradients that dscore derives. */
export const ownCampaign = (
  program: Program,
  points: number,
  seed: number,
  options: PointOptions = {},
): Campaign => campaign(program, derivedGradients(differentiate(program)), points, seed, options);
