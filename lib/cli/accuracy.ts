/** `dscore accuracy`: how many ulp the generated code is off, regime by regime. */
import { measure, type Accuracy, type Errors, type Measured } from "../accuracy/measure.ts";
import { picture } from "../accuracy/picture.ts";
import { regimes } from "../accuracy/regimes.ts";
import { differentiate } from "../diff/differentiate.ts";
import { UserError } from "../errors.ts";
import { ink } from "./ink.ts";
import type { Io } from "./io.ts";
import { toJson, writeJson } from "./json.ts";
import { readLoss, wanted } from "./loss.ts";
import { plotFile } from "./plot-file.ts";
import { shorten } from "../text/names.ts";
import { lossAbout, lossFlags, wrtFlag, type Call, type Verb } from "./verb.ts";

export const verb: Verb = {
  name: "accuracy",
  usage: "LOSS [--points N] [--seed N] [--wrt NAME…] [--plot FILE.svg|FILE.png]",
  about:
    "The error of generated code in ulp, worst and 99th percentile, by regime, beside the form as typed in.\n" +
    "Against the exact value of the definition at the doubles that go in: of a loss at one sample, from its scores on;\n" +
    "of a layer at four, its first input by the regime and all else of ordinary size.\n" +
    `${lossAbout}.`,
  operands: 1,
  flags: {
    ...lossFlags,
    points: { value: "N", about: "points a regime (default 200)" },
    seed: { value: "N", about: "the seed of the points (default 1)" },
    wrt: wrtFlag,
    plot: { value: "FILE", about: "where to draw a picture: .svg or .png" },
  },
  examples: ["dscore accuracy softmax", "dscore accuracy logistic --points 1000 --plot logistic.svg"],
  run,
};

async function run(call: Call, io: Io): Promise<number> {
  const loss = readLoss(call, io);
  const points = count(call, "points", 200, 1_000_000);
  const seed = count(call, "seed", 1, 2 ** 32 - 1);
  const wrt = wanted(call, loss);
  const draw = plotFile(call.value("plot"));
  const accuracy = await loss.within(() => {
    const derivation = differentiate(loss.program, { wrt });
    return measure(derivation, { points, seed, wrt: derivation.wrt });
  });
  await draw?.(picture(loss.name, accuracy));
  if (call.has("json")) writeJson(io, asJson(accuracy));
  else io.out(asText(loss.name, accuracy, io));
  return 0;
}

function count(call: Call, flag: string, otherwise: number, most: number): number {
  const text = call.value(flag);
  if (text === undefined) return otherwise;
  const n = Number(text);
  if (/^\d+$/u.test(text) && n <= most && (n > 0 || flag === "seed")) return n;
  throw new UserError(`--${flag} is "${shorten(text)}", not a whole number up to ${most}`, {
    fix: `--${flag} ${otherwise}`,
  });
}

const asJson = ({ stages, points, seed, rows }: Accuracy): unknown => ({
  inputs: stages,
  points,
  seed,
  errors: rows.map(({ regime, quantity, stable, naive }) => ({ regime, quantity, stable, naive })),
});

function asText(name: string, accuracy: Accuracy, io: Io): string {
  const paint = ink(io.colour.out);
  const { stages, points, seed, rows } = accuracy;
  const from = stages.length > 0 ? `, from ${stages.join(", ")} on` : "";
  const head = `${paint.heading(name)}${from}: error in ulp of one sample, ${points} points a regime, seed ${seed}`;
  const cells = [
    ["", "regime", "worst", "99 %", "by κ", "lost", "naive", "99 %", "lost"],
    ...rows.map((r, n) => [
      rows[n - 1]?.quantity === r.quantity ? "" : r.quantity,
      r.regime,
      ...figures(r.stable).toSpliced(2, 0, figure(r.stable.conditioned)),
      ...figures(r.naive),
    ]),
  ];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const lines = cells.map((row) =>
    row.map((cell, n) => (n < 2 ? cell.padEnd(widths[n]!) : cell.padStart(widths[n]!))).join("  "),
  );
  const about = regimes.map((r) => `  ${r.name.padEnd(8)}  ${r.about}`);
  return [
    head,
    "",
    paint.aside(lines[0]!),
    ...lines.slice(1),
    "",
    "by κ: the worst after errors above 4 ulp are divided by the condition number there, what a rounding of the inputs",
    "is multiplied by. lost: NaN, infinite or 0 where the value is none of these.",
    "",
    ...worstOf(rows),
    "",
    "where",
    ...about,
    "",
  ].join("\n");
}

const figures = ({ worst, p99, lost }: Errors): readonly string[] => [
  figure(worst),
  figure(p99),
  lost === 0 ? "" : String(lost),
];

const figure = (ulp: number): string =>
  ulp === Infinity ? "∞" : ulp < 1e4 ? ulp.toFixed(2) : ulp.toExponential(0);

/** The worst point of each quantity, to be given to `dscore eval --input`. */
function worstOf(rows: readonly Measured[]): readonly string[] {
  const quantities = [...new Set(rows.map((r) => r.quantity))];
  return quantities.flatMap((quantity) => {
    const worst = rows
      .filter((r) => r.quantity === quantity)
      .reduce((a, b) => (b.stable.worst > a.stable.worst ? b : a));
    const { condition } = worst.stable;
    const known =
      condition === undefined || condition < 2 ? "" : `; condition number κ = ${condition.toPrecision(2)}`;
    return [
      `worst of ${quantity}: ${figure(worst.stable.worst)} ulp (${worst.regime}${known}) at`,
      `  ${toJson(worst.stable.at)}`,
    ];
  });
}
