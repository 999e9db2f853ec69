/** The slice through a kink as a picture: the loss along the coordinate, and the quotient's slope over the step. */
import { picture, type Chart } from "../plot/chart.ts";
import type { KinksReport } from "./kinks.ts";

const blue = "#1b6ca8";
const red = "#c1272d";
const green = "#2a8f4f";

/** Samples along the slice, between kinks. */
const samples = 160;

/** The picture as SVG. `title` is the name of the loss. */
export function kinksPicture(title: string, report: KinksReport): string {
  const { kinks, slice } = report;
  const notes = kinks
    .slice(0, 8)
    .map(
      (k, n) =>
        `kink ${n + 1}:  ${short(k.guard)} = 0, ${say(k.at)} away; slope ${say(k.left)} to the left, ${say(k.right)} to the right`,
    );
  return picture(`${title} along ${slice.name}`, [along(report), overSteps(report)], notes);
}

/** The loss minus its value at the point, so that small steps can be read. */
function along({ slice, analytic, quotient, kinks }: KinksReport): Chart {
  const { step } = quotient;
  const reach = 2 * Math.max(step, ...kinks.map((k) => Math.abs(k.at)));
  const ts = [
    ...Array.from({ length: samples + 1 }, (_, n) => reach * ((2 * n) / samples - 1)),
    ...kinks.map((k) => k.at),
  ].toSorted((a, b) => a - b);
  const rise = (t: number): number => slice.at(t) - slice.value;
  const [left, right] = [rise(-step), rise(step)];
  return {
    title: "the loss, and what the difference quotient sees",
    x: { label: `${slice.name} − its value` },
    y: { label: "loss − its value here" },
    curves: [
      { label: "loss", points: ts.map((t) => [t, rise(t)]), colour: blue },
      {
        label: `analytic slope ${say(analytic)}`,
        points: [
          [-reach, -reach * analytic],
          [reach, reach * analytic],
        ],
        colour: green,
        dashed: true,
      },
      {
        label: `difference quotient, h = ${say(step)}: ${say(quotient.numeric)}`,
        points: [
          [-step, left],
          [step, right],
        ],
        colour: red,
        dots: true,
      },
    ],
    marks: kinks
      .filter((k) => Math.abs(k.at) <= reach)
      .slice(0, 8)
      .map((k, n) => ({ x: k.at, label: String(n + 1) })),
  };
}

function overSteps({ slice, analytic, quotient, kinks }: KinksReport): Chart {
  const nearest = Math.abs(kinks[0]?.at ?? quotient.step);
  const [from, to] = [
    Math.min(-9, Math.floor(Math.log10(nearest)) - 2),
    Math.max(-2, Math.ceil(Math.log10(quotient.step)) + 2),
  ];
  const count = 12 * (to - from);
  const steps = Array.from({ length: count + 1 }, (_, n) => 10 ** (from + (n * (to - from)) / count));
  return {
    title: "the numeric slope as a function of the step",
    x: { label: "step h", logarithmic: true },
    y: { label: "slope" },
    curves: [
      { label: "numeric", points: steps.map((h) => [h, slice.quotient(h).numeric]), colour: red },
      {
        label: "analytic",
        points: [
          [steps[0]!, analytic],
          [steps.at(-1)!, analytic],
        ],
        colour: green,
        dashed: true,
      },
    ],
    marks: kinks
      .filter((k) => k.at !== 0 && Math.abs(k.at) <= steps.at(-1)!)
      .slice(0, 8)
      .map((k, n) => ({ x: Math.abs(k.at), label: String(n + 1) })),
  };
}

const short = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text);

function say(x: number): string {
  const text =
    Math.abs(x) < 1e-3 && x !== 0
      ? x.toExponential(3).replace(/\.?0+e/u, "e")
      : String(Number(x.toPrecision(4)));
  return text.replaceAll("-", "−");
}
