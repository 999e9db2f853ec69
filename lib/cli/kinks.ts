/** `dscore kinks`: why a gradient check fails here, and how often it would. */
import { bind } from "../bind.ts";
import { outputShape, type Point } from "../check/point.ts";
import { Random } from "../check/random.ts";
import { readArray } from "../bind/array.ts";
import { volume } from "../binding.ts";
import { UserError } from "../errors.ts";
import { output } from "../expr/program.ts";
import { instructivePoint, kinks, type KinksReport } from "../kinks/kinks.ts";
import { kinksPicture } from "../kinks/picture.ts";
import { plotFile } from "./plot-file.ts";
import { shorten } from "../text/names.ts";
import { ink, type Ink } from "./ink.ts";
import { inputFlag, only, readGiven } from "./inputs.ts";
import type { Io } from "./io.ts";
import { writeJson } from "./json.ts";
import { readLoss, wanted, type Loss } from "./loss.ts";
import { lossAbout, lossFlags, wrtFlag, type Call, type Verb } from "./verb.ts";

export const verb: Verb = {
  name: "kinks",
  usage: "LOSS [--input FILE] [--wrt NAME] [--delta …] [--step …] [--plot FILE.svg|FILE.png]",
  about: `Why a gradient check with a fixed step fails on LOSS, and how often it would.\n${lossAbout}.\nWithout --input, at a generated point with a kink in reach.`,
  operands: 1,
  flags: {
    ...lossFlags,
    input: inputFlag,
    wrt: { ...wrtFlag, about: "the array that the check would vary" },
    delta: {
      value: "NUMBER",
      many: true,
      about: "margins to compare, when the loss has one (default 0,0.001,0.1,1,10)",
    },
    step: {
      value: "NUMBER",
      many: true,
      about: "steps; the first is looked at (default 1e-5, and 1e-3 to 1e-8)",
    },
    plot: { value: "FILE", about: "where to draw the slice: .svg or .png" },
    seed: { value: "N", about: "of what is drawn at random (default 1)" },
  },
  examples: ["dscore kinks hinge --plot kinks.svg", "dscore kinks hinge --input point.json --step 1e-4"],
  run,
};

async function run(call: Call, io: Io): Promise<number> {
  const loss = readLoss(call, io);
  const steps = numbers(call, "step", (x) => x > 0, "a step above 0");
  const deltas = numbers(call, "delta", () => true, "a number");
  const step = steps[0] ?? 1e-5;
  const seed = numbers(call, "seed", (x) => Number.isInteger(x) && x >= 0, "a whole number")[0] ?? 1;
  const draw = plotFile(call.value("plot"));
  const wrt = weights(call, loss);
  const path = call.value("input");
  const found = loss.within(() => {
    const point =
      path === undefined
        ? instructivePoint(loss.program, wrt, deltas.at(-1) ?? 1, step, seed)
        : given(loss, wrt, path, io, seed);
    return kinks(point, {
      wrt,
      step,
      steps: steps.length > 1 ? steps : [1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8],
      deltas: deltas.length > 0 ? deltas : path === undefined ? [0, 1e-3, 0.1, 1, 10] : undefined,
      seed,
    });
  });
  await draw?.(kinksPicture(loss.name, found));
  if (call.has("json")) writeJson(io, asJson(found));
  else io.out(asText(loss, found, ink(io.colour.out)));
  return 0;
}

function numbers(call: Call, flag: string, fits: (x: number) => boolean, wanted: string): readonly number[] {
  if (!call.has(flag)) return [];
  const given = flag === "seed" ? [call.value(flag)!] : call.values(flag);
  return given.map((text) => {
    const x = text.trim() === "" ? NaN : Number(text);
    if (!Number.isFinite(x) || !fits(x))
      throw new UserError(`--${flag} is "${shorten(text)}", not ${wanted}`);
    return x;
  });
}

/** One array: that which is asked for, or the first that the catalogue or the loss has. */
function weights(call: Call, { program, ...loss }: Loss): string {
  const reals = program.inputs.filter((i) => i.type === "real").map((i) => i.name);
  const asked = wanted(call, { program, ...loss });
  if (call.has("wrt") && asked!.length > 1)
    throw new UserError(`--wrt names ${asked!.length} arrays, but the slice is along one`, {
      fix: `--wrt ${shorten(asked![0]!)}`,
    });
  const [first] =
    asked ?? program.inputs.filter((i) => i.type === "real" && i.shape.length > 0).map((i) => i.name);
  const name = first ?? reals[0];
  if (name === undefined || !reals.includes(name))
    throw new UserError(`${shorten(name ?? "nothing")} is not a real input of the loss`, {
      fix: `choose among ${reals.join(", ")}`,
    });
  return name;
}

function given({ program }: Loss, wrt: string, path: string, io: Io, seed: number): Point {
  const values = readGiven(path, io);
  const binding = bind(program, only(values, program.inputs));
  const shape = outputShape(program, binding);
  if (shape === undefined) return { program, binding, wrt: [wrt], upstream: undefined };
  const name = `d${output(program).name}`;
  const random = new Random(seed);
  const data = Object.hasOwn(values, name)
    ? readArray(name, values[name], shape.length, name).data
    : Float64Array.from({ length: volume(shape) }, () => random.normal());
  if (data.length !== volume(shape))
    throw new UserError(`${name} has ${data.length} values, but the layer's output has ${volume(shape)}`);
  return { program, binding, wrt: [wrt], upstream: { shape, data } };
}

function asJson({ slice, ...rest }: KinksReport): unknown {
  return { input: slice.input, at: slice.position, value: slice.value, ...rest };
}

function asText(loss: Loss, found: KinksReport, paint: Ink): string {
  const { slice, analytic, quotient, relativeError, kinks, below } = found;
  const hit = quotient.straddled > 0;
  const rows = kinks
    .slice(0, 8)
    .map(
      (k) =>
        `  ${k.guard} = ${shown(k.value)}\n      0 after ${shown(k.at)} along ${slice.name}; slope ${shown(k.left)} to the left, ${shown(k.right)} to the right${k.jump === 0 ? "" : `; the value jumps by ${shown(k.jump)}`}`,
    );
  return [
    `${paint.heading(`${loss.name} along ${slice.name}`)}  ${paint.aside(`${found.guards} ${found.guards === 1 ? "place" : "places"} where a branch is chosen`)}`,
    `  analytic slope       ${shown(analytic)}`,
    `  difference quotient  ${shown(quotient.numeric)}  with h = ${shown(quotient.step)}; relative error ${relativeError.toExponential(1)}`,
    ...(below === undefined
      ? []
      : [
          `                       ${shown(below.numeric)}  with h = ${shown(below.step)}, short of the nearest kink (rounding may be ${below.rounding.toExponential(0)})`,
        ]),
    "",
    paint.heading(
      hit
        ? `why: the step straddles ${quotient.straddled === 1 ? "a kink" : `${quotient.straddled} kinks`}`
        : "no kink is within the step; the nearest",
    ),
    ...rows,
    "",
    ...(hit ? worry(found, paint) : []),
    paint.heading("the simplest example"),
    "  f(x) = max(0, x) at x = −1e-6 has slope 0, but (f(x + h) − f(x − h)) / 2h is 0.45 for h = 1e-5",
    "",
    ...often(found, paint),
  ].join("\n");
}

/** Whether the mismatch is a reason to worry: not when a step short of the kink gives the analytic slope. */
function worry({ analytic, below, kinks }: KinksReport, paint: Ink): readonly string[] {
  const between = kinks.flatMap((k) => [k.left, k.right]);
  const [low, high] = [Math.min(...between), Math.max(...between)];
  const agrees =
    below !== undefined &&
    Math.abs(below.numeric - analytic) <= 4 * below.rounding + 1e-6 * Math.abs(analytic);
  if (kinks.some((k) => k.jump !== 0))
    return [
      paint.heading("to worry?"),
      "  no: at a jump there is no slope, and a quotient across it grows as its step shrinks",
      "",
    ];
  const answer = agrees
    ? "no: short of the kink both agree, and beyond it the quotient mixes the slopes of both sides"
    : below === undefined
      ? "no: on a kink every slope between both sides is right"
      : "perhaps: they disagree even short of the kink, so curvature or rounding has a part in it";
  return [paint.heading("to worry?"), `  ${answer} (${shown(low)} to ${shown(high)})`, ""];
}

const cell = (expected: number | undefined, measured: number): string =>
  `${expected === undefined ? "" : `${small(expected)} | `}${small(measured)}`;

function often({ frequency }: KinksReport, paint: Ink): readonly string[] {
  if (frequency === undefined) return [];
  const { margin, sigma, spread, rows } = frequency;
  const head = [margin ?? "", ...rows[0]!.cells.map((c) => `h = ${shown(c.step)}`)];
  const lines = [
    head,
    ...rows.map((row) => [
      row.delta === undefined ? "" : String(row.delta),
      ...row.cells.map((c) => cell(c.expected, c.measured)),
    ]),
  ];
  const widths = head.map((_, n) => Math.max(...lines.map((l) => l[n]!.length)));
  const what = rows[0]!.cells[0]!.expected === undefined ? "counted" : "by the formula | counted";
  return [
    paint.heading(
      `how often: kinks straddled per coordinate (${what}, weights redrawn ${frequency.draws} times)`,
    ),
    ...lines.map(
      (l) =>
        `  ${l
          .map((c, n) => c.padEnd(widths[n]!))
          .join("  ")
          .trimEnd()}`,
    ),
    ...(margin === undefined
      ? []
      : [
          paint.aside(
            `  weights of deviation ${shown(sigma)} spread the guards by ${shown(spread)} about ${margin}: far below that, ${margin} hardly matters; far above, nothing straddles`,
          ),
        ]),
    "",
  ];
}

const shown = (x: number): string =>
  Math.abs(x) < 1e-3 && x !== 0
    ? x.toExponential(5).replace(/\.?0+e/u, "e")
    : String(Number(x.toPrecision(6)));

const small = (x: number): string =>
  x === 0 ? "0" : x < 1e-3 ? x.toExponential(1) : String(Number(x.toPrecision(2)));
