/**
 * Accuracy over many losses as their users write them (`spec/losses.ts`): which results of emitted code are lost
 * (NaN, infinite or 0 where the exact one is not), or off by more than rounding their inputs explains.
 *
 *   node --import tsx spec/bench/accuracy-wide.ts [POINTS] [NAME…]
 *
 * One line for each loss, quantity and regime that misses the bar; the last line counts.
 */
import { measure, type Measured } from "../../lib/accuracy/measure.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";
import { domainsOf } from "./draw.ts";
import { losses, type Loss } from "../losses.ts";

const [count = "40", ...names] = process.argv.slice(2);

/** Ulp, whatever the condition; and ulp for each unit of the condition number. */
const [mostUlp, mostByCondition] = [8, 8];

const misses = ({ stable }: Measured): boolean =>
  stable.lost > 0 || (stable.worst > mostUlp && stable.conditioned > mostByCondition);

async function missesOf(loss: Loss): Promise<readonly Measured[]> {
  const wrt = loss.wrt.split(" ");
  const derivation = differentiate(parse(loss.text), { wrt });
  const { rows } = await measure(derivation, { points: Number(count), seed: 5, wrt, from: domainsOf(loss) });
  return rows.filter(misses);
}

const wanted = losses.filter(({ name }) => names.length === 0 || names.includes(name));
const failing: string[] = [];
const figure = (ulp: number): string => (ulp < 1e4 ? ulp.toFixed(1) : ulp.toExponential(0));
for (const loss of wanted) {
  try {
    const rows = await missesOf(loss);
    if (rows.length > 0) failing.push(loss.name);
    for (const { quantity, regime, stable } of rows)
      console.log(
        `${loss.name.padEnd(26)} ${quantity.padEnd(8)} ${regime.padEnd(9)} worst ${figure(stable.worst)}, by κ ${figure(stable.conditioned)}, lost ${stable.lost}`,
      );
  } catch (error) {
    failing.push(loss.name);
    console.log(`${loss.name.padEnd(26)} ${error instanceof Error ? error.message : String(error)}`);
  }
}
console.log(
  `${failing.length} of ${wanted.length} losses miss somewhere at ${count} points a regime: ${failing.join(", ")}`,
);
