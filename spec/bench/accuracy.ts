/**
 * The accuracy of every loss and layer of the catalogue, regime by regime: `npm run accuracy`, or
 * `npx tsx spec/bench/accuracy.ts 1000 softmax` for some points of one. With `--write` the table goes to ACCURACY.md.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { measure, type Errors, type Measured } from "../../lib/accuracy/measure.ts";
import { regimes } from "../../lib/accuracy/regimes.ts";
import { catalogue, type Entry } from "../../lib/catalogue.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { output } from "../../lib/expr/program.ts";
import { parse } from "../../lib/parse.ts";

const write = process.argv.includes("--write");
const [count = "10000", ...names] = process.argv.slice(2).filter((word) => word !== "--write");

/** A layer has at least ten results a point. */
const pointsOf = (entry: Entry): number =>
  output(parse(entry.text)).indices.length > 0 ? Math.ceil(Number(count) / 10) : Number(count);

const figure = (ulp: number): string => {
  if (ulp === Infinity) return "∞";
  return ulp < 1e4 ? ulp.toFixed(2) : ulp.toExponential(0);
};
const cells = ({ worst, p99, lost }: Errors): readonly string[] => [figure(worst), figure(p99), String(lost)];

const head = ["", "", "regime", "worst", "99 %", "by κ", "lost", "naive", "99 %", "lost"];
const lines: string[][] = [];
const print = (line: readonly string[]): void =>
  console.log(line.map((cell, n) => (n < 3 ? cell.padEnd(n === 0 ? 18 : 10) : cell.padStart(9))).join(" "));

console.log(
  `errors in ulp, ${count} points a regime for losses, a tenth of that for layers, which give many numbers a point`,
);
print(head);
for (const entry of catalogue()) {
  if (names.length > 0 && !names.includes(entry.name)) continue;
  const derivation = differentiate(parse(entry.text), { wrt: entry.wrt });
  const { rows } = await measure(derivation, { points: pointsOf(entry), seed: 1, wrt: entry.wrt });
  for (const row of rows) {
    const line = lineOf(entry.name, row);
    lines.push(line);
    print(line);
  }
}

function lineOf(name: string, { quantity, regime, stable, naive }: Measured): string[] {
  const [worst = "", p99 = "", lost = ""] = cells(stable);
  return [name, quantity, regime, worst, p99, figure(stable.conditioned), lost, ...cells(naive)];
}

if (write) {
  const file = new URL("../../ACCURACY.md", import.meta.url);
  const mark = "<!-- What follows is written by `npm run accuracy -- --write`. -->";
  const before = readFileSync(file, "utf8").split(mark)[0]!;
  const about = regimes.map((r) => `- \`${r.name}\`: ${r.about}`);
  const table = [
    head.with(0, "entry").with(1, "result"),
    head.map((_, n) => (n < 3 ? "---" : "---:")),
    ...lines,
  ];
  const text = [
    mark,
    "",
    `${count} points a regime for losses, a tenth of that for layers, which give many numbers a point; ${process.version}.`,
    "",
    ...about,
    "",
    "<!-- prettier-ignore-start -->",
    "",
    ...table.map((row) => `| ${row.join(" | ")} |`),
    "",
    "<!-- prettier-ignore-end -->",
    "",
  ];
  writeFileSync(file, before + text.join("\n"));
}
