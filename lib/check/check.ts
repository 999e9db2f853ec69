/**
 * The gradient checker: is this the gradient of that program at this point?
 *
 * The verdict rests on the checker's own derivative of a traced evaluation, with its own
 * error analysis; difference quotients stand beside it as evidence, and where a kink or a
 * wrong coordinate decides, many digits must agree.
 */
import { bind, type Given } from "../bind.ts";
import type { Binding, Tensor } from "../binding.ts";
import { UserError } from "../errors.ts";
import { evaluate } from "../eval.ts";
import { output, type Program } from "../expr/program.ts";
import { double } from "../number/double.ts";
import { coverage } from "./coverage.ts";
import { directionalEvidence, gather, type Evidence } from "./evidence.ts";
import { localModel, type Local } from "./gates.ts";
import { judge, passes, worst, type Judged, type Verdict } from "./judge.ts";
import { guardOf } from "./label.ts";
import { moved, outputShape, positionIn, refuseShape, type Point } from "./point.ts";
import { Random } from "./random.ts";
import { Replayer } from "./replay.ts";
import type { CoordinateReport, GradientReport, Report, WitnessReport } from "./report.ts";
import { judgeBySamples } from "./sampled.ts";
import { subdifferential } from "./subdifferential.ts";
import { trace, type Trace } from "./trace.ts";
import { witness } from "./witness.ts";

/** An array as it is claimed: row-major values of a shape; a scalar has the shape []. */
export interface Claim {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

export interface CheckOptions {
  /** The point, bound or as given. */
  readonly at: Given | Binding;
  /** The gradients claimed, by the input they are gradients of. */
  readonly gradients: ReadonlyMap<string, Claim> | Readonly<Record<string, Claim>>;
  /** For a layer, the gradient by its output; taken from `d<output>` in `at` when it is there. */
  readonly upstream?: Claim;
  /** `conservative` also passes what rules applied one by one may return at a kink. */
  readonly accept?: "clarke" | "conservative";
  /** Of the random direction, the sampled coordinates and the cell that the second witness looks at. */
  readonly seed?: number;
  /** How many coordinates to check; all when absent. */
  readonly coordinates?: number;
  /** Whether to compute difference quotients. The verdict does not need them. */
  readonly numeric?: boolean;
  /** Whether to say what a difference with a fixed step would show at each coordinate: 2 evaluations more for each. */
  readonly explain?: boolean;
  /** The fixed step. */
  readonly step?: number;
  /** How many coordinates the second witness compares. */
  readonly confirm?: number;
}

/** Everything that is known of a point before the witness is heard. */
interface Inspection {
  readonly point: Point;
  readonly trace: Trace;
  readonly local: Local;
  readonly judged: readonly Judged[];
  readonly report: Report;
  /** Coordinates to confirm, the most doubtful first; none where the local model was of no use. */
  readonly doubtful: readonly number[];
}

/** The verdict without the second witness: at once, and what `check` adds to. */
export const inspect = (program: Program, options: CheckOptions): Report => inspection(program, options).report;

/**
 * Checks claimed gradients of a program at a point.
 *
 * @throws UserError when the point does not fit the program, or a gradient its input.
 */
export async function check(program: Program, options: CheckOptions): Promise<Report> {
  const started = performance.now();
  const { point, trace, local, judged, report, doubtful } = inspection(program, options);
  const wanted = Math.min(options.confirm ?? 3, doubtful.length);
  if (wanted === 0) return report;
  const chosen = doubtful.slice(0, wanted).filter((c) => judged[c]!.verdict !== "inconclusive");
  if (chosen.length === 0) return report;
  const heard = await witness(point, trace, local, chosen, report.seed);
  const milliseconds = report.cost.milliseconds + performance.now() - started;
  const cost = { ...report.cost, milliseconds };
  if (typeof heard === "string") return { ...report, cost, reason: report.reason ?? `not confirmed by a second witness: ${heard}` };
  return withWitness({ ...report, cost: { ...cost, precise: 2 * heard.compared } }, heard);
}

function withWitness(report: Report, heard: WitnessReport): Report {
  if (heard.agrees) return { ...report, witness: heard };
  const reason = "the witnesses disagree: the slope by the tape and the difference quotient with many digits are not the same";
  return { ...report, verdict: "inconclusive", reason, witness: heard };
}

function inspection(program: Program, options: CheckOptions): Inspection {
  const started = performance.now();
  const seed = options.seed ?? 1;
  const claims = new Map(options.gradients instanceof Map ? options.gradients : Object.entries(options.gradients));
  const point = pointOf(program, options, [...claims.keys()]);
  const traced = trace(program, point.binding, point.wrt, point.upstream);
  const gradient = flatten(point, claims);
  const local = localModel(traced);
  const { followed, judged } = verdicts(point, traced, local, gradient, seed, options.accept ?? "clarke");
  const chosen = chooseCoordinates(traced, options.coordinates, seed);
  const evidence = options.numeric === false ? undefined : numericEvidence(point, traced, local, judged, gradient, chosen, options, seed);
  const gradients = new Map<string, GradientReport>();
  for (const block of traced.blocks) {
    const coordinates = chosen
      .filter((c) => c >= block.from && c < block.from + block.size)
      .map((c) => coordinateReport(traced, block, c, gradient[c]!, judged[c]!, evidence?.coordinates.get(c)));
    gradients.set(block.name, { verdict: worst(coordinates.map((c) => c.verdict)), shape: block.shape, coordinates });
  }
  const { verdict, reason } = overall(point, traced, local, chosen.map((c) => judged[c]!));
  const report: Report = {
    verdict,
    ...(reason === undefined ? {} : { reason }),
    value: traced.tape.value[traced.root]!,
    gradients,
    ...(evidence?.directional && { directional: evidence.directional }),
    guards: coverage(traced),
    cost: { evaluations: evidence?.evaluations ?? 0, precise: 0, milliseconds: performance.now() - started },
    seed,
    ...(chosen.length < traced.n && { detection: { coordinates: chosen.length, of: traced.n } }),
  };
  return { point, trace: traced, local, judged, report, doubtful: followed ? doubtful(local, judged, chosen, evidence) : [] };
}

function pointOf(program: Program, { at, upstream }: CheckOptions, wrt: readonly string[]): Point {
  const out = output(program);
  const name = `d${out.name}`;
  const isBinding = (at: Given | Binding): at is Binding => "sizes" in at && at["arrays"] instanceof Map;
  const isLayer = out.indices.length > 0;
  const known = new Set(program.inputs.map((i) => i.name));
  const binding = isBinding(at) ? at : bind(program, at, { allowExtra: isLayer && !known.has(name) });
  for (const input of wrt) {
    const found = program.inputs.find((i) => i.name === input);
    const reals = program.inputs.filter((i) => i.type === "real").map((i) => i.name);
    if (found?.type !== "real")
      throw new UserError(`${input} is not a real input of the program; there are ${reals.join(", ") || "none"}`);
  }
  const wanted = outputShape(program, binding);
  if (wanted === undefined) return { program, binding, wrt, upstream: undefined };
  const given = upstream ?? (isBinding(at) ? undefined : asClaim(at[name], wanted));
  if (given === undefined)
    throw new UserError(`${out.name} is a layer: its gradients need ${name}, the gradient by ${out.name}`, {
      fix: `give ${name} beside the inputs, with the shape [${wanted.join(", ")}]`,
    });
  refuseShape(name, given, wanted);
  return { program, binding, wrt, upstream: { shape: wanted, data: Float64Array.from(given.data) } };
}

/** Nested arrays or `{shape, data}` as numbers in row-major order. */
function asClaim(value: unknown, wanted: readonly number[]): Claim | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "object" && value !== null && "data" in value && "shape" in value)
    return value as Claim;
  const data = (Array.isArray(value) ? value.flat(Infinity) : [value]).map(Number);
  return { shape: wanted, data };
}

function flatten({ wrt, binding }: Point, claims: ReadonlyMap<string, Claim>): Float64Array {
  const all: number[] = [];
  for (const name of wrt) {
    const claim = claims.get(name)!;
    refuseShape(`the gradient by ${name}`, claim, (binding.arrays.get(name) as Tensor).shape);
    for (let n = 0; n < claim.data.length; n++) all.push(claim.data[n]!);
  }
  return Float64Array.from(all);
}

/** `followed`: the local model tells the whole truth; else the verdict comes from neighbours. */
function verdicts(
  point: Point,
  traced: Trace,
  local: Local,
  gradient: Float64Array,
  seed: number,
  accept: string,
): { followed: boolean; judged: Judged[] } {
  const right = subdifferential(local);
  const finite = right.slope.every(Number.isFinite) && right.slack.every(Number.isFinite);
  const followed = local.obstacles.length === 0 && finite;
  const judged = followed ? judge(right, local, gradient) : judgeBySamples(point, traced, gradient, seed);
  if (accept !== "conservative") return { followed, judged };
  const lenient = judged.map((j): Judged => (j.verdict === "artefact" ? { ...j, verdict: "correct-at-kink" } : j));
  return { followed, judged: lenient };
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

interface AllEvidence {
  readonly coordinates: ReadonlyMap<number, Evidence>;
  readonly directional: Report["directional"];
  readonly evaluations: number;
}

function numericEvidence(
  point: Point,
  traced: Trace,
  local: Local,
  judged: readonly Judged[],
  gradient: Float64Array,
  chosen: readonly number[],
  options: CheckOptions,
  seed: number,
): AllEvidence {
  const replayer = new Replayer(traced);
  const directional = directionalEvidence(point, traced, replayer, judged, gradient, seed);
  const far = (values: Float64Array): number => {
    const beside = moved(point, values);
    const again = trace(beside.program, beside.binding, beside.wrt, beside.upstream);
    return again.tape.value[again.root]!;
  };
  const plain = options.explain === true ? (options.step ?? 1e-5) : undefined;
  const { found, runs } = gather(point, traced, replayer, local, judged, chosen, plain, far, seed);
  return { coordinates: found, directional: directional.report, evaluations: directional.runs + runs };
}

function coordinateReport(
  traced: Trace,
  block: Trace["blocks"][number],
  c: number,
  analytic: number,
  { verdict, expected, slack, reason }: Judged,
  evidence: Evidence | undefined,
): CoordinateReport {
  return {
    at: positionIn(block.shape, c - block.from),
    verdict,
    ...(reason === undefined ? {} : { reason }),
    analytic,
    expected,
    slack,
    ...evidence?.numbers,
    ...(evidence?.kink && { kink: { ...guardOf(traced, evidence.kink.node), ...evidence.kink.sides } }),
    ...(evidence?.plain && {
      plain: {
        step: evidence.plain.step,
        numeric: evidence.plain.numeric,
        ...(evidence.plain.label && { label: evidence.plain.label }),
        ...(evidence.plain.straddled.length > 0 && {
          straddled: evidence.plain.straddled.map(({ node, distance }) => ({ ...guardOf(traced, node), distance })),
        }),
      },
    }),
  };
}

function overall({ program, binding, upstream }: Point, { tape, root }: Trace, local: Local, judged: readonly Judged[]): { verdict: Verdict; reason: string | undefined } {
  const verdict = worst(judged.map((j) => j.verdict));
  const decisive = judged.find((j) => j.verdict === verdict && j.reason !== undefined);
  if (tape.work > mostReference) return { verdict, reason: decisive?.reason };
  const data = evaluate(program.definitions, binding, double).get(output(program).name)!.data;
  const value = upstream === undefined ? data[0]! : data.reduce((sum, x, n) => sum + x * upstream.data[n]!, 0);
  const gap = Math.abs(value - tape.value[root]!);
  const same = Object.is(value, tape.value[root]!) || gap <= 4 * tape.error[root]! + Number.MIN_VALUE;
  if (same || local.obstacles.length > 0) return { verdict, reason: decisive?.reason };
  return { verdict: "inconclusive", reason: `the checker's evaluation gives ${tape.value[root]}, the reference ${value}` };
}

/** Larger programs are not evaluated a second time to compare values. */
const mostReference = 20_000_000;

/** Where the second witness is to look: at what is wrong, at what contradicts its numeric value, at kinks. */
function doubtful(local: Local, judged: readonly Judged[], chosen: readonly number[], evidence: AllEvidence | undefined): number[] {
  const rank = (c: number): number => {
    const { verdict } = judged[c]!;
    if (!passes(verdict)) return 0;
    if (evidence?.coordinates.get(c)?.contradicts === true) return 1;
    return verdict === "correct-at-kink" || local.gates.length > 0 ? 2 : 3;
  };
  return chosen
    .map((c) => ({ c, rank: rank(c) }))
    .filter(({ rank }) => rank < 3)
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ c }) => c);
}
