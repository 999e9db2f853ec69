/** `dscore check LOSS --against CODE`: the gradient of somebody's function. */
import { checkAgainst, pointsFor, type AgainstReport } from "../check/against.ts";
import { unvisited } from "../check/coverage.ts";
import { openForeign, type Foreign } from "../check/foreign/foreign.ts";
import { order, passes } from "../check/judge.ts";
import type { Point } from "../check/point.ts";
import { output } from "../expr/program.ts";
import { pointsText, reportJson, reportText } from "./check-report.ts";
import { ink, type Ink } from "./ink.ts";
import type { Io } from "./io.ts";
import { writeJson } from "./json.ts";
import type { Loss } from "./loss.ts";

export interface AgainstCall {
  readonly against: string;
  readonly wrt: readonly string[] | undefined;
  readonly seed: number;
  /** How many points to generate, when no point is given. */
  readonly points: number;
  /** In seconds. */
  readonly timeLimit: number;
  readonly json: boolean;
}

/** `pointAt` is the point that was given, as a function of the inputs that the code gives gradients of; undefined to generate points. */
export async function againstCode(
  loss: Loss,
  call: AgainstCall,
  pointAt: (() => Point) | undefined,
  io: Io,
): Promise<number> {
  const { against, wrt, seed, points, timeLimit, json } = call;
  const foreign = await openForeign(against, loss.program, { timeLimit: timeLimit * 1000 });
  const at = pointAt === undefined ? await pointsFor(loss.program, foreign, points, seed) : [pointAt()];
  const found = await checkAgainst(foreign, at, { seed, wrt });
  if (json) writeJson(io, asJson(foreign, found));
  else io.out(asText(loss, foreign, found, pointAt === undefined, ink(io.colour.out)));
  return passes(found.verdict) ? 0 : 1;
}

const asJson = ({ title }: Foreign, { report, ...rest }: AgainstReport): unknown => ({
  ...(reportJson(report) as object),
  ...rest,
  against: title,
  unvisited: unvisited(rest.guards),
});

function asText(loss: Loss, foreign: Foreign, found: AgainstReport, generated: boolean, paint: Ink): string {
  const { notes, guards, points, verdicts, verdict } = found;
  const counts = order.flatMap((v) => (verdicts[v] > 0 ? [`${verdicts[v]} ${v}`] : [])).join(", ");
  const never = passes(verdict)
    ? unvisited(guards).map(({ guard, side }) => `no point has visited ${guard} ${side}`)
    : [];
  const where = generated ? [`  ${pointsText(points)}: ${counts}; point ${found.worst + 1}:`] : [];
  return [
    ...lossLines(loss, found, paint),
    ...(passes(verdict) || !generated ? [] : where),
    reportText(`${foreign.title} as the gradient of ${loss.name}`, found.report, paint).trimEnd(),
    ...(found.diagnosis === undefined ? [] : [`  ${paint.name(found.diagnosis)}`]),
    ...(passes(verdict) && generated ? [`  ${pointsText(points)}: ${counts}`] : []),
    ...[...never, ...notes].map((line) => paint.aside(`  ${line}`)),
    "",
  ].join("\n");
}

/** Another loss is told first: its gradient cannot be the same. */
function lossLines({ program }: Loss, { loss, points }: AgainstReport, paint: Ink): readonly string[] {
  if (loss === undefined) return [];
  const where = points === 1 ? "" : ` at point ${loss.point + 1}`;
  const theirs = shown(loss.theirs);
  return [
    `${paint.bad("another loss")}  your ${output(program).name} is ${theirs}, the definition's is ${shown(loss.ours)}${where}`,
  ];
}

const shown = (x: number): string => String(Number(x.toPrecision(10)));
