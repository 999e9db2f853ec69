/**
 * What accuracy costs, over many losses as their users write them (`spec/losses.ts`): the stable kernel
 * against the form as typed in, turn by turn in one run, by the median of the quotients.
 *
 *   node --import tsx spec/bench/stable-wide.ts [--target js|wasm] [--turns N] [NAME…]
 */
import { parseArgs } from "node:util";
import { Random } from "../../lib/check/random.ts";
import { compile, type Kernel, type RawInputs } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";
import { naive } from "../../lib/stable/naive.ts";
import { losses, type Loss } from "../losses.ts";
import { drawInputs } from "./draw.ts";
import { median } from "./kernels/measure.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { target: { type: "string", default: "js" }, turns: { type: "string", default: "31" } },
});
const target = values.target === "wasm" ? "wasm" : "js";
const turns = Number(values.turns);

/** A call takes about this many milliseconds: the first axis is made as long as that needs. */
const [least, longest] = [1, 64_000];

/** How long each kernel runs before it is measured, in ms. */
const warm = 100;

function time(kernel: Kernel, given: RawInputs): number {
  const start = performance.now();
  kernel.run(given);
  return performance.now() - start;
}

/** Inputs for which one call of the kernel takes its time. */
function inputsFor(loss: Loss, kernel: Kernel): RawInputs {
  for (let N = 125; ; N *= 2) {
    const sizes = { N, C: 10, D: 20, K: 8, L: 8, M: 50, P: 30, Q: 8, T: 20, E: 10, H: 20 };
    const given = drawInputs(loss, sizes, new Random(7));
    time(kernel, given);
    if (time(kernel, given) > least || N >= longest) return given;
  }
}

function ratioOf(loss: Loss): number {
  const derivation = differentiate(parse(loss.text), { wrt: loss.wrt.split(" ") });
  const stable = compile(derivation, { style: "fused", target });
  const plain = compile(naive(derivation), { style: "fused", target, stable: false });
  const given = inputsFor(loss, plain);
  for (const kernel of [stable, plain]) for (let spent = 0; spent < warm;) spent += time(kernel, given);
  return median(Array.from({ length: turns }, () => time(stable, given) / time(plain, given)));
}

const wanted = losses.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const ratios = wanted
  .map((loss) => ({ name: loss.name, ratio: ratioOf(loss) }))
  .toSorted((a, b) => b.ratio - a.ratio);
for (const { name, ratio } of ratios) console.log(`${name.padEnd(26)} ${ratio.toFixed(2)}`);
const above = (bar: number): number => ratios.filter(({ ratio }) => ratio > bar).length;
const mean = Math.exp(ratios.reduce((sum, { ratio }) => sum + Math.log(ratio), 0) / ratios.length);
console.log(
  `${ratios.length} losses: geometric mean ${mean.toFixed(2)}, above 1.3: ${above(1.3)}, above 2: ${above(2)}`,
);
