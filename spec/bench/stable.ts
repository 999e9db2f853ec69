/**
 * What accuracy costs: the stable kernel against the form as typed in, on ordinary inputs,
 * turn by turn in one run, by the median of the quotients. `npx tsx spec/bench/stable.ts`.
 */
import { catalogue } from "../../lib/catalogue.ts";
import { Random } from "../../lib/check/random.ts";
import { compile, type Kernel, type RawInputs } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";
import { naive } from "../../lib/stable/naive.ts";

const sizes: Readonly<Record<string, number>> = { N: 500, D: 200, C: 10 };

/** Shapes of inputs by the number of their axes, in the catalogue's own conventions. */
// prettier-ignore
const shapes: Readonly<Record<string, readonly (keyof typeof sizes)[]>> = {
  X: ["N", "D"], W: ["D", "C"], y: ["N"], s: ["N", "C"], A: ["N", "D"], B: ["N", "D"], P: ["N", "D"], Q: ["N", "D"],
};

const turns = 41;

/** How long each kernel runs before it is measured, in ms. */
const warm = 150;

const only = process.argv.slice(2);
for (const entry of catalogue()) {
  if (only.length > 0 && !only.includes(entry.name)) continue;
  const program = parse(entry.text);
  const derivation = differentiate(program, { wrt: entry.wrt });
  if (derivation.inputs.length !== program.inputs.length) continue; // a layer
  const random = new Random(7);
  const labels = program.inputs.some((i) => i.type === "int");
  const inputs: Record<string, RawInputs[string]> = {};
  for (const { name, type, shape } of program.inputs) {
    const own =
      shape.length === 0
        ? []
        : (shapes[name] ?? ["N", "C"])
            .slice(0, shape.length)
            .map((s) => (shape.length === 1 && !labels ? 50_000 : sizes[s]!));
    const length = own.reduce((n, size) => n * size, 1);
    if (own.length === 0) inputs[name] = 1;
    else if (type === "int")
      inputs[name] = { shape: own, data: Int32Array.from({ length }, () => random.int(0, 9)) };
    else if (name === "t")
      inputs[name] = { shape: own, data: Float64Array.from({ length }, () => random.int(0, 1)) };
    else
      inputs[name] = {
        shape: own,
        data: Float64Array.from({ length }, () => random.normal() * (name === "W" ? 0.05 : 1)),
      };
  }
  const stable = compile(derivation, { style: "fused" });
  const plain = compile(naive(derivation), { style: "fused", stable: false });
  const time = (kernel: Kernel): number => {
    const start = performance.now();
    kernel.run(inputs);
    return performance.now() - start;
  };
  for (const kernel of [stable, plain]) for (let spent = 0; spent < warm;) spent += time(kernel);
  const runs = Array.from({ length: turns }, () => [time(stable), time(plain)] as const);
  const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[turns >> 1]!;
  const ratio = median(runs.map(([a, b]) => a / b));
  console.log(
    `${entry.name.padEnd(18)} stable ${median(runs.map(([a]) => a)).toFixed(3)} ms, as typed in ${median(runs.map(([, b]) => b)).toFixed(3)} ms: ${ratio.toFixed(2)} times`,
  );
}
