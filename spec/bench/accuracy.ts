/** The accuracy of every loss of the catalogue, regime by regime. `npm run accuracy`, or `npx tsx spec/bench/accuracy.ts 1000 softmax`. */
import { measure } from "../../lib/accuracy/measure.ts";
import { catalogue } from "../../lib/catalogue.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { output } from "../../lib/expr/program.ts";
import { parse } from "../../lib/parse.ts";

const points = Number(process.argv[2] ?? 10_000);
const names = process.argv.slice(3);
const figure = (ulp: number): string =>
  (ulp === Infinity ? "∞" : ulp < 1e4 ? ulp.toFixed(2) : ulp.toExponential(0)).padStart(8);

console.log(
  `errors in ulp, ${points} points a regime: worst, 99th percentile, lost; κ is the condition number at the worst point`,
);
for (const { name, text, wrt } of catalogue()) {
  const program = parse(text);
  if (output(program).indices.length > 0 || (names.length > 0 && !names.includes(name))) continue;
  const { rows } = await measure(differentiate(program, { wrt }), { points, seed: 1, wrt });
  for (const { regime, quantity, stable, naive } of rows) {
    const known = stable.worst > 4 ? `  κ ${stable.condition?.toPrecision(2) ?? "∞"}` : "";
    console.log(
      `${name.padEnd(18)} ${quantity.padEnd(7)} ${regime.padEnd(9)} ${figure(stable.worst)} ${figure(stable.p99)} ${String(stable.lost).padStart(6)}   as typed in ${figure(naive.worst)} ${figure(naive.p99)} ${String(naive.lost).padStart(6)}${known}`,
    );
  }
}
