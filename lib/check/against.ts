/**
 * Somebody's function against a definition: its value, then its gradients, at one point
 * or at many generated ones, and which known mistake it makes when it fails.
 */
import { evaluate } from "../eval.ts";
import { UserError } from "../errors.ts";
import { isLayer, output, type Program } from "../expr/program.ts";
import { double } from "../number/double.ts";
import { check, inspect, type Claim } from "./check.ts";
import { mergeCoverage } from "./coverage.ts";
import { diagnose, wrongOf, type Case } from "./diagnose.ts";
import type { Foreign } from "./foreign/foreign.ts";
import type { Outcome } from "./foreign/result.ts";
import { isWrong, order, passes, worst, type Verdict } from "./judge.ts";
import type { Point } from "./point.ts";
import { aim, offsets, randomPoint, regimes, type Regime } from "./points.ts";
import { Random } from "./random.ts";
import type { GuardCoverage, Report } from "./report.ts";
import { trace } from "./trace.ts";

export interface AgainstReport {
  readonly verdict: Verdict;
  readonly reason?: string;
  /** Where it fails worst; the only or first point when it passes. */
  readonly report: Report;
  /** The position of that point. */
  readonly worst: number;
  readonly points: number;
  readonly verdicts: Readonly<Record<Verdict, number>>;
  readonly guards: readonly GuardCoverage[];
  /** A value that differs, at the first point where it does. */
  readonly loss?: { readonly theirs: number; readonly ours: number; readonly point: number };
  /** The mistake whose gradient it is, in a sentence. */
  readonly diagnosis?: string;
  /** What was assumed. */
  readonly notes: readonly string[];
}

export interface AgainstOptions {
  readonly seed: number;
  /** Inputs whose gradients are checked; those that the function gives when absent. */
  readonly wrt?: readonly string[] | undefined;
  readonly accept?: "clarke" | "conservative";
}

/** Values of the scalars that a function does not take. */
export type Held = ReadonlyMap<string, number>;

/**
 * Generated points for a function: the scalars that it does not take are what they seem
 * to be in it, and guards are aimed at by moving what it takes.
 */
export async function pointsFor(
  program: Program,
  foreign: Foreign,
  count: number,
  seed: number,
): Promise<readonly Point[]> {
  const plain = (n: number, held: Held): Point =>
    drawn(program, foreign, new Random(seed + n), "ordinary", held);
  const held = await heldValues(program, foreign, plain);
  return Array.from({ length: count }, (_, n) => {
    // The first point is a plain one, so that a mistake shows where it is easiest to see.
    if (n === 0) return plain(0, held);
    const random = new Random(seed + n);
    let point = drawn(program, foreign, random, random.pick(regimes), held);
    for (let k = random.pick([0, 1, 1, 2]); k > 0; k--)
      point = aim(point, (c) => random.int(0, c - 1), random.pick(offsets));
    return point;
  });
}

function drawn(program: Program, { passed }: Foreign, random: Random, regime: Regime, held: Held): Point {
  const point = randomPoint(program, random, { regime });
  const arrays = new Map(point.binding.arrays);
  for (const [name, value] of held) arrays.set(name, { shape: [], data: Float64Array.of(value) });
  const wrt = point.wrt.filter((name) => passed.includes(name));
  return { ...point, binding: { ...point.binding, arrays }, wrt };
}

/** The scalars that a function does not take: 1 or 0 each, by the values that it gives; 1 when none of them agree. */
async function heldValues(
  program: Program,
  foreign: Foreign,
  plain: (n: number, held: Held) => Point,
): Promise<Held> {
  const { held } = foreign;
  const ones = new Map(held.map((name) => [name, 1]));
  if (held.length === 0 || held.length > 4 || isLayer(program)) return ones;
  const tries = [0, 1, 2];
  const outcomes = await foreign.at(tries.map((n) => plain(n, ones)));
  for (let code = 0; code < 2 ** held.length; code++) {
    const values = new Map(held.map((name, n) => [name, (code >> n) & 1 ? 0 : 1]));
    const points = tries.map((n) => plain(n, values));
    if (outcomes.every(({ value }) => value !== undefined) && differentLoss(points, outcomes) === undefined)
      return values;
  }
  return ones;
}

/** Relative differences of values from here on are not rounding. */
const valueMismatch = 1e-7;

/** Their order of operations is not ours: so many times our bound of rounding is allowed. */
const roundings = 16;

/** Coordinates for which a fixed step is explained. */
const mostExplained = 200;

export async function checkAgainst(
  foreign: Foreign,
  points: readonly Point[],
  options: AgainstOptions,
): Promise<AgainstReport> {
  const outcomes = await foreign.at(points);
  const reports = points.map((point, n) =>
    reportAt(point, chosenGradients(foreign, outcomes[n]!, options), options),
  );
  const at = reports.reduce(
    (worst, { verdict }, n) => (order.indexOf(verdict) > order.indexOf(reports[worst]!.verdict) ? n : worst),
    0,
  );
  const verdict = worst(reports.map((r) => r.verdict));
  const loss = differentLoss(points, outcomes);
  const report = await closer(
    points[at]!,
    chosenGradients(foreign, outcomes[at]!, options),
    reports[at]!,
    options,
  );
  const verdicts: Record<Verdict, number> = {
    correct: 0,
    "correct-at-kink": 0,
    inconclusive: 0,
    artefact: 0,
    bug: 0,
  };
  for (const r of reports) verdicts[r.verdict]++;
  const cases = points.map((point, n): Case => ({
    point,
    gradients: chosenGradients(foreign, outcomes[n]!, options),
  }));
  const failed = { point: points[at]!, gradients: wrongOf(cases[at]!.gradients, reports[at]!) };
  const diagnosis = isWrong(verdict) ? diagnose([failed, ...cases.filter((_, n) => n !== at)]) : undefined;
  return {
    verdict,
    ...(report.reason !== undefined && { reason: report.reason }),
    report,
    worst: at,
    points: points.length,
    verdicts,
    guards: mergeCoverage(reports.map((r) => r.guards)),
    ...(loss && { loss }),
    ...(diagnosis !== undefined && { diagnosis }),
    notes: foreign.held.map(
      (name) =>
        `${foreign.title} does not take ${name}: checked at ${name} = ${points[0]!.binding.arrays.get(name)!.data[0]}`,
    ),
  };
}

function chosenGradients(
  { title }: Foreign,
  { gradients }: Outcome,
  { wrt }: AgainstOptions,
): ReadonlyMap<string, Claim> {
  const missing = wrt?.find((name) => !gradients.has(name));
  if (missing !== undefined)
    throw new UserError(
      `${title} gives no gradient by ${missing}; it gives ${[...gradients.keys()].map((n) => `d${n}`).join(", ")}`,
    );
  return wrt === undefined ? gradients : new Map(wrt.map((name) => [name, gradients.get(name)!]));
}

/** Without difference quotients: many points are looked at, and one of them closely. */
function reportAt(
  point: Point,
  gradients: ReadonlyMap<string, Claim>,
  { seed, accept }: AgainstOptions,
): Report {
  const misshapen = misshapenReport(point, gradients, seed);
  return (
    misshapen ??
    inspect(point.program, {
      at: point.binding,
      gradients,
      numeric: false,
      seed,
      accept: accept ?? "clarke",
      ...(point.upstream && { upstream: point.upstream }),
    })
  );
}

async function closer(
  point: Point,
  gradients: ReadonlyMap<string, Claim>,
  report: Report,
  { seed, accept }: AgainstOptions,
): Promise<Report> {
  if (misshapenReport(point, gradients, seed) !== undefined) return report;
  const count = [...gradients.values()].reduce((n, { data }) => n + data.length, 0);
  const { program, binding, upstream } = point;
  return check(program, {
    at: binding,
    gradients,
    seed,
    accept: accept ?? "clarke",
    explain: count <= mostExplained,
    ...(upstream && { upstream }),
  });
}

/** A gradient of another shape than its input is wrong whatever its numbers are; told with both shapes. */
export function misshapenReport(
  point: Point,
  gradients: ReadonlyMap<string, Claim>,
  seed: number,
): Report | undefined {
  for (const [name, claim] of gradients) {
    const { shape } = point.binding.arrays.get(name)!;
    if (claim.shape.length === shape.length && claim.shape.every((size, axis) => size === shape[axis]))
      continue;
    const reason = `d${name} has the shape ${written(claim.shape)}, but ${name} has ${written(shape)}${transposedNote(point, name, claim)}`;
    const gradient = { verdict: "bug" as const, shape: claim.shape, coordinates: [] };
    const value = evaluate(point.program.definitions, point.binding, double).get(output(point.program).name)!;
    return {
      verdict: "bug",
      reason,
      value: isLayer(point.program) ? NaN : value.data[0]!,
      gradients: new Map([[name, gradient]]),
      guards: [],
      cost: { evaluations: 0, precise: 0, milliseconds: 0 },
      seed,
    };
  }
  return undefined;
}

const written = (shape: readonly number[]): string =>
  shape.length === 0 ? "of a number" : shape.join(" × ");

/** Whether the transpose is right is worth knowing. */
function transposedNote(point: Point, name: string, { shape, data }: Claim): string {
  const wanted = point.binding.arrays.get(name)!.shape;
  const [rows, columns] = shape;
  if (shape.length !== 2 || wanted.length !== 2 || rows !== wanted[1] || columns !== wanted[0]) return "";
  const turned = Array.from(
    { length: data.length },
    (_, n) => data[(n % rows!) * columns! + Math.floor(n / rows!)]!,
  );
  const { program, binding, upstream } = point;
  const gradients = new Map([[name, { shape: wanted, data: turned }]]);
  const { verdict } = inspect(program, {
    at: binding,
    gradients,
    numeric: false,
    ...(upstream && { upstream }),
  });
  return passes(verdict) ? "; its transpose is the gradient" : ", which is the transposed shape";
}

/** The first point at which the values differ by more than rounding. */
function differentLoss(points: readonly Point[], outcomes: readonly Outcome[]): AgainstReport["loss"] {
  for (const [n, { value: theirs }] of outcomes.entries()) {
    const { program, binding } = points[n]!;
    if (theirs === undefined || isLayer(program)) continue;
    const { tape, root } = trace(program, binding, [...points[n]!.wrt], undefined);
    const ours = tape.value[root]!;
    const differs =
      Number.isNaN(theirs) !== Number.isNaN(ours) ||
      Math.abs(theirs - ours) >
        valueMismatch * Math.max(Math.abs(theirs), Math.abs(ours)) + roundings * tape.error[root]!;
    if (differs) return { theirs, ours, point: n };
  }
  return undefined;
}
