/** What a check found, as text and as data. */
import { order, passes, type Verdict } from "../check/judge.ts";
import { unvisited } from "../check/coverage.ts";
import type { CoordinateReport, Report } from "../check/report.ts";
import type { Many } from "./check-many.ts";
import type { Ink } from "./ink.ts";

/** Coordinates to show of each gradient, the wrong ones first. */
const mostCoordinates = 6;

export function reportText(name: string, report: Report, paint: Ink): string {
  const { evaluations, precise } = report.cost;
  const work =
    precise > 0 ? `${evaluations} evaluations, ${precise} with many digits` : `${evaluations} evaluations`;
  return [
    `${verdictText(report.verdict, paint)}  ${name}${report.reason === undefined ? "" : `: ${report.reason}`}`,
    ...gradientLines(report, paint),
    paint.aside(`  ${work}, seed ${report.seed}`),
    "",
  ].join("\n");
}

/** How many points there were, in words. */
export const pointsText = (count: number): string => `${count} generated point${count === 1 ? "" : "s"}`;

export function manyText(name: string, many: Many, paint: Ink): string {
  const counts = order
    .flatMap((verdict) => (many.verdicts[verdict] > 0 ? [`${many.verdicts[verdict]} ${verdict}`] : []))
    .join(", ");
  const never = unvisited(many.guards);
  return [
    `${verdictText(many.verdict, paint)}  ${name} at ${pointsText(many.points)}: ${counts}`,
    ...(passes(many.verdict)
      ? []
      : [...reason(many.example.report), ...gradientLines(many.example.report, paint), again(many, paint)]),
    ...never.map(({ guard, side }) => paint.aside(`  no point has visited ${guard} ${side}`)),
    paint.aside(`  ${guardsText(many)}`),
    "",
  ].join("\n");
}

const again = ({ example }: Many, paint: Ink): string =>
  paint.aside(`  this point again: --seed ${example.seed} --points 1`);

const guardsText = ({ guards, verdicts }: Many): string => {
  const sides = guards.flatMap((guard) => guard.sides);
  const ties = guards.reduce((n, guard) => n + guard.ties, 0);
  if (guards.length === 0)
    return verdicts["correct-at-kink"] > 0 ? "no kinks but where a length is 0" : "no kinks";
  return `${sides.filter(({ visits }) => visits > 0).length} of ${sides.length} sides of its kinks visited, ${ties} times on a kink`;
};

const reason = ({ reason }: Report): readonly string[] => (reason === undefined ? [] : [`  ${reason}`]);

const verdictText = (verdict: Verdict, paint: Ink): string =>
  passes(verdict) ? paint.good(verdict) : paint.bad(verdict);

function gradientLines({ gradients }: Report, paint: Ink): readonly string[] {
  return [...gradients].flatMap(([name, { verdict, shape, coordinates }]) => {
    const head = `  ${paint.name(`d${name}`)}  ${shape.length === 0 ? "" : `${shape.join(" × ")}  `}${verdictText(verdict, paint)}`;
    const wrong = coordinates.filter((c) => !passes(c.verdict));
    const shown = wrong.length > 0 ? wrong : coordinates.filter((c) => c.verdict === "correct-at-kink");
    const more = shown.length > mostCoordinates ? [`    and ${shown.length - mostCoordinates} more`] : [];
    return [head, ...shown.slice(0, mostCoordinates).flatMap((c) => coordinateLines(name, c)), ...more];
  });
}

function coordinateLines(
  name: string,
  { at, analytic, expected, numeric, error, kink, reason, plain }: CoordinateReport,
): readonly string[] {
  const [low, high] = expected;
  const right = low === high ? `${shown(low)} is right` : `right is from ${shown(low)} to ${shown(high)}`;
  const quotient =
    numeric === undefined ? "" : `; difference quotient ${shown(numeric)} ± ${shown(error ?? 0)}`;
  return [
    `    ${name}${at.length === 0 ? "" : `[${at.join(",")}]`}  ${shown(analytic)}, ${reason ?? right}${quotient}`,
    ...(kink === undefined
      ? []
      : [
          `      kink: ${kink.guard} = ${shown(kink.value)}, slope ${shown(kink.left)} to the left, ${shown(kink.right)} to the right`,
        ]),
    ...(plain?.label === undefined
      ? []
      : [`      a step of ${plain.step} gives ${shown(plain.numeric)}: ${plain.label}`]),
  ];
}

const shown = (x: number): string => String(Number(x.toPrecision(10)));

export const reportJson = ({ gradients, ...rest }: Report): unknown => ({
  ...rest,
  gradients: Object.fromEntries(gradients),
});

export const manyJson = ({ verdict, verdicts, example, points, guards }: Many): unknown => ({
  verdict,
  reason: example.report.reason,
  gradients: Object.fromEntries(example.report.gradients),
  points,
  verdicts,
  seed: example.seed,
  guards,
  unvisited: unvisited(guards),
});
