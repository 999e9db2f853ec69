/** From verdicts and evidence to what people read. */
import type { Evidence } from "./evidence.ts";
import { worst, type Judged } from "./judge.ts";
import { guardOf } from "./label.ts";
import { positionIn } from "./point.ts";
import type { CoordinateReport, GradientReport, KinkReport, PlainReport } from "./report.ts";
import type { Trace } from "./trace.ts";

/** The report on each array, with those of its coordinates that were chosen. */
export function gradientReports(
  traced: Trace,
  gradient: Float64Array,
  judged: readonly Judged[],
  chosen: readonly number[],
  found: ReadonlyMap<number, Evidence>,
): Map<string, GradientReport> {
  const reports = new Map<string, GradientReport>();
  for (const { name, shape, from, size } of traced.blocks) {
    const coordinates = chosen
      .filter((c) => c >= from && c < from + size)
      .map((c) =>
        coordinateReport(traced, positionIn(shape, c - from), gradient[c]!, judged[c]!, found.get(c)),
      );
    reports.set(name, { verdict: worst(coordinates.map((c) => c.verdict)), shape, coordinates });
  }
  return reports;
}

function coordinateReport(
  traced: Trace,
  at: readonly number[],
  analytic: number,
  { verdict, expected, slack, reason }: Judged,
  evidence: Evidence | undefined,
): CoordinateReport {
  const { measured, kink, plain } = evidence ?? {};
  return {
    at,
    verdict,
    ...(reason === undefined ? {} : { reason }),
    analytic,
    expected,
    slack,
    ...(measured && { numeric: measured.numeric, error: measured.error, step: measured.step }),
    ...(kink && { kink: kinkReport(traced, kink) }),
    ...(plain && { plain: plainReport(traced, plain) }),
  };
}

function kinkReport(traced: Trace, { node, ...sides }: NonNullable<Evidence["kink"]>): KinkReport {
  return { ...guardOf(traced, node), ...sides };
}

function plainReport(
  traced: Trace,
  { step, numeric, label, straddled }: NonNullable<Evidence["plain"]>,
): PlainReport {
  const guards = straddled.map(({ node, distance }) => ({ ...guardOf(traced, node), distance }));
  return { step, numeric, ...(label && { label }), ...(guards.length > 0 && { straddled: guards }) };
}
