/**
 * The gradient checker: is this the gradient of that program at this point?
 *
 * The verdict rests on the checker's own derivative of a traced evaluation, with its own
 * error analysis; difference quotients stand beside it as evidence, and where a kink or a
 * wrong coordinate decides, many digits must agree.
 */
import { evaluate } from "../eval.ts";
import { output, type Program } from "../expr/program.ts";
import { double } from "../number/double.ts";
import { coverage } from "./coverage.ts";
import { judgeByDigits } from "./digits.ts";
import { Evidences, type Evidence, type Examined } from "./evidence.ts";
import { explained } from "./explain.ts";
import { localModelOf } from "./gates.ts";
import { judge, passes, withArtefacts, worst, type Judged, type Verdict } from "./judge.ts";
import type { Point } from "./point.ts";
import { gradientReports } from "./present.ts";
import { Random } from "./random.ts";
import type { Report, WitnessReport } from "./report.ts";
import { pointAndGradient, type CheckOptions } from "./request.ts";
import { judgeBySamples, jump, jumping } from "./sampled.ts";
import { isFinite, subdifferentialOf } from "./subdifferential.ts";
import { trace, traceAt, type Trace } from "./trace.ts";
import { witness } from "./witness.ts";

export type { CheckOptions, Claim } from "./request.ts";

/** The fixed step that is explained unless another is asked for: the one that people use. */
const usualStep = 1e-5;

/** The verdict without the second witness: at once, and what `check` adds to. */
export const inspect = (program: Program, options: CheckOptions): Report =>
  inspection(program, options).report;

/**
 * Checks claimed gradients of a program at a point.
 *
 * @throws UserError when the point does not fit the program, or a gradient its input.
 */
export async function check(program: Program, options: CheckOptions): Promise<Report> {
  const started = performance.now();
  const inspected = inspection(program, options);
  const { examined, doubtful } = inspected;
  const report = await byDigits(inspected);
  const chosen = doubtful.slice(0, options.confirm ?? 3);
  if (chosen.length === 0) return report;
  const { point, traced, local, seed } = examined;
  const heard = await witness(point, traced, local, chosen, seed);
  const cost = { ...report.cost, milliseconds: performance.now() - started };
  if (typeof heard !== "string")
    return withWitness({ ...report, cost: { ...cost, precise: 2 * heard.compared } }, heard);
  return { ...report, cost, reason: report.reason ?? `not confirmed by a second witness: ${heard}` };
}

/** The report, by many digits alone where doubles have no finite value or slope to go by. */
async function byDigits({ examined, report, chosen, found }: Inspection): Promise<Report> {
  const { point, traced, local, gradient, seed } = examined;
  const finite = isFinite(subdifferentialOf(local)) && Number.isFinite(report.value);
  if (report.verdict !== "inconclusive" || finite) return report;
  const judged = await judgeByDigits(point, traced, gradient, seed);
  if (typeof judged === "string") return report;
  const { verdict, reason } = decisive(chosen.map((c) => judged[c]!));
  const { reason: _, ...rest } = report;
  return {
    ...rest,
    verdict,
    ...(reason !== undefined && { reason }),
    gradients: gradientReports(traced, gradient, judged, chosen, found),
  };
}

function withWitness(report: Report, heard: WitnessReport): Report {
  if (heard.agrees) return { ...report, witness: heard };
  const reason =
    "the witnesses disagree: the slope by the tape and the difference quotient with many digits are not the same";
  return { ...report, verdict: "inconclusive", reason, witness: heard };
}

/** The verdict of the first witness, on the whole and on each coordinate, without anything to read. */
export interface Quick {
  readonly verdict: Verdict;
  readonly judged: readonly Judged[];
  readonly traced: Trace;
}

/** The verdict at a point on gradients by all of its coordinates, one after the other: for looking at many points. */
export function quickVerdict(point: Point, gradient: Float64Array, seed = 1): Quick {
  const traced = traceAt(point);
  const local = localModelOf(traced);
  const { followed, judged } = verdicts({ point, traced, local, gradient, seed }, "clarke");
  return { ...overall(point, traced, judged, followed), judged, traced };
}

/** Everything before the second witness is heard. */
interface Inspection {
  readonly examined: Examined;
  readonly report: Report;
  /** The coordinates that are reported, and what was measured there. */
  readonly chosen: readonly number[];
  readonly found: ReadonlyMap<number, Evidence>;
  /** Coordinates to confirm, the most doubtful first; none where the local model was of no use. */
  readonly doubtful: readonly number[];
}

function inspection(program: Program, options: CheckOptions): Inspection {
  const started = performance.now();
  const { point, gradient } = pointAndGradient(program, options);
  const seed = options.seed ?? 1;
  const traced = trace(program, point.binding, point.wrt, point.upstream);
  const local = localModelOf(traced);
  const unexamined = { point, traced, local, gradient, seed };
  const { followed, judged } = verdicts(unexamined, options.accept ?? "clarke");
  const examined = { ...unexamined, judged };
  const chosen = chooseCoordinates(traced, options.coordinates, seed);
  const evidences = options.numeric === false ? undefined : new Evidences(examined);
  const directional = evidences?.directional();
  const step = options.explain === true ? (options.step ?? usualStep) : undefined;
  const found = evidences?.gather(chosen, step) ?? new Map<number, Evidence>();
  const asked = chosen.map((c) => judged[c]!);
  const whole = overall(point, traced, asked, followed);
  const reason = explained(whole.verdict, whole.reason, asked, traced);
  const report: Report = {
    verdict: whole.verdict,
    ...(reason !== undefined && { reason }),
    value: traced.tape.value[traced.root]!,
    gradients: gradientReports(traced, gradient, judged, chosen, found),
    ...(directional && { directional }),
    guards: coverage(traced),
    cost: { evaluations: evidences?.evaluations ?? 0, precise: 0, milliseconds: performance.now() - started },
    seed,
    ...(chosen.length < traced.n && { detection: { coordinates: chosen.length, of: traced.n } }),
  };
  return { examined, report, chosen, found, doubtful: followed ? doubtful(examined, chosen, found) : [] };
}

/** `followed`: the local model tells the whole truth; else the verdict comes from neighbours. */
function verdicts(
  { point, traced, local, gradient, seed }: Omit<Examined, "judged">,
  accept: "clarke" | "conservative",
): { followed: boolean; judged: Judged[] } {
  const right = subdifferentialOf(local);
  const value = traced.tape.value[traced.root]!;
  const followed = local.obstacles.length === 0 && Number.isFinite(value) && isFinite(right);
  const judged = followed ? judge(right, local, gradient) : judgeBesideJumps(point, traced, gradient, seed);
  if (accept === "clarke") return { followed, judged };
  const lenient = judged.map((j): Judged =>
    j.verdict === "artefact" ? { ...j, verdict: "correct-at-kink" } : j,
  );
  return { followed, judged: lenient };
}

/** How many coordinates are moved one by one to find those by which the value jumps. */
const mostMoved = 256;

/** Where the value jumps by some coordinates, the slopes by the others are judged with those held. */
function judgeBesideJumps(point: Point, traced: Trace, gradient: Float64Array, seed: number): Judged[] {
  const sampled = judgeBySamples(point, traced, gradient, seed);
  const judged = withArtefacts(sampled, localModelOf(traced), gradient);
  if (point.held !== undefined || !judged.some((j) => j.reason === jump)) return judged;
  const held = jumping(point, traced, mostMoved);
  if (held.size === 0 || held.size === traced.n) return judged;
  const still = { ...point, held };
  const there = traceAt(still);
  const rest = { point: still, traced: there, local: localModelOf(there), gradient, seed };
  const others = verdicts(rest, "clarke").judged;
  return judged.map((j, c) => (held.has(c) ? j : others[c]!));
}

/** All coordinates, or so many, from each array in proportion to its size. */
function chooseCoordinates({ n, blocks }: Trace, wanted: number | undefined, seed: number): number[] {
  const all = Array.from({ length: n }, (_, c) => c);
  if (wanted === undefined || wanted >= n) return all;
  const random = new Random(seed);
  return blocks.flatMap(({ from, size }) => {
    const share = Math.min(size, Math.ceil((wanted * size) / n));
    const left = all.slice(from, from + size);
    for (let k = 0; k < share; k++) {
      const other = random.int(k, size - 1);
      [left[k], left[other]] = [left[other]!, left[k]!];
    }
    return left.slice(0, share).toSorted((a, b) => a - b);
  });
}

/** Larger programs are not evaluated a second time to compare values. */
const mostReference = 20_000_000;

/** The worst verdict and its reason, unless the reference evaluator gives another value than the tape. */
function overall(
  point: Point,
  { tape, root }: Trace,
  judged: readonly Judged[],
  followed: boolean,
): { verdict: Verdict; reason?: string } {
  const own = tape.value[root]!;
  if (followed && tape.work <= mostReference) {
    const reference = referenceValue(point);
    if (!(Math.abs(reference - own) <= 4 * tape.error[root]! + Number.MIN_VALUE))
      return {
        verdict: "inconclusive",
        reason: `the checker's evaluation gives ${own}, the reference ${reference}`,
      };
  }
  return decisive(judged);
}

/** The worst verdict, with the first reason that is given for it. */
function decisive(judged: readonly Judged[]): { verdict: Verdict; reason?: string } {
  const verdict = worst(judged.map((j) => j.verdict));
  const reason = judged.find((j) => j.verdict === verdict && j.reason !== undefined)?.reason;
  return reason === undefined ? { verdict } : { verdict, reason };
}

function referenceValue({ program, binding, upstream }: Point): number {
  const { data } = evaluate(program.definitions, binding, double).get(output(program).name)!;
  return upstream === undefined ? data[0]! : data.reduce((sum, x, n) => sum + x * upstream.data[n]!, 0);
}

/** Where the second witness is to look: at what is wrong, at what contradicts its numeric value, at kinks. */
function doubtful(
  { judged, local }: Examined,
  chosen: readonly number[],
  found: ReadonlyMap<number, Evidence>,
): number[] {
  const rank = (c: number): number => {
    if (!passes(judged[c]!.verdict)) return 0;
    if (found.get(c)?.contradicts === true) return 1;
    return local.gates.length > 0 ? 2 : 3;
  };
  return chosen
    .filter((c) => rank(c) < 3 && judged[c]!.verdict !== "inconclusive")
    .map((c) => ({ c, rank: rank(c) }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ c }) => c);
}
