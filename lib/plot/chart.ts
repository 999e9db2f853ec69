/** A chart: curves over two axes, with vertical marks and a legend; several of them make a picture. */
import { linear, logarithmic, type Scale } from "./scale.ts";
import { document, element, line, path, text } from "./svg.ts";

export interface Curve {
  readonly label: string;
  readonly points: readonly (readonly [number, number])[];
  readonly colour: string;
  readonly dashed?: boolean;
  /** Whether points are marked with dots. */
  readonly dots?: boolean;
}

/** A vertical line. Labels are numbers that a list below explains, or short texts. */
export interface Mark {
  readonly x: number;
  readonly label: string;
}

export interface Chart {
  readonly title: string;
  readonly x: { readonly label: string; readonly logarithmic?: boolean };
  readonly y: { readonly label: string };
  readonly curves: readonly Curve[];
  readonly marks?: readonly Mark[];
}

const width = 460;
const height = 320;
const margin = { top: 44, right: 18, bottom: 46, left: 78 };
const legend = height + 14;
const grey = "#888888";

/** Charts beside each other, with a heading above and lines of text below. */
export function picture(heading: string, charts: readonly Chart[], notes: readonly string[] = []): string {
  const [total, top] = [charts.length * width, 34];
  const drawn = charts.map((chart, n) =>
    element("g", { transform: `translate(${n * width},${top})` }, body(chart)),
  );
  const below = notes.map((note, n) =>
    text(margin.left / 2, top + height + legendHeight(charts) + 14 + 18 * n, note, { fill: "#333333" }),
  );
  return document(total, top + height + legendHeight(charts) + 18 * notes.length + 14, [
    text(total / 2, 24, heading, { "text-anchor": "middle", "font-size": 15, "font-weight": "bold" }),
    ...drawn,
    ...below,
  ]);
}

const legendHeight = (charts: readonly Chart[]): number =>
  14 + 20 * Math.max(0, ...charts.map((c) => c.curves.length));

function body(chart: Chart): readonly string[] {
  const xs = chart.curves.flatMap((c) => c.points.map(([x]) => x)).filter(Number.isFinite);
  const ys = chart.curves.flatMap((c) => c.points.map(([, y]) => y)).filter(Number.isFinite);
  const [left, right, top, bottom] = [margin.left, width - margin.right, margin.top, height - margin.bottom];
  const x =
    chart.x.logarithmic === true
      ? logarithmic(extremes(xs), [left, right])
      : linear(extremes(xs), [left, right]);
  const y = linear(padded(extremes(ys)), [bottom, top]);
  return [
    ...axes(chart, x, y),
    ...(chart.marks ?? []).flatMap(({ x: at, label }) => [
      line(x.position(at), top, x.position(at), bottom, { stroke: "#d95f02", "stroke-dasharray": "2,3" }),
      text(x.position(at), top - 5, label, { "text-anchor": "middle", fill: "#d95f02", "font-size": 11 }),
    ]),
    ...chart.curves.flatMap((curve) => drawn(curve, x, y)),
    ...chart.curves.flatMap(({ label, colour, dashed }, n) => [
      line(left, legend + 20 * n, left + 26, legend + 20 * n, stroke(colour, dashed)),
      text(left + 34, legend + 20 * n + 4, label),
    ]),
  ];
}

const extremes = (values: readonly number[]): readonly [number, number] => [
  Math.min(...values),
  Math.max(...values),
];

function padded([low, high]: readonly [number, number]): readonly [number, number] {
  const room = (high - low) * 0.08;
  return [low - room, high + room];
}

function drawn({ points, colour, dashed, dots }: Curve, x: Scale, y: Scale): readonly string[] {
  const places = points.map(([a, b]) => [x.position(a), y.position(b)] as const);
  const circles =
    dots === true
      ? places
          .filter(([, b]) => Number.isFinite(b))
          .map(([cx, cy]) => element("circle", { cx, cy, r: 2.6, fill: colour }))
      : [];
  return [path(places, stroke(colour, dashed)), ...circles];
}

const stroke = (colour: string, dashed = false): Record<string, string | number> => ({
  stroke: colour,
  "stroke-width": 1.8,
  ...(dashed && { "stroke-dasharray": "6,4" }),
});

function axes(chart: Chart, x: Scale, y: Scale): readonly string[] {
  const [left, right, top, bottom] = [margin.left, width - margin.right, margin.top, height - margin.bottom];
  return [
    text((left + right) / 2, top - 24, chart.title, { "text-anchor": "middle" }),
    ...x.ticks.flatMap(({ at, label }) => [
      line(at, top, at, bottom, { stroke: "#eeeeee" }),
      text(at, bottom + 16, label, { "text-anchor": "middle", "font-size": 11, fill: grey }),
    ]),
    ...y.ticks.flatMap(({ at, label }) => [
      line(left, at, right, at, { stroke: "#eeeeee" }),
      text(left - 6, at + 4, label, { "text-anchor": "end", "font-size": 11, fill: grey }),
    ]),
    element("rect", {
      x: left,
      y: top,
      width: right - left,
      height: bottom - top,
      fill: "none",
      stroke: "#bbbbbb",
    }),
    text((left + right) / 2, bottom + 36, chart.x.label, { "text-anchor": "middle" }),
    text(0, 0, chart.y.label, {
      "text-anchor": "middle",
      transform: `translate(16,${(top + bottom) / 2}) rotate(-90)`,
    }),
  ];
}
